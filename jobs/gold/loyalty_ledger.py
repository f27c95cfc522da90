"""Gold: each point of the loyalty programme, from its coming to its going, and what the company owes for points a day.

Reads   silver.orders, silver.order_lines, silver.products, silver.interactions, silver.points_movements,
        identity.customer_map; its own rows of earlier nights
Writes  gold.loyalty_ledger, one row per entry: points of one lot that a movement adds, takes or moves;
        gold.loyalty_liability, one row per night
"""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from jobs.gold.loyalty import liability, movements, taking
from jobs.gold.settings.loyalty import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = (
    "silver.orders",
    "silver.order_lines",
    "silver.products",
    "silver.interactions",
    "silver.points_movements",
    "identity.customer_map",
)
READS_PREVIOUS = ("gold.loyalty_ledger", "gold.loyalty_liability")
WRITES = ("gold.loyalty_ledger", "gold.loyalty_liability")
DEPENDS_ON_RUN_DATE = True
CONF = "loyalty"
LEDGER, LIABILITY = WRITES
NO_PROGRAMME = "there is no loyalty programme: nothing in conf/loyalty.yaml earns or costs points"
TABLES: dict[str, Table] = {name.split(".")[1]: name for name in READS}
LINEAGE = {
    LEDGER: {
        "posted_on": (),
        "event": ("silver.orders.order_type", "silver.points_movements.movement_type"),
        "points": ("silver.orders.total_cents", "silver.order_lines.sales_cents", "silver.points_movements.points"),
        "expires_on": ("silver.orders.order_date", "silver.points_movements.expires_date"),
        "amount_cents": ("silver.orders.total_cents",),
    },
    LIABILITY: {"run_date": (), "*": ("gold.loyalty_ledger.points",)},
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Post what moved points, and add up; without a programme what there is stays as it is.

    Raises:
        LakehouseError: more was taken of some points than there were.
    """
    if not settings.has_programme:
        without_programme(lake, run_date)
        return
    most = 2 * (lake.row_count("silver.orders") + lake.row_count("silver.points_movements"))  # each comes and goes once
    posted = lake.materialise(entries_query(run_date, settings), most)
    sums = lake.fetch(sums_query(posted, run_date)).to_pylist()[0]
    if sums["least_left"] < 0:
        raise LakehouseError(
            f"{-sums['least_left']} more points were taken than there were", LEDGER, "this is an error"
        )
    repeats = lake.fetch(repeated_query(run_date))["row_count"][0].as_py()
    if repeats:
        whole = lake.rows(with_kept_query(posted, run_date), most + lake.row_count(LEDGER))
    else:
        whole = lake.rows(posted_query(posted), most)
    lake.publish(LEDGER, whole, run_date, mode="replace" if repeats else "append")
    rows = pa.Table.from_pylist([liability.row(sums, run_date, settings)], arrow_schema(lake.contracts[LIABILITY]))
    lake.publish(LIABILITY, rows, run_date)
    if not sums["closing_points"] and not sums["earn_points"]:
        lake.note(LEDGER, "no points yet: nothing has moved any since starts_on, or no account of an order is known")


def without_programme(lake: Lake, run_date: date) -> None:
    """Empty tables where there are none yet."""
    for table in WRITES:
        lake.note(table, NO_PROGRAMME)
        if not lake.is_current(table) and not lake.row_count(table):
            lake.publish(table, arrow_schema(lake.contracts[table]).empty_table(), run_date, mode="replace")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    posted = entries_query(run_date, settings)
    yield from (posted, sums_query(posted, run_date), repeated_query(run_date))
    yield from (posted_query(posted), with_kept_query(posted, run_date))


def entries_query(run_date: date, settings: Settings) -> Query:
    """The entries that tonight adds."""
    tables: dict[str, Table] = {
        **TABLES,
        "ledger": LEDGER,
        "terms": movements.terms(settings),
        "factors": movements.factors(settings),
        "costs": movements.costs(settings),
    }
    steps = {
        "history": f"SELECT * FROM {{ledger}} WHERE posted_on < DATE '{run_date}'",
        **movements.steps(settings, run_date),
        **taking.steps(settings, run_date),
    }
    return Query(taking.rows_sql(run_date), tables, steps, answers=LEDGER)


def posted_query(posted: Table) -> Query:
    """Tonight's entries."""
    return Query("SELECT * FROM {posted}", {"posted": posted}, answers=LEDGER)


def with_kept_query(posted: Table, run_date: date) -> Query:
    """Tonight's entries, and those of all other nights."""
    columns = f"posted_on, {taking.KEY}, points, amount_cents"
    sql = f"""
    SELECT {columns} FROM {{ledger}} WHERE posted_on <> DATE '{run_date}'
    UNION ALL SELECT {columns} FROM {{posted}}"""
    return Query(sql, {"ledger": LEDGER, "posted": posted}, answers=LEDGER)


def repeated_query(run_date: date) -> Query:
    """How many entries this night has written before."""
    sql = f"SELECT count(*) AS row_count FROM {{ledger}} WHERE posted_on = DATE '{run_date}'"
    return Query(sql, {"ledger": LEDGER}, answers="row_count BIGINT")


def sums_query(posted: Table, run_date: date) -> Query:
    """What was there before, what each kind of entry did, and what is there now."""
    tables: dict[str, Table] = {"ledger": LEDGER, "posted": posted}
    return Query(liability.sums_sql(), tables, liability.steps(run_date), answers=liability.ANSWER)
