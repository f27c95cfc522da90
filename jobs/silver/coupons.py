"""Silver: one row per coupon, product that it is good for, and campaign.

Reads   bronze.* (the exports with target silver.coupons), silver.products
Writes  silver.coupons, quarantine.coupons
"""

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.rules import Rules
from jobs.silver.products import with_product_known
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*", "silver.products")
READS_PREVIOUS = ("silver.coupons",)
WRITES = ("silver.coupons", "quarantine.coupons")


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.coupons", coupon_rules(lake.read("silver.products")))


def coupon_rules(products: DataFrame) -> Rules:
    """The table's rules beside this catalogue."""
    return Rules(derived=lambda units: with_product_known(units, products), flags=coupon_flags)


def coupon_flags() -> dict[str, Column]:
    """A coupon for a product that the catalogue does not know."""
    return {"product_unknown": ~F.col("_is_product_known")}
