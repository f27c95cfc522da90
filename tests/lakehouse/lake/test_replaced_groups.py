"""Groups that are told anew change the files that they stand in, and no others; the table is as if all were written."""

import random
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import file_groups, staged
from lakehouse.delta import log as delta_log
from lakehouse.lake import contents, publish
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.conftest import RUN_DATE, places

TABLE = "gold.lines"
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: gold.lines
version: 1.0.0
status: active
schema:
  - name: lines
    physicalName: gold.lines
    dataGranularityDescription: one row per line of an order
    properties:
      - {name: order_id, logicalType: string, physicalType: STRING, primaryKey: true, description: the order}
      - {name: line, logicalType: integer, physicalType: INT, primaryKey: true, description: its line}
      - {name: day, logicalType: date, physicalType: DATE, description: when}
      - {name: at, logicalType: date, physicalType: TIMESTAMP, description: the moment}
      - {name: amount, logicalType: number, physicalType: "DECIMAL(18,3)", description: what it cost}
      - {name: labels, logicalType: array, physicalType: "ARRAY<STRING>", description: on it}
"""
Line = tuple[str, int, str]


@pytest.fixture(params=["collected", "by Spark"])
def lines(spark: SparkSession, tmp_path: Path, request: pytest.FixtureRequest) -> Lake:
    """A lake with a table of orders' lines, whose batches are taken into this process, or never."""
    layer = tmp_path / "conf"
    (layer / "contracts" / "gold").mkdir(parents=True)
    (layer / "contracts" / "gold" / "lines.odcs.yaml").write_text(CONTRACT)
    most = {"collected": 2_000_000, "by Spark": 1}[request.param]
    conf = Conf([layer], overrides={**places(tmp_path), "collect_up_to_rows": most})
    return Lake(spark, conf, conf.profile.lake, Run("r1", RUN_DATE), Contracts(conf)).for_job(TABLE, "h1")


def frame(lake: Lake, batch: list[Line]):
    """Lines as rows: an order's number, the line's, and a text from which the others follow."""
    return lake.spark.createDataFrame(batch, "o STRING, n INT, told STRING").selectExpr(
        "o AS order_id",
        "n AS line",
        "DATE '2024-02-29' AS day",
        "CAST('2024-03-31 01:30:00' AS TIMESTAMP) AS at",
        "CAST(length(told) + 0.125 AS DECIMAL(18,3)) AS amount",
        "array(told, NULL) AS labels",
    )


def stands(lake: Lake) -> list[Line]:
    rows = lake.for_job("reader", "h").read(TABLE).collect()
    assert {row["day"] for row in rows} <= {date(2024, 2, 29)}
    assert all(float(row["amount"]) == len(row["labels"][0]) + 0.125 for row in rows)
    return sorted((row["order_id"], row["line"], row["labels"][0]) for row in rows)


def files(lake: Lake) -> set[str]:
    return {Path(uri).name for uri in DeltaTable(lake.path(TABLE)).file_uris()}


def filled(lake: Lake, parts: int, orders: int) -> list[Line]:
    """Some files, each with the lines of orders of its own."""
    told = [[(f"{part}-{n}", line, "first") for n in range(orders) for line in (1, 2)] for part in range(parts)]
    for rows in told:
        lake.publish(TABLE, frame(lake, rows), RUN_DATE, mode="append")
    return [line for rows in told for line in rows]


def told_anew(lake: Lake, batch: list[Line], groups: list[str] | None = None) -> publish.Published:
    named = ("order_id",) if groups is None else lake.spark.createDataFrame([(g,) for g in groups], "order_id STRING")
    return lake.publish(TABLE, frame(lake, batch), RUN_DATE, mode="replace_group", group=named)


def test_files_without_a_line_of_the_orders_stay_and_the_log_knows_what_stands(lines):
    standing = filled(lines, 4, 3)
    before = files(lines)
    since = lines.version(TABLE)

    done = told_anew(lines, [("1-0", 1, "anew"), ("9-9", 1, "new")])

    assert lines.engines >= {"local"}
    assert len(before & files(lines)) == len(before) - 1
    assert stands(lines) == sorted(
        [*(one for one in standing if one[0] != "1-0"), ("1-0", 1, "anew"), ("9-9", 1, "new")]
    )
    path = lines.path(TABLE)
    assert contents.standing(lines, TABLE) == contents.whole(lines, TABLE, done.version)
    assert delta_log.commit(path, done.version).mode == delta_log.EXCHANGE
    assert not delta_log.only_appended(path, since, done.version)
    assert not delta_log.is_rewritten(path, since, done.version)
    assert (delta_log.files_added(path, done.version), delta_log.rows_added(path, since, done.version)) == ([], 0)
    assert not list(Path(lines.root, staged.FOLDER).iterdir())
    theirs = lines.spark.read.format("delta").load(path)
    assert theirs.where("order_id = '1-0'").count() == 1


@pytest.mark.parametrize("seed", range(4))
def test_after_any_nights_the_table_is_as_if_each_had_written_all_of_it(lines, seed):
    draw = random.Random(seed)
    standing = filled(lines, draw.randrange(1, 4), draw.randrange(1, 5))
    for night in range(3):
        known = sorted({order for order, _, _ in standing})
        corrected = draw.sample(known, draw.randrange(len(known) + 1))
        fresh = [f"new-{night}-{n}" for n in range(draw.randrange(3))]
        gone = draw.sample(corrected, draw.randrange(len(corrected) + 1))
        batch = [
            (order, line, f"night {night}")
            for order in [*corrected, *fresh]
            for line in range(1, draw.randrange(2, 4))
            if order not in gone
        ]
        told_anew(lines, batch, [*corrected, *fresh, "nobody's"])
        standing = [line for line in standing if line[0] not in corrected] + batch

        assert stands(lines) == sorted(standing)
        assert contents.standing(lines, TABLE) == contents.whole(lines, TABLE, lines.version(TABLE) or 0)


def test_orders_that_have_no_line_any_more_leave_and_those_of_nobody_change_nothing(lines):
    standing = filled(lines, 2, 2)

    told_anew(lines, [], ["0-0"])
    assert stands(lines) == sorted(line for line in standing if line[0] != "0-0")
    told_anew(lines, [], ["nobody's"])
    assert stands(lines) == sorted(line for line in standing if line[0] != "0-0")


def test_a_compaction_that_comes_in_between_is_seen_and_no_line_is_doubled(lines, monkeypatch):
    standing = filled(lines, 3, 2)
    found = file_groups.rest
    waiting = [1]

    def beside_a_compaction(*arguments):
        known = found(*arguments)
        if waiting:
            waiting.pop()
            DeltaTable(lines.path(TABLE)).optimize.compact()
        return known

    monkeypatch.setattr(file_groups, "rest", beside_a_compaction)
    told_anew(lines, [("1-0", 1, "anew")])

    assert not waiting
    assert stands(lines) == sorted([*(one for one in standing if one[0] != "1-0"), ("1-0", 1, "anew")])
    assert not list(Path(lines.root, staged.FOLDER).iterdir())


def test_a_commit_whose_reply_is_lost_is_made_once_and_one_that_dies_leaves_the_table(lines, monkeypatch):
    standing, made = filled(lines, 2, 2), staged.exchange

    def lost(*arguments):
        made(*arguments)
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(staged, "exchange", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            told_anew(lines, [("1-0", 1, "anew")])
    assert stands(lines) == sorted(standing)

    monkeypatch.setattr(staged, "exchange", lost)
    version = lines.version(TABLE) or 0
    told_anew(lines, [("1-0", 1, "anew")])
    assert lines.version(TABLE) == version + 1
    assert stands(lines) == sorted([*(one for one in standing if one[0] != "1-0"), ("1-0", 1, "anew")])
