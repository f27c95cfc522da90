"""Identity: the best known value of each attribute of a customer.

Reads   silver.customers, identity.customer_map
Writes  identity.golden_customers, one row per customer

A value that most accounts agree on wins, then the most recent, then the first in the alphabet.
"""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.config import Profile
from jobs.lake import Lake

READS = ("silver.customers", "identity.customer_map")
WRITES = "identity.golden_customers"
TEXTS = ("given_name", "surname", "sex", "email", "phone", "street_number", "address_1", "address_2", "suburb", "city",
         "postcode", "state", "country")  # fmt: skip


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    customers, customer_map = (lake.read(table) for table in READS)
    lake.publish(WRITES, golden_customers(customers, customer_map), run_date)


def golden_customers(customers: DataFrame, customer_map: DataFrame) -> DataFrame:
    """One row per customer: the surviving values, its channels and its first account."""
    mapped = customers.drop("channel").join(
        customer_map.select("account_id", "channel", "customer_id", "arrived_on"), "account_id"
    )
    heads = mapped.groupBy("customer_id").agg(
        F.count("*").cast("int").alias("account_count"),
        F.array_sort(F.collect_set("channel")).alias("channels"),
        F.min_by("account_id", F.struct("arrived_on", "account_id")).alias("first_account_id"),
    )
    return heads.join(surviving_values(mapped), "customer_id", "left")


def surviving_values(mapped: DataFrame) -> DataFrame:
    """customer_id and one column per attribute."""
    pairs = [
        F.struct(F.lit(name).alias("attribute"), F.nullif(F.trim(F.col(name).cast("string")), F.lit("")).alias("value"))
        for name in (*TEXTS, "birth_date")
    ]
    told_at = F.coalesce("updated_at", "registered_at").alias("told_at")
    told = mapped.select("customer_id", told_at, F.explode(F.array(*pairs)).alias("p"))
    votes = (
        told.select("customer_id", "told_at", "p.attribute", "p.value")
        .where("value IS NOT NULL")
        .groupBy("customer_id", "attribute", "value")
        .agg(F.count("*").alias("votes"), F.max("told_at").alias("told_at"))
    )
    # min of the negated votes and time would need a number for a NULL time; the longest ago is 0
    rank = F.struct(-F.col("votes"), -F.coalesce(F.unix_seconds("told_at"), F.lit(0)), F.col("value"))
    best = [F.min_by("value", F.when(F.col("attribute") == name, rank)).alias(name) for name in TEXTS]
    birth = F.min_by("value", F.when(F.col("attribute") == "birth_date", rank)).try_cast("date").alias("birth_date")
    return votes.groupBy("customer_id").agg(*best, birth)
