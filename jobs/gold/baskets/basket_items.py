"""What counts as an item of a basket: the level of the product hierarchy, and the lines that name one."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

PRODUCT_LEVEL = "product_id"  # the level that every company has, with or without a products table


def known_level(products: DataFrame, level: str) -> str:
    """The wanted level, or product_id where no product says what it is at that level."""
    if level == PRODUCT_LEVEL or products.where(F.col(level).isNotNull()).isEmpty():
        return PRODUCT_LEVEL
    return level


def item_lines_sql(level: str) -> str:
    """`item_lines` as a query for both engines, over {order_lines} and, at a level of the hierarchy, {products}."""
    bought = "l.product_id IS NOT NULL AND coalesce(l.quantity, 0) >= 0"
    if level == PRODUCT_LEVEL:
        return (
            f"SELECT l.order_id, l.account_id, l.product_id, l.product_id AS item FROM {{order_lines}} l WHERE {bought}"
        )
    return (
        f"SELECT l.order_id, l.account_id, l.product_id, p.{level} AS item FROM {{order_lines}} l "
        f"JOIN {{products}} p ON l.product_id = p.product_id WHERE p.{level} IS NOT NULL AND {bought}"
    )


def item_tables(level: str) -> dict[str, str]:
    """The tables that `item_lines_sql` names."""
    products = {} if level == PRODUCT_LEVEL else {"products": "silver.products"}
    return {"order_lines": "silver.order_lines", **products}


def item_lines(order_lines: DataFrame, products: DataFrame, level: str, excluded_items: Sequence[str]) -> DataFrame:
    """Order lines with their item: what was bought, at `level`, and which product it was.

    Args:
        order_lines: order_id, account_id, product_id, quantity.
        products: product_id and the column `level`; not looked at when the level is product_id.
        level: column of products, or product_id.
        excluded_items: items that stand for no goods (vouchers, postage); they are in no basket.
    Returns:
        order_id, account_id, product_id, item; without lines of unknown item or returned goods (quantity < 0).
    """
    tables = {"order_lines": order_lines} | ({} if level == PRODUCT_LEVEL else {"products": products})
    items = order_lines.sparkSession.sql(item_lines_sql(level), args=None, **tables)
    return items.where(~F.col("item").isin(list(excluded_items))) if excluded_items else items


def named_products(products: DataFrame, level: str) -> DataFrame:
    """product_id, item: the products that are known at a level of the hierarchy."""
    return products.select("product_id", F.col(level).alias("item")).where("item IS NOT NULL")


def possible_items(lines: DataFrame, products: DataFrame, level: str, min_lines: int) -> DataFrame:
    """item, each once: from the products, or, where an item is a product, those in at least `min_lines` lines."""
    if level != PRODUCT_LEVEL:
        return named_products(products, level).select("item").distinct()
    often = lines.groupBy("item").agg(F.count("*").alias("lines")).where(F.col("lines") >= min_lines)
    return often.select("item")
