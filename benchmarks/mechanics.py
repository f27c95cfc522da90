"""What publishing and checking cost, against doing without: a bare Delta write, and Great Expectations called plainly.

    python -m benchmarks.mechanics [--rows 10000000] [--rounds 3] [--only publish|checks]

Publish: the same rows through `lake.publish` (contract, expectations, fingerprint, one commit, its record) and
written by `df.write.format("delta")`; medians of the rounds, each into tables of their own. Checks: 20 expectations
over the files of such a write, where the gate reads them, and by Great Expectations over the same rows, cached; the
ratio counts only where every verdict is the same. Java has both its compilers, as in any night of so much. Promised: at
most 1.25 times the bare write, at least 5 times as fast as Great Expectations.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from lakehouse.quality import great_expectations
from lakehouse.quality.arrow_checks import Local, checked_files
from lakehouse.quality.compiler import compiled
from lakehouse.quality.gate import observe_written
from lakehouse.quality.suites import Expectation
from lakehouse.spark.session import start

TABLE, DAY = "silver.order_lines", date(2026, 3, 31)
MOST_OVERHEAD, LEAST_GAIN = 1.25, 5.0


def main() -> None:
    """Measure, and say whether the promises hold."""
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="mechanics-") as folder:
        own: dict[str, Any] = {"lake": f"{folder}/lake", "quick_compiler_up_to_mb": 0}
        conf = Conf([], overrides=own)
        if arguments.rows <= conf.profile.collect_up_to_rows:
            print(f"Spark writes what has more than {conf.profile.collect_up_to_rows:,} rows; fewer are collected")
        spark = start(conf.profile, "mechanics")
        lines = order_lines(spark, conf, arguments.rows).persist()
        print(f"{lines.count():,} rows of {TABLE}, {len(lines.columns)} columns")
        if arguments.only != "checks":
            publishing(spark, conf, lines, arguments.rounds, Path(folder))
        if arguments.only != "publish":
            checking(lines, arguments.rounds, Path(folder))
        spark.stop()


def parsed() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("publish", "checks"))
    return parser.parse_args()


MADE = {  # column -> how it follows from a row's number
    "order_id": "concat('pos:', id div 8)",
    "line_number": "CAST(id % 8 + 1 AS {type})",
    "channel": "'pos'",
    "product_id": "concat('p', abs(xxhash64(id)) % 20000)",
    "store_id": "CAST(abs(xxhash64(id, 1)) % 400 AS STRING)",
    "order_date": "date_add(DATE'2026-03-31', -CAST(abs(xxhash64(id div 8)) % 365 AS INT))",
    "quantity": "CAST(1 + abs(xxhash64(id, 2)) % 6 AS {type})",
    "sales_cents": "100 + abs(xxhash64(id, 3)) % 5000",
    "discount_cents": "abs(xxhash64(id, 4)) % 90",
    "coupon_cents": "abs(xxhash64(id, 5)) % 3",
    "quality_flags": "CAST(array() AS {type})",
    "_export": "'made_up'",
    "_source_file": "'2026-03-31/made_up.csv'",
    "_source_line": "id",
    "_run_date": "DATE'2026-03-31'",
}


def order_lines(spark: SparkSession, conf: Conf, count: int) -> DataFrame:
    """So many lines of orders, in the columns of the contract; what is not made is NULL."""
    contract = Contracts(conf)[TABLE]
    columns = [
        f"CAST({MADE.get(c.name, 'NULL').format(type=c.type)} AS {c.type}) AS `{c.name}`" for c in contract.columns
    ]
    return spark.range(count).selectExpr(*columns)


def publishing(spark: SparkSession, conf: Conf, lines: DataFrame, rounds: int, folder: Path) -> None:
    """Bare write against publish, in turn."""
    bare, ours = [], []
    for n in range(rounds + 1):  # the first one warms up and does not count
        bare.append(seconds(lambda n=n: lines.write.format("delta").save(f"{folder}/bare{n}")))  # type: ignore[misc]
        run = Run(f"run-{n}", DAY)
        lake = Lake(spark, conf, f"{folder}/lake{n}", run, Contracts(conf)).for_job("mechanics", "hash")
        read_before(lake, lines.count())
        ours.append(seconds(lambda lake=lake: lake.publish(TABLE, lines, DAY, mode="replace")))  # type: ignore[misc]
    told("publish", statistics.median(ours[1:]), "bare write", statistics.median(bare[1:]))
    ratio = statistics.median(ours[1:]) / statistics.median(bare[1:])
    print(f"publish takes {ratio:.2f} times the bare write (at most {MOST_OVERHEAD}: {ratio <= MOST_OVERHEAD})")


def read_before(lake: Lake, count: int) -> None:
    """A job knows by what it has read that its rows are many; here they come from nowhere."""
    lake.spark.range(count).write.format("delta").save(lake.path("silver.orders"))
    lake.pin("silver.orders")


def suite() -> list[Expectation]:
    """Twenty expectations as a steward writes them: most hold, four do not."""
    between = "expect_column_values_to_be_between"
    return [
        *(Expectation("expect_column_values_to_not_be_null", {"column": c}) for c in ("order_id", "product_id")),
        *(Expectation("expect_column_values_to_not_be_null", {"column": c}) for c in ("store_id", "order_date")),
        Expectation("expect_column_values_to_not_be_null", {"column": "sales_cents"}),
        Expectation("expect_column_values_to_not_be_null", {"column": "discount_cents", "mostly": 0.9}),
        *(Expectation(between, {"column": "sales_cents", "min_value": 0, "max_value": m}) for m in (6000, 4000)),
        *(Expectation(between, {"column": "discount_cents", "min_value": 0, "max_value": m}) for m in (89, 50)),
        Expectation(between, {"column": "coupon_cents", "min_value": 0, "max_value": 2}),
        Expectation(between, {"column": "quantity", "min_value": 1, "max_value": 6}),
        Expectation("expect_column_values_to_be_in_set", {"column": "channel", "value_set": ["pos", "web"]}),
        Expectation("expect_column_values_to_be_in_set", {"column": "channel", "value_set": ["web"]}),
        Expectation("expect_column_values_to_match_regex", {"column": "order_id", "regex": "^pos:[0-9]+$"}),
        Expectation("expect_column_values_to_match_regex", {"column": "product_id", "regex": "^q"}),
        Expectation(
            "expect_column_value_lengths_to_be_between", {"column": "store_id", "min_value": 1, "max_value": 3}
        ),
        Expectation("expect_column_sum_to_be_between", {"column": "sales_cents", "min_value": 1}),
        Expectation("expect_column_mean_to_be_between", {"column": "sales_cents", "min_value": 100, "max_value": 5100}),
        Expectation("expect_table_row_count_to_be_between", {"min_value": 1}),
    ]


def checking(lines: DataFrame, rounds: int, folder: Path) -> None:
    """The gate's checks of written rows against Great Expectations, and whether they agree."""
    expectations = suite()
    checks = [check for e in expectations if (check := compiled(e))]
    if len(checks) < len(expectations):
        print(f"{len(expectations) - len(checks)} of the expectations are not compiled")
    lines.write.format("delta").save(f"{folder}/checked")
    files = [str(path) for path in (folder / "checked").glob("*.parquet")]
    written = Local(files, f"{folder}/checked", rs_tables.arrow_schema(Contracts(Conf())[TABLE]), f"{folder}/_spill")
    ours, theirs = [], []
    for _ in range(rounds + 1):
        ours.append(seconds(lambda: checked_files(written, checks)))
        theirs.append(seconds(lambda: great_expectations.validate(lines, expectations)))
    mine = [passed for _, passed, _ in observe_written(lines, written, checks).results]
    plain = [passed for _, passed, _ in great_expectations.validate(lines, [c.expectation for c in checks])]
    agree = mine == plain
    told("gate", statistics.median(ours[1:]), "Great Expectations", statistics.median(theirs[1:]))
    ratio = statistics.median(theirs[1:]) / statistics.median(ours[1:])
    held = agree and ratio >= LEAST_GAIN
    print(f"{len(checks)} checks, {mine.count(False)} fail; same verdicts: {agree}; {ratio:.1f} times as fast: {held}")


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of some work."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def told(name: str, ours: float, other: str, theirs: float) -> None:
    """Two times side by side."""
    print(f"{name:10} {ours:8.2f} s\n{other:10} {theirs:8.2f} s", flush=True)


if __name__ == "__main__":
    main()
