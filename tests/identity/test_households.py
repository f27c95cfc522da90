"""Who lives together."""

import random
from datetime import date

import pyarrow as pa
import pytest

from jobs.identity.cleaners.home_fields import SCHEMA
from jobs.identity.grouping.clusters import components_in_memory
from jobs.identity.grouping.groups import ENDS
from jobs.identity.grouping.household_ids import households_in_memory
from jobs.identity.households import households, links_query
from tests.both_engines import stepwise_answers

HOUSEHOLDS = pa.schema([("household_id", pa.string()), ("customer_id", pa.string())])
NIGHT = date(2025, 2, 1)


def made(spark, golden, before=(), of_firms=()):
    columns = dict(zip(SCHEMA.names, zip(*golden, strict=True), strict=True))
    rows = {
        "golden": pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()}),
        "organisations": pa.table({"customer_id": pa.array(of_firms, pa.string())}),
    }
    query = links_query(**rows)
    pairs = stepwise_answers(spark, query.sql, query.steps, **rows)
    links = pa.table([pa.array(end, pa.string()) for end in zip(*pairs, strict=True)], names=ENDS)
    last = pa.Table.from_pylist([{"household_id": h, "customer_id": c} for h, c in before], HOUSEHOLDS)
    found = households_in_memory(components_in_memory(links), last, "key", NIGHT)
    return {row["customer_id"]: row["household_id"] for row in found.to_pylist()}


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
    assert len(set(actual.values())) == 1


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
    assert actual["c1"] == actual["c2"] != actual["c3"] == actual["c4"]


def test_a_household_keeps_its_id_when_its_first_member_leaves_and_another_comes(spark):
    before = [("h1", "c1"), ("h1", "c2"), ("h1", "c3")]
    golden = [at_home(name, "ng") for name in ("c0", "c2", "c3")] + [at_home(n, "ng", house="7") for n in ("c1", "c9")]
    actual = made(spark, golden, before)
    assert {actual[name] for name in ("c0", "c2", "c3")} == {"h1"}
    assert actual["c1"] == actual["c9"] != "h1"


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
