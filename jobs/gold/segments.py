"""Gold: the segments each customer is in, by the conditions in conf/segments.yaml, and when they were in which.

Reads   gold.customer_profile and the other tables that a condition may name, identity.customer_id_ledger
Writes  gold.segments, one row per customer and segment that they are in; a customer may be in several
        gold.segment_history, one row per customer, segment and period
"""

from collections.abc import Iterator
from datetime import date

from jobs.gold.membership import keeping
from jobs.gold.membership.definitions import segment_rules
from jobs.gold.membership.faults import first_fault
from jobs.gold.membership.members import example_rules, members, members_query
from jobs.gold.settings.segments import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = (
    "gold.customer_profile",
    "gold.customer_rfm",
    "gold.customer_value",
    "gold.life_cycle",
    "gold.behaviour_clusters",
    "identity.customer_id_ledger",
)
READS_PREVIOUS = ("gold.segments", "gold.segment_history")
WRITES = ("gold.segments", "gold.segment_history")
DEPENDS_ON_RUN_DATE = True
CONF = "segments"
FAULTS = "jobs.gold.membership.faults"

HISTORY = keeping.History(
    "gold.segment_history",
    "segment",
    ("valid_from", "valid_to", "end_reason", "unbroken_since", "current_customer_id"),
    before="gold.segments",
)
PRESENT = "SELECT customer_id, name AS segment, unbroken_since AS since FROM {state} WHERE valid_to IS NULL"
LINEAGE = {
    WRITES[0]: {"segment": ("gold.segment_history.segment",), "since": ("gold.segment_history.unbroken_since",)},
    WRITES[1]: dict.fromkeys(("segment", "valid_from", "unbroken_since"), ()),
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Put customers in segments; `since` stays while they remain in one, under whatever id."""
    rules = segment_rules(settings.segments)
    state = keeping.state(lake, HISTORY, rules, members(lake, rules, run_date), run_date)
    most = lake.row_count("gold.customer_profile") * max(1, len(rules))
    keeping.publish(lake, HISTORY, state, run_date)
    if not lake.publish("gold.segments", lake.rows(present_query(state), most), run_date).row_count:
        lake.note("gold.segments", "no customer meets a condition of conf/segments.yaml")
    elif empty := sorted({rule.name for rule in rules} - keeping.names(lake, state)):
        lake.note("gold.segments", f"nobody is in {', '.join(empty)}: the condition holds for no customer tonight")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job, with rules of every kind."""
    now = members_query([*segment_rules(settings.segments), *example_rules()[:1]], run_date)
    after, *others = keeping.history_queries(HISTORY, now, run_date)
    yield from (now, after, *others, present_query(after), keeping.names_query(after))


def present_query(state: Table) -> Query:
    """The rows of gold.segments."""
    return Query(PRESENT, {"state": state}, answers=WRITES[0])


def check(conf: Conf) -> None:
    """Stop before Spark starts where a condition cannot be used."""
    first_fault(conf, CONF)
