"""Gold: sales by item and week, summed upward, in whole weeks (Monday to Sunday).

Reads   silver.order_lines, silver.products
Writes  gold.sales_weeks, one row per level, item and week, weeks without sales included
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.gold.product_levels.levels import item_sql, known_level, known_query
from jobs.gold.settings.sales_forecast import OTHER, TOTAL, UNKNOWN, Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("silver.order_lines", "silver.products")
WRITES = "gold.sales_weeks"
DEPENDS_ON_RUN_DATE = True
CONF = "sales_forecast"
TABLES = {"order_lines": READS[0], "products": READS[1]}
LINEAGE = {WRITES: {"level": (), "height": ()}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Sum what was sold up to the last whole week."""
    level = known_level(lake, settings.level)
    if level != settings.level:
        lake.note(WRITES, f"no product says its {settings.level}: sales are summed by {level}")
    rows = lake.rows(sales_weeks_query(run_date, level, settings), 3 * settings.max_items * settings.history_weeks)
    if not lake.publish(WRITES, rows, run_date).row_count:
        lake.note(WRITES, f"there is no whole week (Monday to Sunday) with sales up to {run_date} yet")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield known_query(settings.level)
    yield sales_weeks_query(run_date, settings.level, settings)


def sales_weeks_query(run_date: date, level: str, settings: Settings) -> Query:
    """The table's rows."""
    sql, steps = sales_weeks_sql(run_date, level, settings)
    return Query(sql, TABLES, steps, answers=WRITES)


def last_whole_week(as_of: date) -> date:
    """The Monday of the last week that is over when `as_of` ends."""
    return as_of - timedelta(days=(as_of.weekday() + 1) % 7 + 6)


def sales_weeks_sql(as_of: date, level: str, settings: Settings) -> tuple[str, dict[str, str]]:
    """The table as a query for both engines over {order_lines} and {products}, with its named steps.

    An item belongs to the parent in which most of it is sold. The items that sell most stand for themselves, the
    others together; lines whose product is not known are an item of their own, so that the levels add up.
    """
    last, parent = last_whole_week(as_of), settings.parent_level
    item = item_sql(level)
    first_of_all = last - timedelta(weeks=settings.history_weeks - 1)
    steps = {
        "sold": f"""
            SELECT CAST(date_trunc('week', l.order_date) AS DATE) AS week_start, coalesce({item}, '{UNKNOWN}') AS name,
                   coalesce({item_sql(parent) if parent else "NULL"}, '{UNKNOWN}') AS parent,
                   CAST(sum(l.sales_cents) AS BIGINT) AS cents, min(l.order_date) AS first_day
            FROM {{order_lines}} l LEFT JOIN {{products}} p ON l.product_id = p.product_id
            WHERE l.order_date >= DATE '{first_of_all}' AND l.order_date < DATE '{last + timedelta(days=7)}'
            GROUP BY 1, 2, 3""",
        # a week that began before the first sale would look like a slow one
        "span": """
            SELECT CAST(date_trunc('week', date_add(min(first_day), 6)) AS DATE) AS first_week FROM {sold}""",
        "placed": f"""
            SELECT name, CASE WHEN turn <= {settings.max_items:d} THEN name ELSE '{OTHER}' END AS item, parent
            FROM (SELECT name, parent, row_number() OVER (ORDER BY total DESC, name) AS turn
                  FROM (SELECT name, parent, sum(cents) OVER (PARTITION BY name) AS total, row_number() OVER
                            (PARTITION BY name ORDER BY cents DESC, parent) AS nth
                        FROM (SELECT name, parent, sum(cents) AS cents FROM {{sold}} GROUP BY name, parent) b) c
                  WHERE nth = 1) d""",
    }
    return _dense(level, parent), steps


def _dense(level: str, parent: str | None) -> str:
    above = f"CASE WHEN q.item = '{OTHER}' THEN '{OTHER}' ELSE q.parent END" if parent else f"'{TOTAL}'"
    levels = [(level, "q.item", above)]
    levels += [(parent, above, f"'{TOTAL}'")] if parent else []
    levels += [(TOTAL, f"'{TOTAL}'", "CAST(NULL AS STRING)")]
    summed = " UNION ALL ".join(
        f"""SELECT '{name}' AS level, {height:d} AS height, {item} AS item, {parent} AS parent, s.week_start,
                   sum(s.cents) AS cents
            FROM {{sold}} s JOIN {{placed}} q ON s.name = q.name JOIN {{span}} f ON s.week_start >= f.first_week
            GROUP BY 3, 4, 5"""
        for height, (name, item, parent) in enumerate(levels)
    )
    return f"""
    WITH summed AS ({summed}),
    weeks AS (SELECT DISTINCT week_start FROM summed),
    series AS (SELECT DISTINCT level, height, item, parent FROM summed)
    SELECT s.level, s.height, s.item, s.parent, w.week_start,
           CAST(CAST(coalesce(t.cents, 0) AS DECIMAL(20,2)) / 100 AS DECIMAL(18,2)) AS sales
    FROM series s CROSS JOIN weeks w
    LEFT JOIN summed t ON t.level = s.level AND t.item = s.item AND t.week_start = w.week_start"""
