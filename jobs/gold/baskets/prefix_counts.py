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

from jobs.gold.baskets.itemsets import Ints, Itemset, TooManyItemsetsError, frequent_itemsets

ITEMSETS = "itemset ARRAY<INT>, basket_count BIGINT"
ARROW_ITEMSETS = pa.schema({"itemset": pa.list_(pa.int32()), "basket_count": pa.int64()})


def itemsets_by_prefix(
    pairs: DataFrame, min_count: int, max_length: int | None, max_itemsets: int
) -> dict[Itemset, int]:
    """Count every itemset that at least `min_count` baskets hold, one Spark task per prefix item.

    Args:
        pairs: order_id, number (of the item, INT, NULL for one that is too rare); distinct.
    Returns:
        itemset (item numbers, ascending) -> number of baskets that hold all of it.
    Raises:
        TooManyItemsetsError: there are more than max_itemsets.
    """

    def extend(key: tuple[pa.Scalar, ...], group: pa.Table) -> pa.Table:
        return with_prefix(key[0].as_py(), group["items"], min_count, max_length, max_itemsets)

    itemsets = suffixes(pairs, min_count).groupBy("prefix").applyInArrow(extend, ITEMSETS)
    found = itemsets.limit(max_itemsets + 1).toArrow()
    if found.num_rows > max_itemsets or pc.any(pc.is_null(found["itemset"])).as_py():
        raise TooManyItemsetsError(f"more than {max_itemsets:,} itemsets in {min_count:,} baskets or more")
    rows = zip(found["itemset"].to_pylist(), found["basket_count"].to_pylist(), strict=True)
    return {tuple(sorted(itemset)): count for itemset, count in rows}


def suffixes(pairs: DataFrame, min_count: int) -> DataFrame:
    """prefix, items: per basket and frequent item of it, that item and the less rare ones of the basket."""
    frequent = pairs.where("number IS NOT NULL").groupBy("number").agg(F.count("*").alias("baskets"))
    frequent = frequent.where(F.col("baskets") >= min_count)
    rarest_first = F.sort_array(F.collect_list(F.struct("baskets", "number")))
    baskets = pairs.join(F.broadcast(frequent), "number").groupBy("order_id").agg(rarest_first.alias("items"))
    numbers = baskets.selectExpr("items.number AS items")
    prefixes = numbers.select(F.posexplode("items").alias("place", "prefix"), "items")
    return prefixes.selectExpr("prefix", "slice(items, place + 2, size(items)) AS items")


def with_prefix(
    prefix: int, items: pa.ChunkedArray, min_count: int, max_length: int | None, max_itemsets: int
) -> pa.Table:
    """The itemsets that begin with `prefix`, from its baskets' other items; one NULL itemset for too many."""
    basket_of, item_of = flat(items)
    found: dict[Itemset, int] = {(): len(items)}
    longest = max_length - 1 if max_length else None
    try:
        if longest != 0:
            found |= frequent_itemsets(basket_of, item_of, len(items), min_count, longest, max_itemsets)
        rows = [{"itemset": [prefix, *itemset], "basket_count": count} for itemset, count in found.items()]
    except TooManyItemsetsError:
        rows = [{"itemset": None, "basket_count": 0}]
    return pa.Table.from_pylist(rows, schema=ARROW_ITEMSETS)


def flat(items: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Lists of item numbers as one basket number and one item number per line."""
    nothing = np.zeros(0, dtype=np.int32)
    numbers = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in items.chunks]
    lengths = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in items.chunks]
    per_basket = np.concatenate([nothing, *lengths])
    basket_of = np.repeat(np.arange(len(per_basket), dtype=np.int32), per_basket)
    return basket_of, np.concatenate([nothing, *numbers])
