"""From baskets to exact counts by day of the itemsets that matter: here while small, else over Spark.

Both ways give the same counts. Here takes the numbers of each line, and a bit per frequent item and basket; there
cannot be more than lines / (support x baskets) frequent items, so both are bounded before anything is collected.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.gold.baskets.basket_items import Baskets, numbers_table
from jobs.gold.baskets.bit_rows import Floats, Ints
from jobs.gold.baskets.day_counts import Counts, counts_by_day, tree
from jobs.gold.baskets.itemsets import Bounds, Itemset, TooManyItemsetsError, frequent_itemsets
from jobs.gold.baskets.prefix_counts import counts_by_day_over_spark, itemsets_by_prefix
from jobs.gold.settings.basket_rules import Settings

BYTES_PER_LINE = 40  # the numbers of basket and item, their places among the bits, and copies of both
MOST_COUNTS = 100_000_000  # of itemsets times days: 0.8 GB where they are added up
EPOCH = date(1970, 1, 1).toordinal()
Day = tuple[int, int, Counts]  # day from 1970-01-01, its baskets, and how many of them hold each itemset


@dataclass(frozen=True)
class Counted:
    """The tracked itemsets (of item numbers), the items' names by number, and the counts by day.

    least: what an itemset's baskets had to be worth to be tracked; min_support: the share of all baskets that rules
    may ask for, higher than the settings' where there were too many itemsets.
    """

    itemsets: list[Itemset]
    names: list[str]
    days: list[Day]
    least: float
    min_support: float


def day_number(day: date) -> int:
    """Days from 1970-01-01."""
    return day.toordinal() - EPOCH


def weights_of(days: Ints, as_of: date, half_life_days: float | None) -> Floats:
    """What a basket of each day counts: half for every half-life that has passed, 1 without one."""
    if half_life_days is None:
        return np.ones(len(days))
    ages = np.maximum(0, day_number(as_of) - np.asarray(days, dtype=np.int64))
    return 0.5 ** (ages / half_life_days)


def driver_bytes(line_count: int, min_support: float) -> int:
    """Most memory that counting here can take, whatever the baskets look like."""
    bits_per_line = 1 / max(min_support, 1 / max(line_count, 1))
    return int(line_count * (BYTES_PER_LINE + bits_per_line / 8))


def count_here(baskets: Baskets, settings: Settings, as_of: date) -> Counted:
    """Find the itemsets worth tracking, and count them by day."""
    weights = weights_of(baskets.day_of, as_of, settings.half_life_days) if settings.half_life_days else None
    total = baskets.count if weights is None else float(weights.sum())
    day_count = len(np.unique(baskets.day_of))
    bounds = Bounds(settings.max_items_per_rule, most_itemsets(settings, day_count))

    def count(least: float) -> dict[Itemset, int]:
        return frequent_itemsets(baskets.basket_of, baskets.item_of, baskets.count, least, bounds, weights)

    counts, least, min_support = affordable(count, total, settings)
    itemsets = in_order(counts)
    days = list(counts_by_day(tree(itemsets), baskets.basket_of, baskets.item_of, baskets.day_of))
    return Counted(itemsets, baskets.names, days, least, min_support)


def count_over_spark(lines: DataFrame, names: list[str], settings: Settings, as_of: date) -> Counted:
    """The same for baskets that this process cannot hold.

    Args:
        lines: order_id, order_date, item; an item twice in a basket counts once.
        names: the items that may be frequent.
    """
    numbers = F.broadcast(lines.sparkSession.createDataFrame(numbers_table(names)))
    pairs = pairs_of(lines.join(numbers, "item", "left")).persist()
    try:
        days, totals = days_of(pairs)
        weights = weights_of(days, as_of, settings.half_life_days)
        total = float(weights @ totals) if settings.half_life_days else int(totals.sum())
        by_day = F.broadcast(table_of(pairs, days, weights))
        weighed = pairs.join(by_day, "order_date") if settings.half_life_days else pairs
        most, longest = most_itemsets(settings, len(days)), settings.max_items_per_rule
        itemset_counts, least, min_support = affordable(
            lambda least: itemsets_by_prefix(weighed, least, longest, most), total, settings
        )
        itemsets = in_order(itemset_counts)
        counts = counts_by_day_over_spark(pairs, itemsets)
    finally:
        pairs.unpersist()
    nothing = np.zeros(len(itemsets), dtype=np.int64)
    rows = [(day, n, counts.get(day, nothing)) for day, n in zip(days.tolist(), totals.tolist(), strict=True)]
    return Counted(itemsets, names, rows, least, min_support)


def pairs_of(lines: DataFrame) -> DataFrame:
    """order_id, order_date (one per order), number: each basket and item once; a basket without a number has NULL."""
    baskets = lines.groupBy("order_id").agg(F.min("order_date").alias("order_date"), F.collect_set("number").alias("n"))
    return baskets.select("order_id", "order_date", F.explode_outer("n").alias("number"))


def days_of(pairs: DataFrame) -> tuple[Ints, Ints]:
    """Days with baskets, and the number of them."""
    rows = pairs.groupBy("order_date").agg(F.count_distinct("order_id").alias("baskets")).orderBy("order_date")
    counted = rows.toArrow()
    return counted["order_date"].cast(pa.int32()).to_numpy(), counted["baskets"].to_numpy()


def table_of(pairs: DataFrame, days: Ints, weights: Floats) -> DataFrame:
    """order_date, weight."""
    spark: SparkSession = pairs.sparkSession
    dates = pa.array(days.astype(np.int32)).cast(pa.date32())
    return spark.createDataFrame(pa.table({"order_date": dates, "weight": pa.array(weights)}))


def in_order(itemsets: dict[Itemset, int]) -> list[Itemset]:
    """The itemsets in one order whatever found them."""
    return sorted(itemsets, key=lambda itemset: (len(itemset), itemset))


def most_itemsets(settings: Settings, day_count: int) -> int:
    """How many itemsets are affordable: each has a count for every day."""
    return max(1, min(settings.max_itemsets, MOST_COUNTS // max(day_count, 1)))


def affordable(
    count: Callable[[float], dict[Itemset, int]], basket_count: float, settings: Settings
) -> tuple[dict[Itemset, int], float, float]:
    """The itemsets to track, what they had to be worth, and the support it serves: doubled while there are too many."""
    min_support = settings.min_support
    while True:
        least = settings.tracked_least(settings.least(basket_count, min_support))
        if least <= 0:  # with a half-life no basket of any weight is left
            return {}, 0.0, min_support
        try:
            return count(least), least, min_support
        except TooManyItemsetsError:
            if min_support >= 1:  # many items in every basket: nothing is tracked, and no rule can be told
                return {}, basket_count + 1, min_support
            min_support = min(1.0, 2 * max(min_support, least / basket_count))


def too_many_items(max_items: int) -> str:
    """What is wrong with more items than the bound, and what to do."""
    return (
        f"the baskets have more than {max_items:,} different items: choose a coarser level in"
        " basket_rules.yaml, or raise max_items there"
    )
