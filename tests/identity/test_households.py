"""Who lives together."""

import random
from datetime import date

import pyarrow as pa
import pytest

from jobs.identity.grouping import clusters
from jobs.identity.grouping.household_ids import households_in_memory
from jobs.identity.households import household_links, households, keys

COLUMNS = (
    "account_id STRING, family STRING, phone STRING, house STRING, street STRING, street_more STRING, suburb STRING, "
    "postcode STRING"
)
HOUSEHOLDS = "household_id STRING, customer_id STRING, member_count INT"
NIGHT = date(2025, 2, 1)


def made(spark, golden, before=(), of_firms=()):
    organisations = spark.createDataFrame([(customer,) for customer in of_firms], "customer_id STRING")
    links = household_links(keys(spark.createDataFrame(golden, COLUMNS), organisations))
    rows = households(clusters.components(links), spark.createDataFrame(list(before), HOUSEHOLDS), "key", NIGHT)
    return {row.customer_id: row for row in rows.collect()}


def at_home(customer, family, phone=None, house="5", flat=None):
    return (customer, family, phone, house, "kingst", flat, "perth", "6000")


def test_one_surname_at_one_address_or_phone_is_a_household(spark):
    golden = [
        at_home("c1", "ng"),
        at_home("c2", "ng", "040123456"),
        ("c3", "ng", "040123456", None, None, None, None, None),
        at_home("c4", "lee"),
        at_home("c5", "ng", house="6"),
    ]
    actual = made(spark, golden)
    assert set(actual) == {"c1", "c2", "c3"}
    assert len({row.household_id for row in actual.values()}) == 1
    assert {row.member_count for row in actual.values()} == {3}


def test_a_couple_of_two_surnames_is_one_household_and_colleagues_are_none(spark):
    golden = [
        at_home("c1", "wang", "0401"),
        at_home("c2", "li", "0401"),
        at_home("c3", "zhao", flat="3a", house="9"),
        at_home("c4", "chen", flat="3a", house="9"),
        at_home("c5", "kuhn", "0700", house="11"),
        at_home("c6", "alt", "0700", house="11"),
    ]
    actual = made(spark, golden, of_firms=("c5", "c6"))
    assert set(actual) == {"c1", "c2", "c3", "c4"}
    assert actual["c1"].household_id == actual["c2"].household_id != actual["c3"].household_id


def test_a_household_keeps_its_id_when_its_first_member_leaves_and_another_comes(spark):
    before = [("h1", "c1", 3), ("h1", "c2", 3), ("h1", "c3", 3)]
    golden = [at_home(name, "ng") for name in ("c0", "c2", "c3")] + [at_home(n, "ng", house="7") for n in ("c1", "c9")]
    actual = made(spark, golden, before)
    assert {actual[name].household_id for name in ("c0", "c2", "c3")} == {"h1"}
    assert actual["c1"].household_id == actual["c9"].household_id != "h1"


@pytest.mark.parametrize("seed", range(3))
def test_ids_made_in_this_process_are_those_that_spark_makes(spark, seed):
    draw = random.Random(seed)
    components = pa.table(
        {
            "account_id": [f"c{n:02d}" for n in range(40)],
            "component": [f"c{draw.randrange(12):02d}" for _ in range(40)],
        }
    )
    taken = households_in_memory(components, pa.table({"household_id": [], "customer_id": []}), "key", NIGHT)
    before = [(draw.choice(taken["household_id"].to_pylist()), f"c{draw.randrange(50):02d}") for _ in range(30)]
    last = pa.table({"household_id": [h for h, _ in before], "customer_id": [c for _, c in before]})
    last = last.group_by("customer_id").aggregate([("household_id", "min")])
    last = last.rename_columns(["customer_id", "household_id"])

    here = households_in_memory(components, last.select(["household_id", "customer_id"]), "key", NIGHT)

    there = households(spark.createDataFrame(components), spark.createDataFrame(last), "key", NIGHT)
    assert sorted(map(tuple, here.to_pandas().itertuples(index=False))) == sorted(map(tuple, there.collect()))
