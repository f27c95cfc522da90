"""What a commit says stands in its table is what stands there."""

import random
import shutil
from datetime import date

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables
from lakehouse.lake import contents
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.run_log import Run

DAY = date(2024, 3, 1)
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: gold.shelves
version: 1.0.0
status: active
schema:
  - name: shelves
    physicalName: gold.shelves
    dataGranularityDescription: one row per shelf
    customProperties:
      - {property: publish, value: merge}
    properties:
      - {name: shelf, logicalType: string, physicalType: STRING, primaryKey: true, description: its name}
      - {name: day, logicalType: date, physicalType: DATE, primaryKey: true, description: the day}
      - {name: weight, logicalType: number, physicalType: DOUBLE, description: kilograms}
      - {name: labels, logicalType: array, physicalType: "ARRAY<STRING>", description: on it}
"""


@pytest.fixture
def shelves(conf, tmp_path) -> Lake:
    """A lake without Spark, whose table gold.shelves is merged by name and day."""
    folder = tmp_path / "layer" / "contracts" / "gold"
    folder.mkdir(parents=True)
    (folder / "shelves.odcs.yaml").write_text(CONTRACT)
    conf = type(conf)([tmp_path / "layer"], overrides=conf.overrides)
    view = Lake(None, conf, conf.profile.lake, Run("r1", DAY), Contracts(conf))  # type: ignore[arg-type]
    return view.for_job("gold.shelves", "h1")


def batch(lake: Lake, *rows: tuple[str, float | None]) -> pa.Table:
    """Rows of one day by name and weight."""
    made = [{"shelf": name, "day": DAY, "weight": weight, "labels": [name, None]} for name, weight in rows]
    return pa.Table.from_pylist(made, rs_tables.arrow_schema(lake.contracts["gold.shelves"]))


def recorded(lake: Lake) -> contents.Contents | None:
    """What the log says stands in the table."""
    return contents.standing(lake, "gold.shelves")


def read(lake: Lake) -> contents.Contents:
    """What reading it says."""
    return contents.whole(lake, "gold.shelves", delta_log.latest_version(lake.path("gold.shelves")) or 0)


def test_each_way_to_change_a_table_says_what_stands_in_it_afterwards(shelves):
    steps = [
        ("replace", [("a", 1.0), ("b", 2.0)]),
        ("append", [("c", 0.1 + 0.2)]),
        ("merge", [("b", 2.5), ("d", None)]),
        ("merge", [("b", 2.5), ("d", None)]),
        ("append", []),
        ("merge", [("a", None), ("b", None), ("c", -0.0)]),
        ("replace", [("z", 9.0)]),
        ("replace", []),
        ("merge", [("y", 1.0)]),
    ]
    for mode, rows in steps:
        shelves.publish("gold.shelves", batch(shelves, *rows), DAY, mode=mode)
        assert recorded(shelves) == read(shelves), mode
    assert read(shelves).rows == 1


@pytest.mark.parametrize("seed", range(3))
def test_any_course_of_publishes_keeps_count_of_the_table(shelves, seed):
    chance = random.Random(seed)
    for _ in range(8):
        mode = chance.choice(["merge", "merge", "merge", "append", "replace"])
        names = chance.sample("abcdefgh", chance.randrange(4))
        if mode == "append":
            names = [f"{name}{chance.random()}" for name in names]
        rows = batch(shelves, *((name, chance.choice([None, 0.1, chance.random() * 1e9])) for name in names))
        shelves.publish("gold.shelves", rows, DAY, mode=mode)
        assert recorded(shelves) == read(shelves)


def test_compaction_changes_nothing_of_it(shelves):
    for name in "abc":
        shelves.publish("gold.shelves", batch(shelves, (name, 1.0)), DAY, mode="append")
    before = recorded(shelves)

    DeltaTable(shelves.path("gold.shelves")).optimize.compact()

    assert recorded(shelves) == before == read(shelves)


def test_rows_that_somebody_else_took_away_are_noticed_and_the_table_is_read(shelves):
    shelves.publish("gold.shelves", batch(shelves, ("a", 1.0), ("b", 2.0)), DAY, mode="replace")
    DeltaTable(shelves.path("gold.shelves")).delete("shelf = 'a'")

    assert recorded(shelves) is None
    (row,) = [row for row in published(shelves) if row["table"] == "gold.shelves"]
    assert (row["batch_rows"], row["batch_fingerprint"]) == (1, str(read(shelves).fingerprint))
    shelves.publish("gold.shelves", batch(shelves, ("c", 2.0)), DAY, mode="append")
    assert recorded(shelves) == read(shelves)


def published(lake: Lake) -> list[dict]:
    """The night's rows of ops.fingerprints, once a manifest is published."""
    lake.run.record(contents.TABLE, contents.of_night(lake, {"gold.shelves": lake.version("gold.shelves") or 0}))
    lake.flush()
    rows = ops_tables.read(lake.path(contents.TABLE))
    return [row for row in rows if row["mode"] == contents.NIGHT]


def test_a_table_made_again_is_not_taken_for_the_one_before(shelves):
    shelves.publish("gold.shelves", batch(shelves, ("a", 1.0)), DAY, mode="replace")
    published(shelves)
    shutil.rmtree(shelves.path("gold.shelves"))
    write_deltalake(shelves.path("gold.shelves"), batch(shelves, ("b", 1.0), ("c", 1.0)))
    write_deltalake(shelves.path("gold.shelves"), batch(shelves, ("d", 1.0)), mode="append")

    assert recorded(shelves) is None
    assert sorted(row["batch_rows"] for row in published(shelves)) == [1, 3]
