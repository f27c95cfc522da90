"""DuckDB and Spark answer the queries of the loyalty programme alike (loyalty_ledger, loyalty_tiers)."""

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
from pyspark.sql import SparkSession

from jobs.gold import loyalty_ledger, loyalty_tiers
from lakehouse.lake.queries import spark_answer
from lakehouse.sql.query import Query
from tests.activation.small_company import Nights, rows
from tests.conftest import RUN_DATE
from tests.frames import assert_answers
from tests.gold.test_loyalty_ledger import burns, company, night, order, settings

DAY = timedelta(days=1)
LATER = RUN_DATE + 3 * DAY
KNOWN = settings(
    earning=(
        {
            "points_per_unit": 1,
            "unit": 2,
            "multipliers": ({"column": "department", "values": ("DELI",), "factor": 1.5},),
        },
    ),
    burning={"reward": 21},
    given=("adjust",),
    expire_after_days=None,
    expire_after_months=1,
    expire_at="month_end",
    tiers={"silver": {"min_points": 20, "control_share": 0.4}, "gold": {"min_points": 60}},
)


def after_two_nights() -> tuple[Nights, list[Query]]:
    """Twelve accounts that merge, spend and take goods back, and the second night's queries over them."""
    owner = {f"a{n}": f"C{n // 2}" for n in range(12)}
    orders = [
        order(f"{n:02}", f"a{n % 12}", RUN_DATE - (n % 50) * DAY, (1 if n % 5 else -1) * (700 + 331 * n % 6000))
        for n in range(90)
    ]
    lines = [
        {"order_id": o["order_id"], "line_number": 1, "product_id": "p", "sales_cents": o["total_cents"]}
        for o in orders
    ]
    given = {"movement_id": "1", "account_id": "a3", "movement_type": "adjust", "points": -9, "occurred_date": RUN_DATE}
    lake = Nights(
        None,
        order_lines=rows("silver.order_lines", lines),
        products=rows("silver.products", [{"product_id": "p", "department": "DELI"}]),
        points_movements=rows("silver.points_movements", [given]),
    )
    spent = burns(*[(f"r{n}", f"a{n}", RUN_DATE - n * DAY) for n in range(9)])
    night(lake, RUN_DATE, KNOWN, **company(owner, orders), **spent)
    loyalty_tiers.run(lake, RUN_DATE, KNOWN)  # type: ignore[arg-type]
    merged = owner | {"a2": "C0", "a3": "C0", "a5": "C9"}
    corrected = [{**o, "total_cents": o["total_cents"] * 2} if o["order_id"] > "80" else o for o in orders]
    lake.tables |= company(merged, corrected)
    posted = loyalty_ledger.entries_query(LATER, KNOWN)
    asked = [posted, loyalty_ledger.sums_query(lake.fetch(posted), LATER)]
    night(lake, LATER, KNOWN)
    standing = loyalty_tiers.standing_query(LATER, KNOWN)
    stood = lake.fetch(standing)
    asked += [
        standing,
        loyalty_tiers.stays_query(stood, LATER, KNOWN),
        loyalty_tiers.balances_query(stood, LATER, KNOWN),
    ]
    return lake, asked


def nullable(table: pa.Table) -> pa.Table:
    """The same rows, which need not say all that a contract requires."""
    return pa.table(table.columns, names=table.column_names)


def test_both_engines_answer_a_loyalty_night_alike(spark: SparkSession):
    lake, asked = after_two_nights()
    for query in asked:
        tables = {name: lake.at_hand(table) for name, table in query.tables.items()}  # type: ignore[arg-type]
        if "ledger" in tables and query is asked[0]:
            tables["ledger"] = tables["ledger"].filter(
                [day < LATER for day in tables["ledger"]["posted_on"].to_pylist()]
            )
        frames = {name: spark.createDataFrame(nullable(table)) for name, table in tables.items()}
        local = lake.fetch(replace(query, tables=tables))
        frame = spark_answer(spark, replace(query, tables=tables), frames)
        by_duckdb = [tuple(row.values()) for row in local.to_pylist()]
        assert by_duckdb
        assert_answers(frame.columns, by_duckdb, [tuple(row) for row in frame.collect()])
