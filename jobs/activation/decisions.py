"""Activation: who hears what tonight, who does not, and the rule that decided.

Reads   gold.segments, gold.customer_profile, gold.recommendations, gold.due_now, identity.customer_map,
        identity.golden_customers, activation.contactability, activation.contact_preferences,
        activation.trigger_firings, activation.deliveries, activation.delivery_runs; gold.retention_actions and its own
        rows of earlier nights
Writes  activation.decisions, one row per night, customer and candidate for a message
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.activation.audiences import in_force
from jobs.activation.contact import clocks
from jobs.activation.deciding import candidates, outcomes, sending
from jobs.activation.occasions import passing
from jobs.activation.settings.audiences import Message
from jobs.activation.settings.audiences import Settings as Audiences
from jobs.activation.settings.contact_policy import Settings as Settings
from jobs.activation.settings.offers import Settings as Offers
from jobs.activation.settings.triggers import Settings as Triggers
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, Table

READS = (
    "gold.segments",
    "gold.customer_profile",
    "gold.recommendations",
    "gold.due_now",
    "identity.customer_map",
    "identity.golden_customers",
    "activation.contactability",
    "activation.contact_preferences",
    "activation.trigger_firings",
    "activation.deliveries",
    "activation.delivery_runs",
)
READS_PREVIOUS = ("activation.decisions", "gold.retention_actions")
WRITES = "activation.decisions"
DEPENDS_ON_RUN_DATE = True
CONF = ("contact_policy", "audiences", "triggers", "offers", "cleaning")
TABLES: dict[str, Table] = {name.split(".")[1]: name for name in (*READS, *READS_PREVIOUS)}
OF_CONF = ("run_date", "kind", "name", "version", "purpose", "content", "priority", "control_share")
LINEAGE = {WRITES: dict.fromkeys((*OF_CONF, "send_from", "send_until"), ())}
WIDEST_GAP = 0.01  # a choice that may be further from the best one is told


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Decide, and keep each candidate's outcome.

    Raises:
        LakehouseError: there are more candidates than conf allows.
    """
    chosen = messages(lake.conf, run_date)
    found = lake.fetch(candidate_query(lake.conf, run_date, settings))
    if found.num_rows > settings.max_candidates:
        what = f"{found.num_rows:,} candidates in a night, and max_candidates is {settings.max_candidates:,}"
        raise LakehouseError(what, "conf/contact_policy.yaml", "narrow the audiences, or raise the limit")
    ordered = outcomes.ordered(found)
    choice = outcomes.choose(ordered, capacities(settings, chosen))
    note_clocks(lake, settings)
    if choice.gap > WIDEST_GAP:
        lake.note(WRITES, f"the choice may bring up to {choice.gap:.1%} less than the best one")
    decided = with_choice(ordered, choice)
    publish(lake, lake.fetch(rows_query(decided, run_date, settings, lake.conf)), run_date)
    counts = ordered.num_rows and sum(choice.winner >= 0)
    if not counts:
        lake.note(WRITES, "nobody is written to tonight: see activation.funnels for the stage that stops each message")


def note_clocks(lake: Lake, settings: Settings) -> None:
    """Say how many customers live where no zone is told."""
    if not settings.zones:
        return
    count = lake.fetch(clocks.without_zone_query(settings, lake.conf))["customer_count"][0].as_py()
    if count:
        whose = f"the company's ({lake.conf.profile.business_time_zone}) is theirs"
        lake.note(WRITES, f"customers for whose address zones of contact_policy.yaml has no clock: {count:,}; {whose}")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    found = candidate_query(conf, run_date, settings)
    yield from (found, repeated_query(run_date), kept_query(run_date), clocks.without_zone_query(settings, conf))
    yield rows_query(made(found), run_date, settings, conf)


def made(found: Query) -> Made:
    """What `with_choice` makes of the candidates, for a check."""
    columns = dict(one.split(" ") for one in str(found.answers).split(", "))
    own = {"place": "BIGINT", "outcome": "STRING", "winner": "BIGINT", "net": "DOUBLE"}
    customers = ("identity.golden_customers.customer_id",)
    sources = {
        **dict.fromkeys(("occasion", "item"), ("activation.trigger_firings.occasion",)),
        "customer_id": customers,
        "account_id": ("activation.contactability.account_id",),
        "channel": ("activation.contactability.channel",),
        **dict.fromkeys(("value", "cost"), ("gold.customer_profile.average_order",)),
        **dict.fromkeys(("rule", "told", "why", "outcome"), ("activation.contactability.rule",)),
    }
    return Made(columns | own, sources)


def messages(conf: Conf, run_date: date) -> dict[str, dict[str, Any]]:
    """The audiences, triggers and offers that are not over: kind -> name -> message."""
    return {
        "audience": in_force(conf.settings("audiences", Audiences).audiences, run_date),
        "trigger": in_force(conf.settings("triggers", Triggers).triggers, run_date),
        "offer": in_force(conf.settings("offers", Offers).offers, run_date),
    }


def candidate_query(conf: Conf, run_date: date, settings: Settings) -> Query:
    """Tonight's candidates."""
    known = messages(conf, run_date)
    every: dict[str, Message] = {name: message for of in known.values() for name, message in of.items()}
    tables: dict[str, Table] = {
        **TABLES,
        "names": names(conf, run_date, settings),
        "channels": candidates.channels(settings),
        **passing.tables(every),
        **clocks.tables(settings, conf),
    }
    steps = candidates.steps(known["audience"], known["trigger"], known["offer"], settings, run_date)
    sql = candidates.candidates_sql(run_date, settings.margin_share)
    return Query(sql, tables, steps, answers=candidates.ANSWER)


def names(conf: Conf, run_date: date, settings: Settings) -> pa.Table:
    """What decides the value of each message, and what is said of it."""
    known = messages(conf, run_date)
    listed = [row for kind, of in known.items() for row in candidates.names(kind, of, settings)]
    return pa.Table.from_pylist(listed, candidates.NAMES)


def capacities(settings: Settings, known: dict[str, dict[str, Any]]) -> outcomes.Capacities:
    """Messages in a night, by channel and by message."""
    limits = {
        f"{kind} {name}": float(m.capacity_per_night)
        for kind, of in known.items()
        for name, m in of.items()
        if m.capacity_per_night is not None
    }
    return outcomes.Capacities({n: float(c.capacity_per_night) for n, c in settings.channels.items()}, limits)


def with_choice(ordered: pa.Table, choice: outcomes.Choice) -> pa.Table:
    """The candidates with place, outcome and winner."""
    columns = {"place": pa.array(range(ordered.num_rows), pa.int64()), "outcome": choice.outcome}
    for name, values in {**columns, "winner": pa.array(choice.winner, pa.int64())}.items():
        ordered = ordered.append_column(name, values)
    return ordered


def rows_query(decided: Table, run_date: date, settings: Settings, conf: Conf) -> Query:
    """The table's rows."""
    zone = conf.profile.business_time_zone
    tables: dict[str, Table] = {
        "decided": decided,
        "names": names(conf, run_date, settings),
        "windows": sending.windows(settings.channels, settings.zones.values(), run_date, zone),
    }
    return Query(outcomes.rows_sql(run_date, zone), tables, answers=WRITES)


def kept_query(run_date: date) -> Query:
    """The decisions of all other nights."""
    return Query(f"SELECT * FROM {{decisions}} WHERE run_date <> DATE '{run_date}'", {"decisions": WRITES})


def repeated_query(run_date: date) -> Query:
    """How many decisions this night has written before."""
    sql = f"SELECT count(*) AS row_count FROM {{decisions}} WHERE run_date = DATE '{run_date}'"
    return Query(sql, {"decisions": WRITES}, answers="row_count BIGINT")


def publish(lake: Lake, rows: pa.Table, run_date: date) -> None:
    """Add tonight's decisions; a night that is repeated replaces those that it wrote before."""
    if not lake.fetch(repeated_query(run_date))["row_count"][0].as_py():
        lake.publish(WRITES, rows, run_date, mode="append")
        return
    others = lake.fetch(kept_query(run_date)).select(rows.column_names).cast(rows.schema)
    lake.publish(WRITES, pa.concat_tables([others, rows]), run_date, mode="replace")
