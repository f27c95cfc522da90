"""publish is the only writer: contract, gate, one commit that says what it was made from."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.errors import GateError, LakehouseError
from lakehouse.lake.change_feed import in_replay
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Base, Run
from lakehouse.sql.query import Appended, Query
from tests.conftest import RUN_DATE, places

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: gold.colours
version: 1.0.0
status: active
schema:
  - name: colours
    physicalName: gold.colours
    dataGranularityDescription: one row per colour
    properties:
      - {name: colour, logicalType: string, physicalType: STRING, primaryKey: true, description: its name,
         logicalTypeOptions: {enum: [red, green, blue]}}
      - {name: shades, logicalType: integer, physicalType: BIGINT, description: count of shades}
"""


@pytest.fixture
def colours(spark: SparkSession, tmp_path: Path) -> Lake:
    """A lake whose only contract is gold.colours, published by merge where a test says so."""
    layer = tmp_path / "conf"
    (layer / "contracts" / "gold").mkdir(parents=True)
    (layer / "contracts" / "gold" / "colours.odcs.yaml").write_text(CONTRACT)
    conf = Conf([layer], overrides=places(tmp_path))
    return Lake(spark, conf, conf.profile.lake, Run("r1", RUN_DATE), Contracts(conf)).for_job("gold.colours", "h1")


def rows(lake: Lake, *values: tuple[str | None, int | None]):
    return lake.spark.createDataFrame(list(values), "colour STRING, shades BIGINT")


def content(lake: Lake) -> set[tuple[str, int]]:
    return {tuple(row) for row in lake.for_job("reader", "h").read("gold.colours").collect()}


def test_a_table_that_does_not_exist_reads_as_empty_and_well_typed(colours):
    assert colours.read("gold.colours").schema == colours.contracts["gold.colours"].schema()
    assert colours.read("gold.colours").count() == 0


def test_the_contract_makes_the_table(colours):
    colours.publish("gold.colours", rows(colours, ("red", 3)), RUN_DATE)

    described = colours.spark.sql(f"DESCRIBE TABLE delta.`{colours.path('gold.colours')}`").collect()
    properties = colours.spark.sql(f"SHOW TBLPROPERTIES delta.`{colours.path('gold.colours')}`").collect()
    assert [(r.col_name, r.comment) for r in described] == [("colour", "its name"), ("shades", "count of shades")]
    constraint = {r.key: r.value for r in properties}["delta.constraints.colour_known"]
    assert all(f"'{colour}'" in constraint for colour in ("red", "green", "blue"))


def test_the_commit_says_which_run_and_which_inputs_made_it(colours):
    colours.read("gold.colours")
    colours.publish("gold.colours", rows(colours, ("red", 3)), RUN_DATE)

    recorded = delta_log.last_publish(colours.path("gold.colours")).recorded
    assert (recorded["run_id"], recorded["run_date"], recorded["job"], recorded["rows"]) == (
        "r1",
        "2017-10-02",
        "gold.colours",
        1,
    )
    assert recorded["inputs"] == {"gold.colours": None}


@pytest.mark.parametrize("bad", [("red", 1, "red", 2), (None, 1, "red", 2), ("mauve", 1, "red", 2)])
def test_a_repeated_key_a_missing_key_and_an_unknown_value_keep_last_nights_table(colours, bad):
    colours.publish("gold.colours", rows(colours, ("green", 9)), RUN_DATE)

    with pytest.raises(GateError, match=r"gold\.colours: 1 critical expectations failed") as error:
        colours.publish("gold.colours", rows(colours, bad[:2], bad[2:]), RUN_DATE)

    assert "mauve" not in str(error.value)
    assert content(colours) == {("green", 9)}


def test_merge_changes_rows_of_the_same_key_and_adds_the_others(colours):
    colours.publish("gold.colours", rows(colours, ("red", 1), ("green", 2)), RUN_DATE)
    colours.publish("gold.colours", rows(colours, ("red", 5), ("blue", 6)), RUN_DATE, mode="merge")

    assert content(colours) == {("red", 5), ("green", 2), ("blue", 6)}
    assert delta_log.last_publish(colours.path("gold.colours")).recorded["run_id"] == "r1"


def test_replace_group_swaps_all_rows_of_a_group(colours):
    colours.publish("gold.colours", rows(colours, ("red", 1), ("green", 2)), RUN_DATE)
    colours.publish("gold.colours", rows(colours, ("red", 7)), RUN_DATE, mode="replace_group", group=("colour",))

    assert content(colours) == {("red", 7), ("green", 2)}


def test_a_column_that_the_contract_does_not_know_is_refused(colours):
    with pytest.raises(LakehouseError, match=r"not in the contract: \['size'\]"):
        colours.publish("gold.colours", rows(colours, ("red", 1)).selectExpr("*", "1 AS size"), RUN_DATE)


def test_equal_rows_in_any_order_have_an_equal_fingerprint(colours):
    first = colours.publish("gold.colours", rows(colours, ("red", 1), ("blue", 2)), RUN_DATE)
    second = colours.publish("gold.colours", rows(colours, ("blue", 2), ("red", 1)), RUN_DATE)
    third = colours.publish("gold.colours", rows(colours, ("blue", 2), ("red", 3)), RUN_DATE)
    assert first.fingerprint == second.fingerprint != third.fingerprint


def test_new_rows_are_those_of_later_appends_only(colours):
    key = "files-1"
    colours.conf.exports()["till"] = _export()
    one = colours.spark.createDataFrame([("a", "f1", "till.csv", 2, None, RUN_DATE)], _bronze_ddl())
    two = colours.spark.createDataFrame([("b", "f2", "till2.csv", 2, None, RUN_DATE)], _bronze_ddl())

    first = colours.append_bronze("till", one, key)
    again = colours.append_bronze("till", one, key)
    colours.append_bronze("till", two, "files-2")

    assert (first.row_count, again.row_count) == (1, 0)
    later = colours.for_job("reader", "h").new_rows("bronze.till", since=first.version)
    assert [row.card for row in later.collect()] == ["b"]
    assert colours.for_job("reader", "h").new_rows("bronze.till", since=None).count() == 2


@pytest.mark.parametrize("feed", ["true", "false"])
def test_new_rows_are_found_by_spark_alone_with_a_change_feed_and_without(colours, tmp_path, feed):
    path = tmp_path / "conf" / "contracts" / "gold" / "colours.odcs.yaml"
    with_feed = (
        f'    customProperties:\n      - {{property: delta.enableChangeDataFeed, value: "{feed}"}}\n    properties:'
    )
    path.write_text(CONTRACT.replace("    properties:", with_feed))
    conf = Conf([tmp_path / "conf"], overrides={**places(tmp_path), "collect_up_to_rows": 0})
    alone = dataclasses.replace(colours, conf=conf, contracts=Contracts(conf))
    first = alone.publish("gold.colours", rows(alone, ("red", 1)), RUN_DATE, mode="append")
    alone.publish("gold.colours", rows(alone, ("blue", 2)), RUN_DATE, mode="append")
    last = alone.publish("gold.colours", rows(alone, ("green", 3)), RUN_DATE, mode="append")

    new = alone.for_job("reader", "h").new_rows("gold.colours", first.version)

    assert sorted(tuple(row) for row in new.select("colour", "shades", "_version").collect()) == [
        ("blue", 2, last.version - 1),
        ("green", 3, last.version),
    ]
    assert alone.for_job("reader", "h").new_rows("gold.colours", last.version).count() == 0


def test_a_query_reads_appended_rows_alone_on_either_engine(colours, tmp_path):
    first = colours.publish("gold.colours", rows(colours, ("red", 1)), RUN_DATE, mode="append")
    colours.publish("gold.colours", rows(colours, ("blue", 2)), RUN_DATE, mode="append")
    spark_alone = Conf([tmp_path / "conf"], overrides={**places(tmp_path), "collect_up_to_rows": 0})

    for conf in (colours.conf, spark_alone):
        view = dataclasses.replace(colours, conf=conf).for_job("reader", "h")
        new, none = (Appended("gold.colours", version) for version in (first.version, first.version + 1))
        assert view.fetch(Query("SELECT colour FROM {new}", {"new": new}))["colour"].to_pylist() == ["blue"]
        assert view.fetch(Query("SELECT colour FROM {new}", {"new": none})).num_rows == 0
        assert view.is_appended("gold.colours", first.version)


def _export():
    from lakehouse.config.exports import Export, ExportColumn

    return Export(
        export="till", channel="pos", files="till*.csv", format="csv", columns={"card": ExportColumn()}, targets=()
    )


def _bronze_ddl() -> str:
    return "card STRING, _file_id STRING, _source_file STRING, _source_line BIGINT, _malformed STRING, _run_date DATE"


def test_ops_rows_are_written_on_flush_and_read_without_spark(colours):
    from lakehouse.ops import tables as ops_tables

    colours.record("ops.lineage", [])
    packaged = Contracts(Conf())
    colours.contracts._all.update({"ops.lineage": packaged["ops.lineage"]})
    colours.record(
        "ops.lineage",
        [
            {
                "run_id": "r1",
                "run_date": date(2017, 10, 2),
                "table": "silver.orders",
                "export": "till",
                "lines_in": 5,
                "rows_out": 2,
                "lines_in_rows": 3,
                "quarantined": 1,
                "discarded": {"superseded": 1},
            }
        ],
    )
    colours.flush()

    (row,) = ops_tables.read(colours.path("ops.lineage"))
    assert (row["lines_in"], dict(row["discarded"])) == (5, {"superseded": 1})


@pytest.mark.parametrize("collect_up_to_rows", [1_000_000, 0])
def test_a_new_major_version_of_a_contract_begins_the_table_anew_and_says_so(colours, tmp_path, collect_up_to_rows):
    colours.publish("gold.colours", rows(colours, ("red", 3)), RUN_DATE, mode="merge")
    layer = tmp_path / "conf" / "contracts" / "gold" / "colours.odcs.yaml"
    layer.write_text(
        CONTRACT.replace("1.0.0", "2.0.0").replace("name: shades", "name: hue, primaryKey: true, required: true")
    )
    conf = Conf([tmp_path / "conf"], overrides={**places(tmp_path), "collect_up_to_rows": collect_up_to_rows})
    new = Lake(colours.spark, conf, colours.root, Run("r2", RUN_DATE), Contracts(conf)).for_job("gold.colours", "h2")

    assert new.read("gold.colours").collect() == []
    batch = new.spark.createDataFrame([("red", 7), ("blue", 8)], "colour STRING, hue BIGINT")
    new.publish("gold.colours", batch, RUN_DATE, mode="merge")
    again = new.for_job("gold.colours", "h2")
    again.publish("gold.colours", batch.where("hue = 8"), RUN_DATE, mode="merge")

    assert content(again) == {("red", 7), ("blue", 8)}
    assert again.notes == []
    assert any("written whole" in note for note in new.notes)
    properties = colours.spark.sql(f"SHOW TBLPROPERTIES delta.`{colours.path('gold.colours')}`").collect()
    assert "delta.constraints.colour_known" in {row.key for row in properties}


def test_a_replay_counts_what_is_new_from_its_own_clone_on(colours, tmp_path):
    """The base's versions are translated; an input that the replay wrote without the base's rows has nothing known."""
    table = "gold.colours"
    colours.publish(table, rows(colours, ("red", 1)), RUN_DATE, mode="append")
    colours.publish(table, rows(colours, ("green", 2)), RUN_DATE, mode="append")
    base = Base(colours.root, {table: colours.version(table) or 0})
    replay = dataclasses.replace(colours, root=str(tmp_path / "replay"), base=base)

    untouched = in_replay(replay, base, dict(base.versions))
    replay.publish(table, rows(colours, ("blue", 3)), RUN_DATE, mode="append")
    appended = in_replay(replay, base, dict(base.versions))
    reader = replay.for_job("reader", "h")
    query = Query("SELECT colour FROM {new}", {"new": Appended(table, appended[table])})
    new = reader.fetch(query)["colour"].to_pylist()

    assert (untouched, appended, new) == (base.versions, {table: 0}, ["blue"])
    assert reader.is_appended(table, appended[table])
    assert in_replay(replay, base, {table: base.versions[table] - 1}) == {}
    replaced = dataclasses.replace(replay, root=str(tmp_path / "other"))
    replaced.publish(table, rows(colours, ("blue", 3)), RUN_DATE, mode="replace")
    assert in_replay(replaced, base, dict(base.versions)) == {}


def test_what_the_base_of_a_replay_does_not_have_was_never_published_nor_consumed(colours, tmp_path):
    table = "gold.colours"
    colours.publish(table, rows(colours, ("red", 7)), RUN_DATE)

    first_night = dataclasses.replace(colours, root=str(tmp_path / "replay"), base=Base(colours.root, {}))

    assert not first_night.exists(table)
    assert not first_night.is_published(table)
    assert first_night.consumed(table) == {}
    assert first_night.source(table) == first_night.path(table)


def test_a_replay_reads_what_its_night_was_told_from_outside_as_that_night_published_it(colours, tmp_path):
    table = "gold.colours"
    colours.publish(table, rows(colours, ("red", 7)), RUN_DATE)
    published = {table: colours.version(table) or 0}
    colours.publish(table, rows(colours, ("blue", 8)), RUN_DATE)

    base = Base(colours.root, {}, published)
    replay = dataclasses.replace(colours, root=str(tmp_path / "replay"), base=base)

    assert {tuple(row) for row in replay.as_published(table).select("colour", "shades").collect()} == {("red", 7)}
    assert dataclasses.replace(replay, base=Base(colours.root, {})).as_published(table).collect() == []
