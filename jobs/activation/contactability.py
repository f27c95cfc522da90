"""Activation: for what, and by which channel, each customer may be contacted tonight, and the rule that decides.

Reads   identity.customer_map, identity.golden_customers, silver.consents, silver.interactions, silver.feedback,
        gold.segments, gold.customer_profile, activation.deliveries, activation.delivery_runs; activation.decisions of
        earlier nights
Writes  activation.contactability, one row per customer, purpose and channel that reaches them
"""

from collections.abc import Iterator
from datetime import date

from jobs.activation.contact import policy_tables, rules
from jobs.activation.settings.contact_policy import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = (
    "identity.customer_map",
    "identity.golden_customers",
    "silver.consents",
    "silver.interactions",
    "silver.feedback",
    "gold.segments",
    "gold.customer_profile",
    "activation.deliveries",
    "activation.delivery_runs",
)
READS_PREVIOUS = ("activation.decisions",)
WRITES = "activation.contactability"
DEPENDS_ON_RUN_DATE = True
CONF = "contact_policy"
MOST_NAMES = 1000  # purposes that consents are for, in a note
TABLES: dict[str, Table] = {name.split(".")[1]: name for name in (*READS, *READS_PREVIOUS)}
LINEAGE = {WRITES: {"purpose": (), "channel": (), "consent": ("silver.consents.purpose",)}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish who may be contacted; a note says which consents nobody gave."""
    ways = len(settings.purposes) * len(settings.channels)
    most = lake.row_count("identity.golden_customers") * ways
    lake.publish(WRITES, lake.rows(contactability_query(run_date, settings), most), run_date)
    if not lake.exists("silver.consents"):
        lake.note(WRITES, "no export has target silver.consents: without consent nobody may be written to")
        return
    given = sorted(row["purpose"] for row in lake.fetch(purposes_query()).to_pylist() if row["purpose"] is not None)
    for name, purpose in settings.purposes.items():
        if purpose.needs_consent and not set(given) & set(purpose.consents):
            asked, known = ", ".join(purpose.consents), ", ".join(given) or "nothing at all"
            lake.note(
                WRITES, f"nobody may be contacted for {name}: no consent is for {asked}; consents are for {known}"
            )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (contactability_query(run_date, settings), purposes_query())


def contactability_query(run_date: date, settings: Settings) -> Query:
    """The table's rows."""
    tables = {**TABLES, **policy_tables.tables(settings, run_date)}
    return Query(rules.contactability_sql(settings, run_date), tables, rules.steps(settings, run_date), answers=WRITES)


def purposes_query() -> Query:
    """The purposes that consents are for, as exports say it."""
    sql = f"SELECT DISTINCT purpose FROM {{consents}} LIMIT {MOST_NAMES}"
    return Query(sql, {"consents": "silver.consents"}, answers="purpose STRING")
