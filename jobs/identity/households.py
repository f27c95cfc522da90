"""Identity: customers who live together: one surname at one address or phone, or any surnames at both or in one flat.

Reads   identity.golden_customers, identity.organisations
Writes  identity.households, one row per customer of a household of two or more

A shared address makes a household, never a person. Couples of two surnames (usual in China) share address and phone;
so do the contacts of a firm, who are no household. A household keeps its id while most of its members stay together.
"""

from collections.abc import Iterator
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.identity.cleaners import home_fields
from jobs.identity.grouping import clusters
from jobs.identity.grouping.household_ids import households_in_memory
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.spark.hidden import hidden
from lakehouse.sql.query import Made, Query, Table

READS = ("identity.golden_customers", "identity.organisations")
READS_PREVIOUS = ("identity.households",)
WRITES = "identity.households"
CONF = ("identity", "cleaning", "china_divisions")
LINKS = "account_id_left STRING, account_id_right STRING"
LARGEST = 20  # more people of one name at one address are an institution
SHARED = tuple(
    f"identity.golden_customers.{name}"
    for name in ("customer_id", "surname", "street_number", "address_1", "address_2", "postcode", "phone")
)
LINEAGE = {
    WRITES: {"customer_id": ("identity.golden_customers.customer_id",), "household_id": SHARED, "member_count": SHARED}
}
CLEANED = dict.fromkeys(home_fields.SCHEMA.names, SHARED)


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish which customers live together."""
    golden = home_fields.rows(lake, READS[0], "customer_id", settings.junk)
    secret = lake.conf.secret(lake.profile.account_secret)
    query = links_query(golden, READS[1])
    # a customer has four keys at most, and a key links all but one of its customers
    if 4 * lake.row_count(READS[0]) <= settings.clustering.collect_up_to_pairs:
        components, last = clusters.components_in_memory(lake.fetch(query)), lake.fetch(last_query())
        lake.publish(WRITES, households_in_memory(components, last, secret, run_date), run_date)
    else:
        before = lake.read(WRITES) if lake.exists(WRITES) else lake.empty(WRITES)
        groups = clusters.components(lake.select(query))
        lake.publish(WRITES, households(groups, before, secret, run_date), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield links_query(Made(dict.fromkeys(home_fields.SCHEMA.names, "STRING"), CLEANED), READS[1])
    yield last_query()


def last_query() -> Query:
    """Who lived together last night."""
    sql = "SELECT household_id, customer_id FROM {households}"
    return Query(sql, {"households": WRITES}, answers="household_id STRING, customer_id STRING")


def links_query(golden: Table, organisations: Table) -> Query:
    """Pairs of customers with a key in common, each with the first of the key; a key of more than LARGEST joins nobody.

    Keys are what people of one household have in common, where all of it is known: surname with address, and surname
    with phone; whatever the surname, address with phone, and the flat. Of people of an organisation the last two say
    nothing.

    Args:
        golden: golden customers, `home_fields`; account_id is the customer's id.
        organisations: customer_id of those whose accounts name a company.
    """
    address = ("street", "house", "place")
    named = [_key(("family", *address)), _key(("family", "phone"))]
    any_name = [_key(("phone", *address), "phone"), _key(("street_more", *address), "flat")]
    keys = [*named, *[f"{key} AND NOT is_of_firm" for key in any_name]]
    steps = {
        "of_firms": "SELECT DISTINCT customer_id FROM {organisations}",
        "people": """
            SELECT g.account_id AS customer_id, g.family, g.phone, g.street, g.house, g.street_more,
                   coalesce(g.postcode, g.suburb) AS place, f.customer_id IS NOT NULL AS is_of_firm
            FROM {golden} g LEFT JOIN {of_firms} f ON g.account_id = f.customer_id""",
        "shared": " UNION ALL ".join(keys),
        "linking": f"""
            SELECT household_key, min(customer_id) AS first_id FROM {{shared}}
            GROUP BY household_key HAVING count(*) BETWEEN 2 AND {LARGEST}""",
    }
    sql = """SELECT l.first_id AS account_id_left, s.customer_id AS account_id_right
             FROM {shared} s JOIN {linking} l ON s.household_key = l.household_key WHERE s.customer_id <> l.first_id"""
    return Query(sql, {"golden": golden, "organisations": organisations}, steps, answers=LINKS)


def _key(parts: tuple[str, ...], kind: str = "") -> str:
    """SQL of customer_id, household_key: the parts in one text, of those who have all of them."""
    texts = [f"'{kind}'", *parts] if kind else parts
    known = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    return f"SELECT customer_id, concat_ws('|', {', '.join(texts)}) AS household_key FROM {{people}} WHERE {known}"


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
