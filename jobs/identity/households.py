"""Identity: customers who live together: one surname at one address or phone, or any surnames at both or in one flat.

Reads   identity.golden_customers, identity.organisations
Writes  identity.households, one row per customer of a household of two or more

A shared address makes a household, never a person. Couples of two surnames (usual in China) share address and phone;
so do the contacts of a firm, who are no household. A household keeps its id while most of its members stay together.
"""

from datetime import date
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.identity.cleaners import cleaning
from jobs.identity.grouping import clusters
from jobs.identity.grouping.household_ids import households_in_memory
from jobs.identity.settings.identity import Settings
from lakehouse.lake.lake import Lake
from lakehouse.spark.hidden import hidden

READS = ("identity.golden_customers", "identity.organisations")
READS_PREVIOUS = ("identity.households",)
WRITES = "identity.households"
CONF = ("identity", "cleaning", "china_divisions")
LARGEST = 20  # more people of one name at one address are an institution
SHARED = tuple(
    f"identity.golden_customers.{name}"
    for name in ("customer_id", "surname", "street_number", "address_1", "address_2", "postcode", "phone")
)
LINEAGE = {
    WRITES: {"customer_id": ("identity.golden_customers.customer_id",), "household_id": SHARED, "member_count": SHARED}
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish which customers live together."""
    golden = cleaning.of_table(lake, "identity.golden_customers", settings.junk, run_date, key="customer_id")
    secret = lake.conf.secret(lake.profile.account_secret)
    # a customer has four keys at most, and a key links all but one of its customers
    is_small = 4 * lake.row_count("identity.golden_customers") <= settings.clustering.collect_up_to_pairs
    shared = household_links(
        lake.persist(keys(golden, lake.read(READS[1])), lake.row_count("identity.golden_customers"))
    )
    before = lake.read(WRITES) if lake.exists(WRITES) else lake.empty(WRITES)
    if is_small:
        components = clusters.components_in_memory(shared.toArrow())
        last = before.select("household_id", "customer_id").toArrow()
        lake.publish(WRITES, households_in_memory(components, last, secret, run_date), run_date)
    else:
        lake.publish(WRITES, households(clusters.components(shared), before, secret, run_date), run_date)


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


def households(components: DataFrame, before: DataFrame, secret: str, run_date: date) -> DataFrame:
    """household_id, customer_id, member_count.

    A household goes on where most of its members are; of several that became one the larger goes on. A new one has a
    keyed hash of its first customer, and of the day where that customer founded another before.

    Args:
        components: account_id (here a customer's), component.
        before: household_id, customer_id of last night.
    """
    grouped = components.select(F.col("account_id").alias("customer_id"), "component")
    sizes = grouped.groupBy("component").agg(F.count("*").cast("int").alias("member_count"))
    kept = _kept(grouped, before)
    text = F.concat(hidden(f"{secret}|household|"), "component")
    first, spare = _hashed(text), _hashed(F.concat(text, F.lit(f"|{run_date}")))
    taken = before.select(F.col("household_id").alias("taken_id")).distinct()
    new_ids = sizes.join(kept, "component", "left").join(taken, first == F.col("taken_id"), "left")
    new_id = F.when(F.col("taken_id").isNull(), first).otherwise(spare)
    ids = new_ids.select("component", "member_count", F.coalesce("kept_id", new_id).alias("household_id"))
    return grouped.join(ids, "component").select("household_id", "customer_id", "member_count")


def _kept(grouped: DataFrame, before: DataFrame) -> DataFrame:
    """component, kept_id: at most one of each."""
    members = grouped.join(before.select("customer_id", F.col("household_id").alias("kept_id")), "customer_id")
    claims = members.groupBy("component", "kept_id").agg(F.count("*").alias("stayed"))
    of_id = Window.partitionBy("kept_id").orderBy(F.desc("stayed"), "component")
    of_component = Window.partitionBy("component").orderBy(F.desc("stayed"), "kept_id")
    entitled = claims.withColumn("claim", F.row_number().over(of_id)).where("claim = 1")
    chosen = entitled.withColumn("turn", F.row_number().over(of_component)).where("turn = 1")
    return chosen.select("component", "kept_id")


def _hashed(text: Column) -> Column:
    return F.concat(F.lit("h"), F.substring(F.sha2(text, 256), 1, 24))


def keys(golden: DataFrame, organisations: DataFrame) -> DataFrame:
    """customer_id, key: what people of one household have in common; only complete ones.

    Surname with address, and surname with phone; whatever the surname, address with phone, and the flat. Of people of
    an organisation the last two say nothing.

    Args:
        golden: golden customers, cleaned; account_id is the customer's id.
        organisations: customer_id of those whose accounts name a company.
    """
    place = F.coalesce("postcode", "suburb")
    address = (F.col("street"), F.col("house"), place)
    of_firm = organisations.select(F.col("customer_id").alias("account_id"), F.lit(True).alias("is_of_firm")).distinct()
    people = golden.join(of_firm, "account_id", "left").withColumn("is_of_firm", F.col("is_of_firm").isNotNull())
    named = [(F.col("family"), *address), (F.col("family"), F.col("phone"))]
    any_name = [(F.lit("phone"), F.col("phone"), *address), (F.lit("flat"), F.col("street_more"), *address)]
    complete = [F.when(~_any_null(parts), F.concat_ws("|", *parts)) for parts in named]
    complete += [F.when(~_any_null(parts) & ~F.col("is_of_firm"), F.concat_ws("|", *parts)) for parts in any_name]
    shared = F.explode(F.array_compact(F.array(*complete))).alias("key")
    return people.select(F.col("account_id").alias("customer_id"), shared).distinct()


def _any_null(parts: tuple[Column, ...]) -> Column:
    return reduce(or_, [part.isNull() for part in parts])
