"""Frequent itemsets by bitmap Eclat: which items are bought together, counted exactly.

One row of bits per frequent item, one bit per basket. The baskets that hold an itemset are the AND of its rows,
their number is a popcount. Depth first, and all extensions of a prefix in one numpy call: the work is memory
traffic. Source: Zaki, Scalable algorithms for association mining (TKDE 2000).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Itemset = tuple[int, ...]
Bits = NDArray[np.uint64]
Ints = NDArray[np.integer]

ROUNDING = 1e-9  # 0.07 * 100 is 7.000000000000001: a support on the line counts as reached
BLOCK_BYTES = 1 << 20  # ANDs are made in blocks that stay in the processor's cache
WORDS_PER_SUM = 1023  # 1,023 words of 64 bits are the most whose popcounts cannot overflow 16 bits


@dataclass(frozen=True)
class BitRows:
    """Which baskets hold which frequent item: bits[i] are the baskets with items[i], rarest item first."""

    items: list[int]
    counts: list[int]
    bits: Bits


class TooManyItemsetsError(Exception):
    """More itemsets than the bound: the support is too low for these baskets."""


def least_count(min_support: float, basket_count: int) -> int:
    """The fewest baskets that are `min_support` (0 to 1) of `basket_count` or more; never below 1.

    Raises:
        ValueError: min_support is outside 0 to 1.
    """
    if not 0 <= min_support <= 1:
        raise ValueError(f"min_support is {min_support}: give a share of baskets between 0 and 1")
    return max(1, ceil(min_support * basket_count - ROUNDING))


def frequent_itemsets(
    basket_of: Ints,
    item_of: Ints,
    basket_count: int,
    min_count: int,
    max_length: int | None = None,
    max_itemsets: int | None = None,
) -> dict[Itemset, int]:
    """Count every itemset that at least `min_count` baskets hold.

    Args:
        basket_of: basket number of each line, 0 to basket_count - 1; in any order.
        item_of: item number of each line; an item twice in a basket counts once.
        basket_count: baskets in all, those without a line included.
        min_count: smallest number of baskets worth keeping, at least 1.
        max_length: most items in an itemset; None for any.
        max_itemsets: give up beyond so many; None for any number.
    Returns:
        itemset (item numbers, ascending) -> number of baskets that hold all of it.
    Raises:
        ValueError: min_count or max_length is below 1, or the two arrays differ in length.
        TooManyItemsetsError: there are more than max_itemsets.
    """
    if min_count < 1 or (max_length is not None and max_length < 1):
        raise ValueError(f"min_count {min_count} and max_length {max_length} must be at least 1")
    if len(basket_of) != len(item_of):
        raise ValueError(f"{len(basket_of)} basket numbers for {len(item_of)} item numbers")
    rows = bit_rows(basket_of, item_of, basket_count, min_count)
    found: dict[Itemset, int] = {(item,): count for item, count in zip(rows.items, rows.counts, strict=True)}
    for itemset, count in _longer((), rows, min_count, max_length or len(rows.items)):
        found[tuple(sorted(itemset))] = count
        if max_itemsets is not None and len(found) > max_itemsets:
            raise TooManyItemsetsError(f"more than {max_itemsets:,} itemsets in {min_count:,} baskets or more")
    return found


def bit_rows(basket_of: Ints, item_of: Ints, basket_count: int, min_count: int) -> BitRows:
    """One bit row per item in at least `min_count` baskets, rarest first: rare prefixes have few extensions."""
    by_item = np.argsort(item_of, kind="stable")
    basket_of = large_first(basket_of, basket_count)
    items, starts, line_counts = np.unique(item_of[by_item], return_index=True, return_counts=True)
    baskets_by_item = basket_of[by_item]
    kept: list[tuple[int, int, Bits]] = []
    for item, start, lines in zip(items, starts, line_counts, strict=True):
        if lines >= min_count:  # lines are at least baskets
            bits = packed(baskets_by_item[start : start + lines], basket_count)
            count = int(popcounts(bits[None, :])[0])
            if count >= min_count:
                kept.append((count, int(item), bits))
    kept.sort(key=lambda row: row[:2])
    empty = np.zeros((0, words(basket_count)), dtype=np.uint64)
    bits = np.stack([row[2] for row in kept]) if kept else empty
    return BitRows([row[1] for row in kept], [row[0] for row in kept], bits)


def large_first(basket_of: Ints, basket_count: int) -> Ints:
    """Renumber the baskets, most lines first: long itemsets then live in few words, the rest is skipped."""
    order = np.argsort(-np.bincount(basket_of, minlength=basket_count), kind="stable")
    number = np.empty(basket_count, dtype=np.int64)
    number[order] = np.arange(basket_count)
    return number[basket_of]


def packed(baskets: Ints, basket_count: int) -> Bits:
    """The set of basket numbers as bits of 64-bit words, zero padded."""
    flags = np.zeros(words(basket_count) * 64, dtype=np.bool_)
    flags[baskets] = True
    return np.packbits(flags).view(np.uint64)


def words(basket_count: int) -> int:
    return -(-basket_count // 64)


def _longer(prefix: Itemset, rows: BitRows, min_count: int, max_length: int) -> Iterator[tuple[Itemset, int]]:
    """Itemsets of `prefix` and two or more items of `rows` (each row: the baskets with prefix and item)."""
    length = len(prefix) + 2
    if length > max_length:
        return
    for first in range(len(rows.items) - 1):
        grown = (*prefix, rows.items[first])
        extended = _intersected(rows, first, min_count, keep_bits=length < max_length)
        for item, count in zip(extended.items, extended.counts, strict=True):
            yield (*grown, item), count
        yield from _longer(grown, extended, min_count, max_length)


def _intersected(rows: BitRows, first: int, min_count: int, keep_bits: bool) -> BitRows:
    """Row `first` AND each later row, those still frequent; bits only where a longer itemset may follow."""
    live = np.flatnonzero(rows.bits[first])  # no basket of the new prefix lies outside these words
    prefix, later = rows.bits[first, live], rows.bits[first + 1 :]
    step = max(1, BLOCK_BYTES // (8 * len(live)))
    counts, bits = [], []
    for start in range(0, len(later), step):
        both = later[start : start + step].take(live, axis=1) & prefix
        counts.append(popcounts(both))
        if keep_bits:
            bits.append(both[counts[-1] >= min_count])
    held = np.concatenate(counts)
    kept = np.flatnonzero(held >= min_count)
    items = [rows.items[first + 1 + i] for i in kept]
    return BitRows(items, held[kept].tolist(), np.concatenate(bits) if keep_bits else later[:0])


def popcounts(bits: Bits) -> NDArray[np.int64]:
    """Bits set in each row. Sums of 16 bits run in vector registers, five times as fast as sums of 64."""
    per_word = np.bitwise_count(bits)
    counts = np.zeros(len(bits), dtype=np.int64)
    for start in range(0, bits.shape[1], WORDS_PER_SUM):
        counts += per_word[:, start : start + WORDS_PER_SUM].sum(axis=1, dtype=np.uint16)
    return counts
