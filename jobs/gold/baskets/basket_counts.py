"""From order lines to exact itemset counts: on the driver while small, by prefix item over Spark when not.

Both ways give the same counts. The driver needs the order and item of each line, and a bit per frequent item and
basket; there cannot be more than lines / (support x baskets) frequent items, so both are bounded before anything is
collected.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.gold.baskets.itemsets import Ints, Itemset, TooManyItemsetsError, frequent_itemsets, least_count
from jobs.gold.baskets.prefix_counts import itemsets_by_prefix

BYTES_PER_LINE = 100  # the order id as text, its code, the item's, and sorted copies of both


@dataclass(frozen=True)
class Bounds:
    """What is worth counting, and how much of it at most.

    min_support: smallest share of baskets, 0 to 1; min_baskets: and smallest number of them; max_length: most
    items in an itemset, None for any; max_driver_bytes: what may need more is counted on the executors;
    max_itemsets: more of them double the support; max_items: more different items stop the job.
    """

    min_support: float
    min_baskets: int
    max_length: int | None
    max_driver_bytes: int
    max_itemsets: int
    max_items: int


@dataclass(frozen=True)
class Counted:
    """Itemsets of item numbers, the items' names by number, all baskets, and the support that was reached."""

    itemsets: dict[Itemset, int]
    names: list[str]
    basket_count: int
    min_support: float


def count_itemsets(lines: DataFrame, items: DataFrame, line_count: int, bounds: Bounds) -> Counted:
    """Count the frequent itemsets of the baskets.

    Args:
        lines: order_id, item; one basket per order_id, an item twice in a basket counts once.
        items: item; each one that may be frequent, once.
        line_count: no fewer than there are lines.
    Raises:
        ValueError: more different items than max_items.
    """
    names = item_names(items, bounds.max_items)
    numbered = lines.join(F.broadcast(item_numbers(items.sparkSession, names)), "item", "left")
    if driver_bytes(line_count, bounds.min_support) <= bounds.max_driver_bytes:
        return _on_driver(numbered, names, bounds)
    return _on_executors(numbered, names, bounds)


def count_collected(lines: pa.Table, bounds: Bounds) -> Counted:
    """Count the frequent itemsets of baskets that are at hand.

    Args:
        lines: order_id, item (none NULL); one basket per order_id, an item twice in a basket counts once.
    Raises:
        ValueError: more different items than max_items are in as many lines as an itemset needs baskets.
    """
    orders, items = (lines[name].combine_chunks().dictionary_encode() for name in ("order_id", "item"))
    number_of, names = possible_numbers(items, bounds)
    numbers = number_of[items.indices.to_numpy(zero_copy_only=False)]
    kept, total = numbers >= 0, len(orders.dictionary)
    basket_of = orders.indices.to_numpy(zero_copy_only=False)[kept]
    return _counted(basket_of, numbers[kept], total, names, bounds)


def possible_numbers(items: pa.DictionaryArray, bounds: Bounds) -> tuple[Ints, list[str]]:
    """The number of each entry of the dictionary (-1: in too few lines to count), and the names by number."""
    lines_of = np.bincount(items.indices.to_numpy(zero_copy_only=False), minlength=len(items.dictionary))
    words = items.dictionary.to_pylist()
    often = [i for i, count in enumerate(lines_of) if count >= bounds.min_baskets]
    if len(often) > bounds.max_items:
        raise ValueError(too_many(bounds.max_items))
    number_of = np.full(len(words), -1, dtype=np.int64)
    in_order = sorted(often, key=lambda i: words[i])
    number_of[in_order] = np.arange(len(in_order))
    return number_of, [words[i] for i in in_order]


def too_many(max_items: int) -> str:
    """What is wrong with more items than the bound, and what to do."""
    return (
        f"the baskets have more than {max_items:,} different items: choose a coarser level in"
        " basket_rules.yaml, or raise max_items there"
    )


def driver_bytes(line_count: int, min_support: float) -> int:
    """Most memory that counting on the driver can take, whatever the baskets look like."""
    bits_per_line = 1 / max(min_support, 1 / max(line_count, 1))
    return int(line_count * (BYTES_PER_LINE + bits_per_line / 8))


def item_names(items: DataFrame, max_items: int) -> list[str]:
    """The items in order of name, so that each has the same number every time."""
    names = items.limit(max_items + 1).toArrow()["item"].to_pylist()
    if len(names) > max_items:
        raise ValueError(too_many(max_items))
    return sorted(names)


def item_numbers(spark: SparkSession, names: list[str]) -> DataFrame:
    """item, number: the place of each name in the list."""
    numbers = pa.array(range(len(names)), pa.int32())
    return spark.createDataFrame(pa.table({"item": pa.array(names, pa.string()), "number": numbers}))


def _on_driver(numbered: DataFrame, names: list[str], bounds: Bounds) -> Counted:
    # no group-by: gathering a million lines into baskets costs Spark more than sending them, and the counter
    # takes lines in any order
    basket_of, item_of, total = coded(numbered.select("order_id", "number").toArrow())
    return _counted(basket_of, item_of, total, names, bounds)


def _counted(basket_of: Ints, item_of: Ints, total: int, names: list[str], bounds: Bounds) -> Counted:
    longest, most = bounds.max_length, bounds.max_itemsets
    itemsets, min_support = affordable(
        lambda least: frequent_itemsets(basket_of, item_of, total, least, longest, most), total, bounds
    )
    return Counted(itemsets, names, total, min_support)


def coded(lines: pa.Table) -> tuple[Ints, Ints, int]:
    """Basket number and item number of each line that has an item number, and the number of all baskets."""
    orders = pa.chunked_array(lines["order_id"].chunks, pa.string()).combine_chunks().dictionary_encode()
    basket_of, numbers = orders.indices.to_numpy(zero_copy_only=False), lines["number"]
    kept = numbers.is_valid().to_numpy()
    return basket_of[kept], numbers.drop_null().to_numpy(), len(orders.dictionary)


def _on_executors(numbered: DataFrame, names: list[str], bounds: Bounds) -> Counted:
    longest, most = bounds.max_length, bounds.max_itemsets
    pairs = numbered.select("order_id", "number").distinct().persist()
    try:
        total = pairs.select("order_id").distinct().count()
        itemsets, min_support = affordable(lambda least: itemsets_by_prefix(pairs, least, longest, most), total, bounds)
    finally:
        pairs.unpersist()
    return Counted(itemsets, names, total, min_support)


def affordable(
    count: Callable[[int], dict[Itemset, int]], basket_count: int, bounds: Bounds
) -> tuple[dict[Itemset, int], float]:
    """The itemsets and the support they were counted at, doubled while there are more than the bound."""
    min_support = bounds.min_support
    while True:
        min_count = max(bounds.min_baskets, least_count(min_support, basket_count))
        try:
            return count(min_count), min_support
        except TooManyItemsetsError:
            if min_count >= basket_count:
                raise
            min_support = min(1.0, 2 * min_count / basket_count)
