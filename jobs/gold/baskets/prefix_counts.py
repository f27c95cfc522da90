"""Frequent itemsets over Spark, for baskets that the driver cannot hold: each frequent item heads one group.

Items are ranked rarest first; an itemset is found in the group of its rarest item alone, from the baskets with
that item cut to the items after it. The groups need nothing of each other. Source: Li et al., PFP (RecSys 2008)
for the groups.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.baskets.bit_rows import Floats, Ints
from jobs.gold.baskets.day_counts import Counts, Tree, counts_by_day, tree
from jobs.gold.baskets.itemsets import Bounds, Itemset, TooManyItemsetsError, frequent_itemsets

ITEMSETS = "itemset ARRAY<INT>, worth DOUBLE"
ARROW_ITEMSETS = pa.schema({"itemset": pa.list_(pa.int32()), "worth": pa.float64()})
DAYS = "order_date DATE, counts ARRAY<BIGINT>"
ARROW_DAYS = pa.schema({"order_date": pa.date32(), "counts": pa.list_(pa.int64())})


def itemsets_by_prefix(
    pairs: DataFrame, min_count: float, max_length: int | None, max_itemsets: int
) -> dict[Itemset, int]:
    """Count every itemset whose baskets are worth `min_count` or more, one Spark task per prefix item.

    Args:
        pairs: order_id, number (of the item, INT, NULL for one that is too rare), and weight (of the basket) where
            baskets have one; distinct.

    Returns:
        itemset (item numbers, ascending) -> number of baskets that hold all of it, or the sum of their weights.

    Raises:
        TooManyItemsetsError: there are more than max_itemsets.
    """
    is_weighted = "weight" in pairs.columns

    def extend(key: tuple[pa.Scalar, ...], group: pa.Table) -> pa.Table:
        weights = group["weight"].to_numpy() if is_weighted else None
        return with_prefix(key[0].as_py(), group["items"], min_count, max_length, max_itemsets, weights)

    itemsets = suffixes(pairs, min_count).groupBy("prefix").applyInArrow(extend, ITEMSETS)
    answer = itemsets.limit(max_itemsets + 1).toArrow()
    if answer.num_rows > max_itemsets or pc.any(pc.is_null(answer["itemset"])).as_py():
        raise TooManyItemsetsError(f"more than {max_itemsets:,} itemsets in {min_count:,} baskets or more")
    worth = answer["worth"].to_pylist() if is_weighted else answer["worth"].cast(pa.int64()).to_pylist()
    rows = zip(answer["itemset"].to_pylist(), worth, strict=True)
    return {tuple(sorted(itemset)): count for itemset, count in rows}


def suffixes(pairs: DataFrame, min_count: float) -> DataFrame:
    """prefix, items, weight: per basket and frequent item of it, that item and the less rare ones of the basket."""
    is_weighted = "weight" in pairs.columns
    worth = F.sum("weight") if is_weighted else F.count("*")
    frequent = pairs.where("number IS NOT NULL").groupBy("number").agg(worth.alias("worth"))
    frequent = frequent.where(F.col("worth") >= min_count)
    rarest_first = F.sort_array(F.collect_list(F.struct("worth", "number"))).alias("items")
    weight = [F.first("weight").alias("weight")] if is_weighted else []
    baskets = pairs.join(F.broadcast(frequent), "number").groupBy("order_id").agg(rarest_first, *weight)
    kept = ["weight"] if is_weighted else []
    numbers = baskets.selectExpr("items.number AS items", *kept)
    prefixes = numbers.select(F.posexplode("items").alias("place", "prefix"), "items", *kept)
    return prefixes.selectExpr("prefix", "slice(items, place + 2, size(items)) AS items", *kept)


def with_prefix(
    prefix: int,
    items: pa.ChunkedArray,
    min_count: float,
    max_length: int | None,
    max_itemsets: int,
    weights: Floats | None = None,
) -> pa.Table:
    """The itemsets that begin with `prefix`, from its baskets' other items; one NULL itemset for too many."""
    basket_of, item_of = flat(items)
    counts: dict[Itemset, float] = {(): float(len(items) if weights is None else weights.sum())}
    longest = max_length - 1 if max_length else None
    try:
        if longest != 0:
            counts |= frequent_itemsets(
                basket_of, item_of, len(items), min_count, Bounds(longest, max_itemsets), weights
            )
        rows = [{"itemset": [prefix, *itemset], "worth": float(count)} for itemset, count in counts.items()]
    except TooManyItemsetsError:
        rows = [{"itemset": None, "worth": 0.0}]
    return pa.Table.from_pylist(rows, schema=ARROW_ITEMSETS)


def counts_by_day_over_spark(pairs: DataFrame, itemsets: list[Itemset]) -> dict[int, Counts]:
    """Per day (from 1970-01-01) how many baskets hold each itemset; days without a numbered item are left out."""
    tracked = tree(itemsets)

    def count(key: tuple[pa.Scalar, ...], group: pa.Table) -> pa.Table:
        return day_counts(tracked, key[0].as_py(), group)

    lines = pairs.where("number IS NOT NULL").select("order_date", "order_id", "number")
    counted = lines.groupBy("order_date").applyInArrow(count, DAYS).toArrow()
    days = counted["order_date"].cast(pa.int32()).to_pylist()
    counts = (np.array(of_day, dtype=np.int64) for of_day in counted["counts"].to_pylist())
    return dict(zip(days, counts, strict=True))


def day_counts(tracked: Tree, day: object, lines: pa.Table) -> pa.Table:
    """order_date, counts of one day's lines."""
    orders = lines["order_id"].combine_chunks().dictionary_encode()
    basket_of, item_of = orders.indices.to_numpy(), lines["number"].to_numpy()
    ((_, _, counts),) = counts_by_day(tracked, basket_of, item_of, np.zeros(len(orders.dictionary), dtype=np.int64))
    return pa.table({"order_date": [day], "counts": [counts]}, schema=ARROW_DAYS)


def flat(items: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Lists of item numbers as one basket number and one item number per line."""
    nothing = np.zeros(0, dtype=np.int32)
    numbers = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in items.chunks]
    lengths = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in items.chunks]
    per_basket = np.concatenate([nothing, *lengths])
    basket_of = np.repeat(np.arange(len(per_basket), dtype=np.int32), per_basket)
    return basket_of, np.concatenate([nothing, *numbers])
