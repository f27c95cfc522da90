"""A level of the product hierarchy as SQL: what an item is at that level, and where its name comes from.

Every company has product_id, with or without a products table; the other levels are columns of silver.products.
"""

from typing import TYPE_CHECKING

from lakehouse.sql.literal import in_query_listed
from lakehouse.sql.query import Query, Table

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

PRODUCT_LEVEL = "product_id"
PRODUCTS = "silver.products"


def item_sql(level: str) -> str:
    """The item of an order line: `l` is the line, `p` its product."""
    return f"l.{PRODUCT_LEVEL}" if level == PRODUCT_LEVEL else f"p.{level}"


def join_sql(level: str) -> str:
    """What a query over {order_lines} l needs for `item_sql`: nothing, or a join with {products}."""
    return "" if level == PRODUCT_LEVEL else "JOIN {products} p ON l.product_id = p.product_id"


def is_one_of(columns: tuple[str, ...], names: tuple[str, ...]) -> str:
    """A condition: one of the columns is one of the names."""
    if not names:
        return "false"
    listed = in_query_listed(names)
    return "(" + " OR ".join(f"coalesce({column} IN ({listed}), false)" for column in columns) + ")"


def product_tables(level: str) -> dict[str, Table]:
    """The table that `join_sql` names, if it does."""
    return {} if level == PRODUCT_LEVEL else {"products": PRODUCTS}


def known_query(level: str) -> Query:
    """How many products say what they are at a level."""
    sql = f"SELECT count({level}) AS products FROM {{products}}"
    return Query(sql, {"products": PRODUCTS}, answers="products BIGINT")


def known_level(lake: "Lake", level: str) -> str:
    """The wanted level, or product_id where no product says what it is at that level."""
    if level == PRODUCT_LEVEL:
        return level
    return level if lake.fetch(known_query(level))["products"][0].as_py() else PRODUCT_LEVEL
