"""Activation: who is meant by each audience, which triggers fire, and what is left of them stage by stage.

Reads   gold.segments, gold.customer_profile, gold.life_cycle, gold.life_cycle_history, gold.due_now,
        gold.loyalty_balances, silver.orders, silver.interactions, silver.feedback, identity.customer_map,
        identity.golden_customers, activation.contactability, activation.contact_preferences,
        activation.message_definitions
Writes  activation.audiences, one row per audience and customer who may be contacted;
        activation.trigger_firings, one row per trigger, occasion and customer;
        activation.funnels, one row per night, audience or trigger, and stage
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

import pyarrow as pa

from jobs.activation.occasions import definitions, firing, funnel, passing
from jobs.activation.occasions.funnel import Funnel
from jobs.activation.settings.audiences import Audience, Message
from jobs.activation.settings.audiences import Settings as Settings
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.triggers import OWN_EVENTS, Trigger
from jobs.activation.settings.triggers import Settings as Triggers
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = (
    "gold.segments",
    "gold.customer_profile",
    "gold.life_cycle",
    "gold.life_cycle_history",
    "gold.due_now",
    "gold.loyalty_balances",
    "silver.orders",
    "silver.interactions",
    "silver.feedback",
    "identity.customer_map",
    "identity.golden_customers",
    "activation.contactability",
    "activation.contact_preferences",
    "activation.message_definitions",
)
READS_PREVIOUS = ("activation.trigger_firings", "activation.funnels")
WRITES = ("activation.audiences", "activation.trigger_firings", "activation.funnels")
DEPENDS_ON_RUN_DATE = True
CONF = ("audiences", "triggers", "contact_policy")
FAULTS = "jobs.activation.occasions.definitions"

AUDIENCES, FIRINGS, FUNNELS = WRITES
TABLES: dict[str, Table] = {name.split(".")[1]: name for name in (*READS[:13], FIRINGS)}
MEMBER = "name STRING, customer_id STRING, is_held_out BOOLEAN"
PLACE = "channel STRING, reached_account_id STRING, rule STRING, rule_reason STRING, stage_number INT"
OCCASION = "account_id STRING, occasion STRING, occasion_date DATE, occasion_until DATE, item STRING, evidence STRING"
MOST_TYPES = 1000  # exports name them
M = TypeVar("M", bound=Message)
LINEAGE = {
    AUDIENCES: {
        "audience": ("gold.segments.segment",),
        "version": (),
        "purpose": ("activation.contactability.purpose",),
    },
    FIRINGS: dict.fromkeys(("trigger", "fired_on", "version", "purpose"), ()),
    FUNNELS: {
        "customer_count": ("gold.segments.customer_id", "activation.contactability.customer_id"),
        "lost_to": ("activation.contactability.rule",),
        "*": (),
    },
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish audiences, firings and funnels; a note says at which stage an audience is empty."""
    policy, triggers = lake.conf.settings("contact_policy", Policy), lake.conf.settings("triggers", Triggers).triggers
    audiences, live = in_force(settings.audiences, run_date), in_force(triggers, run_date)
    customers = lake.row_count("identity.golden_customers")
    most, most_fired = customers * max(1, len(audiences)), customers * max(1, len(live))
    placed = lake.materialise(audience_query(audiences, policy, run_date), most)
    lake.publish(AUDIENCES, lake.rows(audience_rows_query(placed, audiences), most), run_date)
    fired = lake.materialise(firing_query(live, policy, run_date), most_fired)
    publish_firings(lake, lake.fetch(firing_rows_query(fired, live, run_date)), run_date)
    made = [*counted(lake, "audience", audiences, placed), *counted(lake, "trigger", live, fired)]
    lake.publish(FUNNELS, funnel.rows(run_date, made), run_date)
    for one in made:
        if one.kind == "audience" and one.note():
            lake.note(AUDIENCES, one.note())
    known = [row["interaction_type"] for row in lake.fetch(types_query()).to_pylist()]
    if note := unknown_events(live, known):
        lake.note(FIRINGS, note)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    policy, triggers = conf.settings("contact_policy", Policy), conf.settings("triggers", Triggers).triggers
    placed = audience_query(settings.audiences, policy, run_date)
    fired = firing_query(triggers, policy, run_date)
    yield from (placed, audience_rows_query(placed, settings.audiences))
    yield from (fired, firing_rows_query(fired, triggers, run_date), repeated_query(run_date), kept_query(run_date))
    yield from (counts_query(placed), lost_query(placed), types_query())


def in_force(messages: Mapping[str, M], run_date: date) -> dict[str, M]:
    """Those that are not over."""
    return {name: m for name, m in messages.items() if m.expires_on is None or m.expires_on > run_date}


def audience_query(audiences: Mapping[str, Audience], policy: Policy, run_date: date) -> Query:
    """Who is meant by each audience, with the best channel and the stage that they reach."""
    names = ("segments", "customer_profile", "contactability", "contact_preferences")
    tables: dict[str, Table] = {**{name: TABLES[name] for name in names}, **passing.tables(audiences)}
    steps = {"members": firing.audience_members_sql(audiences, policy, run_date)}
    return Query(passing.placed_sql("members"), tables, steps, answers=f"{MEMBER}, segment STRING, {PLACE}")


def firing_query(triggers: Mapping[str, Trigger], policy: Policy, run_date: date) -> Query:
    """Tonight's firings, with the best channel and the stage that each reaches."""
    tables: dict[str, Table] = {**TABLES, **passing.tables(triggers)}
    steps = firing.steps(dict(triggers), policy, run_date)
    return Query(passing.placed_sql("fired"), tables, steps, answers=f"{MEMBER}, {OCCASION}, {PLACE}")


def audience_rows_query(placed: Table, audiences: Mapping[str, Audience]) -> Query:
    """The rows of activation.audiences: who may be contacted, and the control."""
    sql = """
    SELECT p.name AS audience, p.customer_id, p.channel, p.reached_account_id AS account_id, w.version, w.purpose,
           p.is_held_out, concat('in segment ', p.segment, '; ', p.rule_reason) AS reason
    FROM {placed} p JOIN {message_ways} w ON w.name = p.name WHERE p.rule = 'allowed'"""
    return Query(sql, {"placed": placed, **passing.tables(audiences)}, answers=AUDIENCES)


FIRED = """
    SELECT p.name AS trigger, p.occasion, p.customer_id, p.account_id, DATE '{run_date}' AS fired_on, p.occasion_date,
           p.occasion_until, p.item, w.version, w.purpose, p.is_held_out, p.evidence
    FROM {{placed}} p JOIN {{message_ways}} w ON w.name = p.name"""


def firing_rows_query(placed: Table, triggers: Mapping[str, Trigger], run_date: date) -> Query:
    """The rows that tonight adds to activation.trigger_firings."""
    tables: dict[str, Table] = {"placed": placed, **passing.tables(triggers)}
    return Query(FIRED.format(run_date=run_date), tables, answers=FIRINGS)


def kept_query(run_date: date) -> Query:
    """The firings of all other nights."""
    return Query(f"SELECT * FROM {{firings}} WHERE fired_on <> DATE '{run_date}'", {"firings": FIRINGS})


def repeated_query(run_date: date) -> Query:
    """How many firings this night has written before."""
    sql = f"SELECT count(*) AS row_count FROM {{firings}} WHERE fired_on = DATE '{run_date}'"
    return Query(sql, {"firings": FIRINGS}, answers="row_count BIGINT")


def publish_firings(lake: Lake, fired: pa.Table, run_date: date) -> None:
    """Add tonight's firings; a night that is repeated takes back those that it wrote before."""
    if not lake.fetch(repeated_query(run_date))["row_count"][0].as_py():
        lake.publish(FIRINGS, fired, run_date, mode="append")
        return
    others = lake.fetch(kept_query(run_date)).select(fired.column_names).cast(fired.schema)
    lake.publish(FIRINGS, pa.concat_tables([others, fired]), run_date, mode="replace")


def counted(lake: Lake, kind: str, names: Iterable[str], placed: Table) -> list[Funnel]:
    """The funnels of the audiences or triggers."""
    counts, lost = (lake.fetch(query).to_pylist() for query in (counts_query(placed), lost_query(placed)))
    return funnel.funnels(kind, names, counts, lost)


def counts_query(placed: Table) -> Query:
    """Customers who reach each stage."""
    columns = "name STRING, stage_number INT, customer_count BIGINT"
    return Query(passing.counts_sql(), {"placed": placed}, answers=columns)


def types_query() -> Query:
    """What exports call their interactions."""
    sql = f"SELECT DISTINCT interaction_type FROM {{interactions}} ORDER BY interaction_type LIMIT {MOST_TYPES}"
    return Query(sql, {"interactions": "silver.interactions"}, answers="interaction_type STRING")


def unknown_events(triggers: Mapping[str, Trigger], known: Sequence[str]) -> str:
    """A sentence about triggers whose events no export brings, so that they never fire; "" for none."""
    waits: dict[str, list[str]] = {}
    for name, trigger in triggers.items():
        for event in trigger.events:
            if event not in (*OWN_EVENTS, *known):
                waits.setdefault(event, []).append(name)
    if not waits:
        return ""
    said = "; ".join(f"{event} ({', '.join(names)})" for event, names in waits.items())
    return f"no export brings events that triggers ask for: {said}; interactions are {', '.join(known) or 'none'}"


def lost_query(placed: Table) -> Query:
    """Customers who were held back, and by which rule."""
    columns = "name STRING, stage_number INT, rule STRING, customer_count BIGINT"
    return Query(passing.lost_sql(), {"placed": placed}, answers=columns)


def check(conf: Conf) -> None:
    """Stop before Spark starts where a condition cannot be used."""
    for subject in CONF[:2]:
        definitions.first_fault(conf, subject)
