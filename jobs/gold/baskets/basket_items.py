"""What counts as an item of a basket: the level of the product hierarchy, and the lines that name one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.baskets.bit_rows import Ints
from jobs.gold.product_levels.levels import PRODUCT_LEVEL, item_sql, join_sql, product_tables
from lakehouse.sql.query import Query, Table

# the columns that an item's name comes from
ITEM = (
    "silver.order_lines.product_id",
    *(f"silver.products.{level}" for level in ("department", "product_category", "product_type", "brand")),
)
# over {order_lines}, {products} (at a level of the hierarchy), {excluded}, and {numbers} for the baskets
ITEMS = """SELECT l.item, count(*) AS lines FROM (%s) l LEFT JOIN {excluded} x ON l.item = x.item
           WHERE x.item IS NULL GROUP BY l.item HAVING count(*) >= %d"""
BASKETS = """SELECT min(l.order_date) AS order_date, collect_list(n.number) AS items
             FROM (%s) l LEFT JOIN {excluded} x ON l.item = x.item LEFT JOIN {numbers} n ON l.item = n.item
             WHERE x.item IS NULL GROUP BY l.order_id"""


@dataclass(frozen=True)
class Baskets:
    """Baskets at hand: basket and item number of each line, and the day (from 1970-01-01) of each basket.

    names: the items by number. A basket whose items are all too rare to count is one of them, without a line.
    """

    basket_of: Ints
    item_of: Ints
    day_of: Ints
    names: list[str]

    @property
    def count(self) -> int:
        """All baskets."""
        return len(self.day_of)


def baskets_of(rows: pa.Table, names: list[str]) -> Baskets:
    """Baskets as the query BASKETS gives them: order_date, items (numbers; one twice counts once)."""
    items = rows["items"].combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(items), 0).to_numpy(zero_copy_only=False)
    days = rows["order_date"].combine_chunks().cast(pa.int32()).to_numpy(zero_copy_only=False)
    basket_of = np.repeat(np.arange(len(days), dtype=np.int32), lengths)
    return Baskets(basket_of, items.flatten().to_numpy(zero_copy_only=False), days, names)


def item_lines_sql(level: str) -> str:
    """`item_lines` as a query for both engines, over {order_lines} and, at a level of the hierarchy, {products}."""
    bought = "l.product_id IS NOT NULL AND coalesce(l.quantity, 0) >= 0"
    columns = "l.order_id, l.account_id, l.order_date, l.product_id"
    item = item_sql(level)
    named = f"SELECT {columns}, {item} AS item FROM {{order_lines}} l {join_sql(level)}"
    return f"{named} WHERE {item} IS NOT NULL AND {bought}"


def item_tables(level: str) -> dict[str, Table]:
    """The tables that `item_lines_sql` names."""
    return {"order_lines": "silver.order_lines", **product_tables(level)}


def line_tables(level: str, excluded_items: Sequence[str], lines: Table = "silver.order_lines") -> dict[str, Table]:
    """The tables of `items_query` and `baskets_query`, over all order lines or some of them."""
    return {**item_tables(level), "order_lines": lines, "excluded": excluded_table(excluded_items)}


def items_query(level: str, tables: Mapping[str, Table], least: float, most: int | None = None) -> Query:
    """The items of the lines that stand in `least` lines or more; no more than `most` of them."""
    limit = "" if most is None else f" LIMIT {most:d}"
    sql = ITEMS % (item_lines_sql(level), least) + limit
    return Query(sql, tables, answers="item STRING, lines BIGINT")


def baskets_query(level: str, tables: Mapping[str, Table], names: list[str]) -> Query:
    """The baskets of the lines, with these items by their place among the names."""
    numbered = {**tables, "numbers": numbers_table(names)}
    return Query(BASKETS % item_lines_sql(level), numbered, answers="order_date DATE, items ARRAY<INT>")


def excluded_table(items: Sequence[str]) -> pa.Table:
    """item: those that stand for no goods (vouchers, postage); they are in no basket."""
    return pa.table({"item": pa.array(list(items), pa.string())})


def numbers_table(names: list[str]) -> pa.Table:
    """item, number: the place of each name in the list."""
    return pa.table({"item": pa.array(names, pa.string()), "number": pa.array(range(len(names)), pa.int32())})


def item_lines(order_lines: DataFrame, products: DataFrame, level: str, excluded_items: Sequence[str]) -> DataFrame:
    """Order lines with their item: what was bought, at `level`, and which product it was.

    Args:
        order_lines: order_id, account_id, order_date, product_id, quantity.
        products: product_id and the column `level`; not looked at when the level is product_id.
        level: column of products, or product_id.
        excluded_items: items that stand for no goods; they are in no basket.

    Returns:
        order_id, account_id, order_date, product_id, item; without lines of unknown item or returned goods
        (quantity < 0).
    """
    tables = {"order_lines": order_lines} | ({} if level == PRODUCT_LEVEL else {"products": products})
    items = order_lines.sparkSession.sql(item_lines_sql(level), args=None, **tables)
    return items.where(~F.col("item").isin(list(excluded_items))) if excluded_items else items
