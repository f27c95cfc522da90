"""Silver: one row per product, newest version; of a product known from lines of sales, the name that most lines say.

Reads   bronze.* (the exports with target silver.products)
Writes  silver.products, quarantine.products
"""

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.products",)
WRITES = ("silver.products", "quarantine.products")


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.products", RULES)


def product_flags() -> dict[str, Column]:
    """Attributes that rules, profiles and reports miss."""
    return {f"{name}_missing": F.col(name).isNull() for name in ("package_size", "product_category", "product_type")}


RULES = Rules(flags=product_flags, named_by="product_id")


def with_product_known(rows: DataFrame, products: DataFrame) -> DataFrame:
    """Add `_is_product_known`: NULL (not judged) while there are no products, or where the row names none."""
    if products.isEmpty():
        return rows.withColumn("_is_product_known", F.lit(None).cast("boolean"))
    ids = products.select("product_id", F.lit(True).alias("_is_product"))
    joined = rows.join(ids, "product_id", "left")
    known = F.when(F.col("product_id").isNotNull(), F.coalesce("_is_product", F.lit(False)))
    return joined.withColumn("_is_product_known", known).drop("_is_product")
