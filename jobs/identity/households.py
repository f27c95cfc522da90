"""Identity: customers who live together: same address or phone, and same surname.

Reads   identity.golden_customers
Writes  identity.households, one row per customer of a household of two or more

A shared address makes a household, never a person.
"""

from datetime import date
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.identity.cleaners import cleaning
from jobs.identity.grouping import clusters
from jobs.identity.settings.identity import Settings
from lakehouse.lake.lake import Lake

READS = ("identity.golden_customers",)
WRITES = "identity.households"
CONF = ("identity", "cleaning", "china_divisions")
LARGEST = 20  # more people of one name at one address are an institution
SHARED = tuple(
    f"identity.golden_customers.{name}" for name in ("customer_id", "surname", "street_number", "address_1", "postcode")
)
LINEAGE = {
    WRITES: {"customer_id": ("identity.golden_customers.customer_id",), "household_id": SHARED, "member_count": SHARED}
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish which customers live together."""
    golden = cleaning.of_table(lake, "identity.golden_customers", settings.junk, run_date, key="customer_id")
    secret = lake.conf.secret(lake.profile.account_secret)
    # a customer has two keys at most, and a key links all but one of its customers
    is_small = 2 * lake.row_count("identity.golden_customers") <= settings.clustering.collect_up_to_pairs
    shared = household_links(lake.persist(keys(golden), lake.row_count("identity.golden_customers")))
    grouped = (
        lake.spark.createDataFrame(clusters.components_in_memory(shared.toArrow()))
        if is_small
        else (clusters.components(shared))
    )
    lake.publish(WRITES, households(grouped, secret), run_date)


def household_links(shared: DataFrame) -> DataFrame:
    """Pairs of customers with a key in common: each with the first of the key.

    Args:
        shared: customer_id, key.
    """
    return links(shared.withColumnRenamed("customer_id", "account_id"), LARGEST)


def links(shared: DataFrame, most: int) -> DataFrame:
    """Pairs with a key in common: each with the first of the key; a key of more than `most` joins nobody.

    Args:
        shared: account_id, key.
    """
    linking_keys = (
        shared.groupBy("key")
        .agg(F.count("*").alias("n"), F.min("account_id").alias("first"))
        .where(F.col("n").between(2, most))
    )
    return (
        shared.join(linking_keys, "key")
        .where("account_id <> first")
        .select(F.col("first").alias("account_id_left"), F.col("account_id").alias("account_id_right"))
    )


def households(components: DataFrame, secret: str) -> DataFrame:
    """household_id (keyed hash of its first customer), customer_id, member_count.

    Args:
        components: account_id (here a customer's), component.
    """
    grouped = components.select(F.col("account_id").alias("customer_id"), "component")
    sizes = grouped.groupBy("component").agg(F.count("*").cast("int").alias("member_count"))
    hashed = F.concat(F.lit("h"), F.substring(F.sha2(F.concat(F.lit(f"{secret}|household|"), "component"), 256), 1, 24))
    return grouped.join(sizes, "component").select(hashed.alias("household_id"), "customer_id", "member_count")


def keys(golden: DataFrame) -> DataFrame:
    """customer_id, key: surname with address, and surname with phone; only complete ones.

    Args:
        golden: golden customers, cleaned; account_id is the customer's id.
    """
    place = F.coalesce("postcode", "suburb")
    both = [(F.col("family"), F.col("street"), F.col("house"), place), (F.col("family"), F.col("phone"))]
    complete = [F.when(~_any_null(parts), F.concat_ws("|", *parts)) for parts in both]
    shared = F.explode(F.array_compact(F.array(*complete))).alias("key")
    return golden.select(F.col("account_id").alias("customer_id"), shared).distinct()


def _any_null(parts: tuple[Column, ...]) -> Column:
    return reduce(or_, [part.isNull() for part in parts])
