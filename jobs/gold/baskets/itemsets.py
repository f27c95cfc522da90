"""Frequent itemsets by bitmap Eclat: which items are bought together, counted exactly.

One row of bits per frequent item, one bit per basket. The baskets that hold an itemset are the AND of its rows,
their number is a popcount. Each item heads one group: its itemsets with more frequent items, found on its own baskets
alone, closed up to few words, and all extensions of many prefixes in one numpy call. Source: Zaki, Scalable
algorithms for association mining (TKDE 2000).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from jobs.gold.baskets.bit_rows import BLOCK_BYTES, BitRows, Bits, Counts, Floats, Ints, bit_rows, cut_to, popcounts
from jobs.gold.settings.basket_rules import least_count as least_count

Itemset = tuple[int, ...]
Level = tuple[Ints, Counts]  # itemsets, one a row, and what each one's baskets count

LEVEL_BYTES = 1 << 26  # of extended rows at a time; more prefixes wait
LEVEL_PAIRS = 1 << 18


class TooManyItemsetsError(Exception):
    """More itemsets than the bound: the support is too low for these baskets."""


class Bounds(NamedTuple):
    """Where a count of itemsets ends.

    Args:
        max_length: most items in an itemset; None for any.
        max_itemsets: give up beyond so many; None for any number.
    """

    max_length: int | None = None
    max_itemsets: int | None = None


UNBOUNDED = Bounds()


def frequent_itemsets(
    basket_of: Ints,
    item_of: Ints,
    basket_count: int,
    min_count: float,
    bounds: Bounds = UNBOUNDED,
    weight_of: Floats | None = None,
) -> dict[Itemset, int]:
    """Count every itemset that at least `min_count` baskets hold.

    Args:
        basket_of: basket number of each line, 0 to basket_count - 1; in any order.
        item_of: item number of each line; an item twice in a basket counts once.
        basket_count: baskets in all, those without a line included.
        min_count: smallest number of baskets worth keeping, at least 1; with weights their smallest sum, above 0.
        bounds: how long an itemset may be, and beyond how many to give up.
        weight_of: weight of each basket, 0 or more; None: each counts 1.

    Returns:
        itemset (item numbers, ascending) -> number of baskets that hold all of it (with weights: their sum).

    Raises:
        ValueError: min_count or max_length is too small, or the two arrays differ in length.
        TooManyItemsetsError: there are more than max_itemsets.
    """
    max_length, max_itemsets = bounds
    least = 1 if weight_of is None else np.nextafter(0, 1)
    if min_count < least or (max_length is not None and max_length < 1):
        raise ValueError(f"min_count {min_count} and max_length {max_length} must be at least 1")
    if len(basket_of) != len(item_of):
        raise ValueError(f"{len(basket_of)} basket numbers for {len(item_of)} item numbers")
    rows = bit_rows(basket_of, item_of, basket_count, min_count, weight_of)
    counted: dict[Itemset, int] = {}
    for itemsets, counts in levels(rows, min_count, max_length or len(rows.items)):
        counted.update(zip(map(tuple, np.sort(itemsets, axis=1).tolist()), counts.tolist(), strict=True))
        if max_itemsets is not None and len(counted) > max_itemsets:
            raise TooManyItemsetsError(f"more than {max_itemsets:,} itemsets in {min_count:,} baskets or more")
    return counted


def levels(rows: BitRows, min_count: float, max_length: int) -> Iterator[Level]:
    """All frequent itemsets of the rows, many at a time."""
    yield rows.items[:, None], rows.counts
    if max_length < 2:
        return
    for first in range(len(rows.items) - 1):
        counts = shared(rows, first)
        kept = np.flatnonzero(counts >= min_count)
        if len(kept) == 0:
            continue
        prefix = np.full(len(kept), rows.items[first])
        pairs = np.stack([prefix, rows.items[first + 1 + kept]], axis=1)
        yield pairs, counts[kept]
        if max_length > 2 and len(kept) > 1:
            group = cut_to(rows, first, first + 1 + kept)
            yield from extensions(pairs, group.bits, group.weights, min_count, max_length)


def shared(rows: BitRows, first: int) -> Counts:
    """What the baskets of row `first` with each later row count."""
    prefix, later = rows.bits[first], rows.bits[first + 1 :]
    step = max(1, BLOCK_BYTES // (8 * len(prefix)))
    return np.concatenate(
        [popcounts(later[start : start + step] & prefix, rows.weights) for start in range(0, len(later), step)]
    )


def extensions(
    itemsets: Ints, bits: Bits, weights: Floats | None, min_count: float, max_length: int
) -> Iterator[Level]:
    """Frequent itemsets that are longer than these by one item or more.

    Args:
        itemsets: of one length, those that differ in the last item alone side by side; bits: the baskets of each.
    """
    for one, other in joins(itemsets, min(LEVEL_PAIRS, LEVEL_BYTES // (8 * max(bits.shape[1], 1)))):
        extended = intersected(bits, one, other, weights, min_count)
        grown = np.concatenate([itemsets[one[extended.rows]], itemsets[other[extended.rows], -1:]], axis=1)
        if len(grown):
            yield grown, extended.counts
        if len(grown) > 1 and grown.shape[1] < max_length:
            yield from extensions(grown, extended.bits, weights, min_count, max_length)


def joins(itemsets: Ints, most: int) -> Iterator[tuple[Ints, Ints]]:
    """Row numbers of all pairs that differ in the last item alone, about `most` at a time, by the first of them."""
    size = len(itemsets)
    is_new = np.ones(size + 1, dtype=np.bool_)
    is_new[1:size] = (itemsets[1:, :-1] != itemsets[:-1, :-1]).any(axis=1)
    starts = np.flatnonzero(is_new)
    ends = np.repeat(starts[1:], np.diff(starts))  # of the group of each row
    partners = ends - np.arange(size) - 1
    total = np.cumsum(partners)
    low = 0
    while low < size:
        before = total[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(total, before + most, side="right")))
        one = np.repeat(np.arange(low, high), partners[low:high])
        if len(one):
            begins = np.repeat(total[low:high] - partners[low:high] - before, partners[low:high])
            yield one, one + 1 + np.arange(len(one)) - begins
        low = high


class Intersected(NamedTuple):
    """Of pairs of rows those whose AND is frequent: which pairs, what they count, and the ANDs."""

    rows: Ints
    counts: Counts
    bits: Bits


def intersected(bits: Bits, one: Ints, other: Ints, weights: Floats | None, min_count: float) -> Intersected:
    """AND pairs of rows in blocks, and keep the frequent ones."""
    step = max(1, BLOCK_BYTES // (8 * max(bits.shape[1], 1)))
    rows, counts, kept = [], [], []
    for start in range(0, len(one), step):
        both = bits[one[start : start + step]]
        both &= bits[other[start : start + step]]
        held = popcounts(both, weights)
        often = np.flatnonzero(held >= min_count)
        rows.append(often + start)
        counts.append(held[often])
        kept.append(both[often])
    return Intersected(np.concatenate(rows), np.concatenate(counts), np.concatenate(kept))
