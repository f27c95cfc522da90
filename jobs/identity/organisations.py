"""Identity: which accounts belong to one organisation: same company name, and same place, phone or e-mail domain.

Reads   silver.customers, identity.customer_map
Writes  identity.organisations, one row per account that names a company

An organisation is a graph of its own: it never makes two people one, and an account that names no person is none.
"""

from datetime import date

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.identity import cleaning, clusters, households
from jobs.identity.settings import Settings
from jobs.lake import Lake

READS = ("silver.customers", "identity.customer_map")
WRITES = "identity.organisations"
CONF = "identity"
FIELDS = ("account_id, company, full_name, given_name, surname, email, phone, street_number, address_1, postcode, "
          "suburb, city")  # fmt: skip


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    told = lake.select(f"SELECT {FIELDS} FROM {{customers}} WHERE company IS NOT NULL", {"customers": READS[0]})
    told = lake.hold(told, lake.row_count(READS[0]))
    named = told.transform(with_name, settings)
    if lake.is_published(WRITES) and not lake.row_count(WRITES) and named.isEmpty():
        return  # no channel has business accounts
    secret = lake.conf.secret(lake.profile.account_secret)
    links = households.links(keys(named, settings), settings.organisations.most_accounts_of_a_key)
    is_small = lake.row_count(READS[0]) <= settings.clustering.collect_up_to_pairs
    groups = _at_hand(lake, links) if is_small else clusters.components(links)
    owners = lake.read("identity.customer_map").select("account_id", "customer_id")
    lake.publish(WRITES, organisations(named, groups, owners, secret), run_date)


def _at_hand(lake: Lake, links: DataFrame) -> DataFrame:
    found: pa.Table = clusters.components_at_hand(links.toArrow())
    return lake.spark.createDataFrame(found, "account_id STRING, component STRING")


def with_name(told: DataFrame, settings: Settings) -> DataFrame:
    """Add name, the company's without its legal form, and is_person; only accounts with a name are left."""
    # letters with spaces between words, or signs without
    forms = "|".join(rf"\s{form}" if form.isascii() else form for form in settings.organisations.legal_forms)
    plain = F.regexp_replace(cleaning.plain(F.trim("company")), r"[^\p{L}\p{Nd} ]", "")
    name = F.regexp_replace(F.regexp_replace(plain, rf"({forms})+$", ""), " ", "")
    given, family = cleaning.split_names()
    named = told.withColumn("name", F.when(~name.isin("", *settings.junk.texts), name))
    return named.withColumn("is_person", given.isNotNull() | family.isNotNull()).where("name IS NOT NULL")


def keys(named: DataFrame, settings: Settings) -> DataFrame:
    """account_id, key: the name with the street, with the phone, and with the e-mail's own domain."""
    junk = settings.junk
    domain = F.substring_index(cleaning.email(F.col("email"), junk), "@", -1)
    place = F.coalesce(cleaning.code(F.col("postcode")), cleaning.name(F.coalesce("suburb", "city"), junk))
    house = F.coalesce(cleaning.code(F.col("street_number")), F.lit(""))
    street = F.concat(cleaning.words(F.col("address_1"), junk), house)
    told: list[Column] = [
        F.concat(street, F.lit("|"), place),
        cleaning.phone(F.col("phone"), junk),
        F.when(~domain.isin(*settings.organisations.public_email_domains), domain),
    ]
    complete = F.array_compact(F.array(*[F.when(part.isNotNull(), F.concat_ws("|", "name", part)) for part in told]))
    return named.select("account_id", F.explode(complete).alias("key")).distinct()


def organisations(named: DataFrame, groups: DataFrame, owners: DataFrame, secret: str) -> DataFrame:
    """One row per account: organisation_id (keyed hash of its first account), customer_id, is_person, account_count.

    Args:
        groups: account_id, component of the accounts that share a key with another.
        owners: account_id, customer_id.
    """
    members = named.select("account_id", "is_person").join(groups, "account_id", "left")
    members = members.withColumn("component", F.coalesce("component", "account_id"))
    sizes = members.groupBy("component").agg(F.count("*").cast("int").alias("account_count"))
    text = F.concat(F.lit(f"{secret}|organisation|"), "component")
    hashed = F.concat(F.lit("o"), F.substring(F.sha2(text, 256), 1, 24)).alias("organisation_id")
    rows = members.join(sizes, "component").join(owners, "account_id")
    return rows.select("account_id", hashed, "customer_id", "is_person", "account_count")
