"""Identity: which accounts belong to one organisation: same company name, and same place, phone or e-mail domain.

Reads   silver.customers, identity.customer_map
Writes  identity.organisations, one row per account that names a company

An organisation is a graph of its own: it never makes two people one, and an account that names no person is none.
"""

from datetime import date

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity.cleaners import cleaning
from jobs.identity.grouping import clusters
from jobs.identity.settings.identity import Settings
from lakehouse.lake.lake import Lake
from lakehouse.spark.hidden import hidden

READS = ("silver.customers", "identity.customer_map")
READS_PREVIOUS = ("identity.organisations",)
WRITES = "identity.organisations"
CONF = ("identity", "cleaning", "china_divisions")
COMPANY_FIELDS = tuple(f"silver.customers.{name}" for name in ("company", "email", "phone", "address_1", "postcode"))
LINEAGE = {
    WRITES: {
        "account_id": ("silver.customers.account_id",),
        "customer_id": ("identity.customer_map.customer_id",),
        "is_person": ("silver.customers.given_name", "silver.customers.surname", "silver.customers.full_name"),
        "organisation_id": COMPANY_FIELDS,
        "account_count": COMPANY_FIELDS,
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish which accounts belong to one company."""
    accounts = cleaning.of_table(lake, READS[0], settings.junk, run_date, where="company IS NOT NULL")
    named = lake.persist(accounts.where("company IS NOT NULL"), lake.row_count(READS[0]))
    if lake.is_published(WRITES) and not lake.row_count(WRITES) and named.isEmpty():
        return  # no channel has business accounts
    secret = lake.conf.secret(lake.profile.account_secret)
    links = links_of(keys(named, settings), settings.organisations.most_accounts_of_a_key)
    is_small = lake.row_count(READS[0]) <= settings.clustering.collect_up_to_pairs
    groups = _in_memory(lake, links) if is_small else clusters.components(links)
    owners = lake.read("identity.customer_map").select("account_id", "customer_id")
    lake.publish(WRITES, organisations(named, groups, owners, secret), run_date)


def _in_memory(lake: Lake, links: DataFrame) -> DataFrame:
    groups: pa.Table = clusters.components_in_memory(links.toArrow())
    return lake.spark.createDataFrame(groups, "account_id STRING, component STRING")


def links_of(shared: DataFrame, most: int) -> DataFrame:
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


def keys(named: DataFrame, settings: Settings) -> DataFrame:
    """account_id, key: the company with the street, with the phone, and with the e-mail's own domain.

    Args:
        named: accounts that name a company, cleaned.
    """
    domain = F.substring_index("email", "@", -1)
    street = F.concat("street", F.coalesce("house", F.lit("")), F.lit("|"), F.coalesce("postcode", "suburb"))
    tellers = [street, F.col("phone"), F.when(~domain.isin(*settings.organisations.public_email_domains), domain)]
    complete = F.array_compact(
        F.array(*[F.when(part.isNotNull(), F.concat_ws("|", "company", part)) for part in tellers])
    )
    return named.select("account_id", F.explode(complete).alias("key")).distinct()


def organisations(named: DataFrame, groups: DataFrame, owners: DataFrame, secret: str) -> DataFrame:
    """One row per account: organisation_id (keyed hash of its first account), customer_id, is_person, account_count.

    Args:
        groups: account_id, component of the accounts that share a key with another.
        owners: account_id, customer_id.
    """
    is_person = (F.col("given").isNotNull() | F.col("family").isNotNull()).alias("is_person")
    members = named.select("account_id", is_person).join(groups, "account_id", "left")
    members = members.withColumn("component", F.coalesce("component", "account_id"))
    sizes = members.groupBy("component").agg(F.count("*").cast("int").alias("account_count"))
    text = F.concat(hidden(f"{secret}|organisation|"), "component")
    hashed = F.concat(F.lit("o"), F.substring(F.sha2(text, 256), 1, 24)).alias("organisation_id")
    rows = members.join(sizes, "component").join(owners, "account_id")
    return rows.select("account_id", hashed, "customer_id", "is_person", "account_count")
