"""Gold: what each customer of the loyalty programme has and is about to lose, which tier, since when and for how long.

Reads   gold.loyalty_ledger, identity.customer_map; its own tiers of earlier nights
Writes  gold.loyalty_tiers, one row per customer and stay in a tier;
        gold.loyalty_balances, one row per customer who has ever had points
"""

from collections.abc import Iterator
from datetime import date

from jobs.gold.loyalty import tiers
from jobs.gold.settings.loyalty import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = ("gold.loyalty_ledger", "identity.customer_map")
READS_PREVIOUS = ("gold.loyalty_tiers",)
WRITES = ("gold.loyalty_tiers", "gold.loyalty_balances")
DEPENDS_ON_RUN_DATE = True
CONF = "loyalty"
TIERS, BALANCES = WRITES
OWN: dict[str, tuple[str, ...]] = {"control_share": (), "valid_from": ()}
OF_TIERS = ("gold.loyalty_ledger.points", "gold.loyalty_tiers.tier")
LINEAGE = {
    TIERS: {**dict.fromkeys(("tier", "came_from", "move", "kept_until", "is_held_out"), OF_TIERS), **OWN},
    BALANCES: {**dict.fromkeys(("tier", "next_tier", "tier_since", "tier_kept_until", "is_held_out"), OF_TIERS)},
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish tiers and balances; without an entry in the ledger both are empty."""
    if not lake.row_count("gold.loyalty_ledger"):
        for table in WRITES:
            lake.note(table, "nobody has had a point: see the note of gold.loyalty_ledger")
            if not lake.is_current(table):
                lake.publish(table, arrow_schema(lake.contracts[table]).empty_table(), run_date)
        return
    most = lake.row_count("identity.customer_map") + lake.row_count(TIERS)
    standing = lake.materialise(standing_query(run_date, settings), most)
    stays = lake.rows(stays_query(standing, run_date, settings), most)
    lake.publish(BALANCES, lake.rows(balances_query(standing, run_date, settings), most), run_date)
    lake.publish(TIERS, stays, run_date)
    if not settings.tiers:
        lake.note(TIERS, "conf/loyalty.yaml names no tiers")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    standing = standing_query(run_date, settings)
    yield from (standing, stays_query(standing, run_date, settings), balances_query(standing, run_date, settings))


def tables(settings: Settings) -> dict[str, Table]:
    """The tables behind the stays."""
    return {
        "former_tiers": TIERS,
        "customer_map": "identity.customer_map",
        "tier_rules": tiers.rules(settings),
    }


def standing_query(run_date: date, settings: Settings) -> Query:
    """Each customer with points: what is left, the tier of tonight, and the stay that it continues."""
    known: dict[str, Table] = {**tables(settings), "ledger": "gold.loyalty_ledger"}
    steps = tiers.steps(settings, run_date)
    return Query(tiers.standing_sql(settings, run_date), known, steps, answers=tiers.STANDING)


def stays_query(standing: Table, run_date: date, settings: Settings) -> Query:
    """The rows of gold.loyalty_tiers."""
    known: dict[str, Table] = {**tables(settings), "standing": standing}
    return Query(tiers.stays_sql(run_date), known, tiers.stay_steps(run_date), answers=TIERS)


def balances_query(standing: Table, run_date: date, settings: Settings) -> Query:
    """The rows of gold.loyalty_balances."""
    return Query(tiers.balances_sql(run_date, settings), {"standing": standing}, answers=BALANCES)
