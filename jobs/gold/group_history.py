"""Gold: who was in which RFM segment and behaviour cluster on which days.

Reads   gold.customer_rfm, gold.behaviour_clusters, identity.customer_id_ledger
Writes  gold.group_history, one row per customer, dimension and stretch of days in one group

States have gold.life_cycle_history, rule segments gold.segment_history.
"""

from collections.abc import Iterator
from datetime import date

from jobs.gold.histories import values
from lakehouse.config.layers import Conf, Profile
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = ("gold.customer_rfm", "gold.behaviour_clusters", "identity.customer_id_ledger")
READS_PREVIOUS = ("gold.group_history",)
WRITES = "gold.group_history"
DEPENDS_ON_RUN_DATE = True

TABLES = {"customer_rfm": READS[0], "behaviour_clusters": READS[1]}
SPEC = values.HistorySpec(WRITES, key=("dimension", "customer_id"), values=("name",))
TONIGHT = """
    SELECT 'rfm_segment' AS dimension, customer_id, rfm_segment AS name FROM {customer_rfm}
    UNION ALL SELECT 'cluster' AS dimension, customer_id, cluster AS name FROM {behaviour_clusters}"""
LINEAGE = {WRITES: {"dimension": (), "valid_from": (), "valid_to": ()}}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Merge what changed since the night before."""
    most = 2 * lake.row_count("gold.customer_rfm")  # a row that ends and one that begins
    night = night_query(run_date, values.older_rows(lake, SPEC))
    if not values.publish_night(lake, night, most, run_date, SPEC) and not lake.row_count("gold.customer_rfm"):
        lake.note(WRITES, "no customer is in an RFM segment or a cluster yet")


def queries(conf: Conf, run_date: date, _profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield night_query(run_date)


def night_query(run_date: date, old: Table | None = None) -> Query:
    """The rows to write.

    Args:
        old: the answer of `values.older_rows`.
    """
    return values.night_query(run_date, SPEC, TABLES, {"tonight": TONIGHT}, old)
