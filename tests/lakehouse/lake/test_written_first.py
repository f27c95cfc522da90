"""A batch that Spark writes lies in files before it is judged: one commit names them, or they are gone."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta import staged
from lakehouse.errors import GateError
from lakehouse.lake import contents
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.conftest import RUN_DATE, places
from tests.lakehouse.lake.test_lake import CONTRACT, content, rows

TABLE = "gold.colours"
SUITE = """
- type: expect_column_values_to_match_regex
  kwargs: {{column: colour, regex: "{regex}"}}
"""


@pytest.fixture
def colours(spark: SparkSession, tmp_path: Path) -> Lake:
    """A lake with two colours, which takes no batch of more than one row into this process."""
    layer = tmp_path / "conf"
    (layer / "contracts" / "gold").mkdir(parents=True)
    (layer / "contracts" / "gold" / "colours.odcs.yaml").write_text(CONTRACT)
    conf = Conf([layer], overrides={**places(tmp_path), "collect_up_to_rows": 1})
    lake = Lake(spark, conf, conf.profile.lake, Run("r1", RUN_DATE), Contracts(conf)).for_job(TABLE, "h1")
    lake.publish(TABLE, rows(lake, ("red", 1), ("green", 2)), RUN_DATE)
    lake.engines.clear()
    return lake


def data_files(lake: Lake) -> set[str]:
    return {path.name for path in Path(lake.root).rglob("*.parquet")}


def test_rows_that_replace_and_rows_that_are_added_are_one_commit_each_with_what_stands_in_the_table(colours):
    replaced = colours.publish(TABLE, rows(colours, ("red", 3), ("blue", 4)), RUN_DATE)
    added = colours.publish(TABLE, rows(colours, ("green", 5)), RUN_DATE, mode="append")

    assert colours.engines == {"spark", "local"}
    assert content(colours) == {("red", 3), ("blue", 4), ("green", 5)}
    assert added.version == replaced.version + 1
    assert delta_log.only_appended(colours.path(TABLE), replaced.version, added.version)
    assert delta_log.rows_added(colours.path(TABLE), replaced.version, added.version) == 1
    assert contents.standing(colours, TABLE) == contents.whole(colours, TABLE, added.version)
    assert not list(Path(colours.root, staged.FOLDER).iterdir())
    theirs = colours.spark.read.format("delta").load(colours.path(TABLE)).where("shades > 4").collect()
    assert [tuple(row) for row in theirs] == [("green", 5)]


def test_the_log_has_the_bounds_of_each_file_by_which_readers_pass_over_it(colours):
    colours.publish(TABLE, rows(colours, ("red", 3), ("blue", 4)).coalesce(1), RUN_DATE)

    (stats,) = pa.table(DeltaTable(colours.path(TABLE)).get_add_actions(flatten=True)).to_pylist()
    assert (stats["num_records"], stats["min.shades"], stats["max.shades"], stats["null_count.shades"]) == (2, 3, 4, 0)
    assert (stats["min.colour"], stats["max.colour"]) == ("blue", "red")


@pytest.mark.parametrize("bad", [("red", 1, "red", 2), (None, 1, "red", 2), ("mauve", 1, "red", 2)])
def test_what_the_gate_refuses_leaves_neither_a_commit_nor_a_file(colours, bad):
    before, files = colours.version(TABLE), data_files(colours)

    with pytest.raises(GateError, match=r"1 critical expectations failed") as error:
        colours.publish(TABLE, rows(colours, bad[:2], bad[2:]), RUN_DATE)

    assert "mauve" not in str(error.value)
    assert (colours.version(TABLE), content(colours)) == (before, {("red", 1), ("green", 2)})
    assert data_files(colours) == files


def test_a_run_that_dies_between_files_and_commit_has_changed_nothing_and_the_next_one_goes_on(colours, monkeypatch):
    before = colours.version(TABLE)
    with monkeypatch.context() as patched:
        patched.setattr(staged, "commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            colours.publish(TABLE, rows(colours, ("blue", 7)), RUN_DATE)

    assert (colours.version(TABLE), content(colours)) == (before, {("red", 1), ("green", 2)})
    Path(colours.root, staged.FOLDER, "left").mkdir(parents=True)
    staged.clear(colours.root)
    colours.publish(TABLE, rows(colours, ("blue", 7)), RUN_DATE)
    assert content(colours) == {("blue", 7)}
    assert not list(Path(colours.root, staged.FOLDER).iterdir())


def test_a_commit_whose_reply_is_lost_is_made_once(colours, monkeypatch):
    made = staged.commit

    def lost(*arguments: object) -> None:
        made(*arguments)
        raise ConnectionError

    monkeypatch.setattr(staged, "commit", lost)
    before = colours.version(TABLE) or 0

    colours.publish(TABLE, rows(colours, ("blue", 7), ("red", 8)), RUN_DATE)

    assert (colours.version(TABLE), content(colours)) == (before + 1, {("blue", 7), ("red", 8)})


def test_a_value_that_does_not_fit_is_refused_and_its_files_are_gone(colours):
    files = data_files(colours)
    batch = colours.spark.createDataFrame([("red", "3"), ("blue", "many")], "colour STRING, shades STRING")

    with pytest.raises(GateError, match="shades: 1 rows are no BIGINT"):
        colours.publish(TABLE, batch, RUN_DATE)

    assert data_files(colours) == files


@pytest.mark.parametrize(("regex", "holds"), [("^(?=b)", False), ("^(?=r|b)", True)])
def test_an_expression_of_javas_kind_is_judged_by_spark(colours, tmp_path, regex, holds):
    suite = tmp_path / "conf" / "expectations" / "gold" / "colours.yaml"
    suite.parent.mkdir(parents=True)
    suite.write_text(SUITE.format(regex=regex))

    if holds:
        colours.publish(TABLE, rows(colours, ("red", 3), ("blue", 4)), RUN_DATE)
        return
    with pytest.raises(GateError, match="1 critical expectations failed"):
        colours.publish(TABLE, rows(colours, ("red", 3), ("blue", 4)), RUN_DATE)


def test_no_rows_at_all_empty_a_table_that_they_replace(colours):
    colours.note(TABLE, "nothing is left")

    done = colours.publish(TABLE, rows(colours, ("red", 1)).where("shades > 5"), RUN_DATE)

    assert (done.row_count, content(colours)) == (0, set())


def test_a_table_with_a_check_of_somebody_elses_is_written_by_delta_itself(colours):
    DeltaTable(colours.path(TABLE)).alter.add_constraint({"small": "shades < 10"})

    assert not staged.suits(colours.path(TABLE), colours.contracts[TABLE])
    colours.publish(TABLE, rows(colours, ("red", 3), ("blue", 4)), RUN_DATE)
    assert colours.engines == {"spark"}
    assert content(colours) == {("red", 3), ("blue", 4)}
