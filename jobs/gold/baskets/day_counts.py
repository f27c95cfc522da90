"""How many baskets of each day hold which of the tracked itemsets: figures that add up over days and nights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.gold.baskets.bit_rows import Ints, popcounts, scattered, words
from jobs.gold.baskets.itemsets import Itemset

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """Itemsets, shorter ones first, each as one that is an item shorter (parent, its place) and one item more.

    rows: bit row of the item; order: place in the order that was asked for; starts: first place of each length.
    """

    items: Ints
    parent: Ints
    rows: Ints
    order: Ints
    starts: list[int]


def tree(itemsets: Sequence[Itemset]) -> Tree:
    """The itemsets (ascending item numbers) as a tree.

    Raises:
        KeyError: an itemset lacks the one without its last item.
    """
    order = sorted(range(len(itemsets)), key=lambda i: (len(itemsets[i]), itemsets[i]))
    place = {itemsets[i]: at for at, i in enumerate(order)}
    parent = [place[itemsets[i][:-1]] if len(itemsets[i]) > 1 else -1 for i in order]
    lengths = np.array([len(itemsets[i]) for i in order], dtype=np.int64)
    starts = np.searchsorted(lengths, np.arange(1, lengths[-1] + 2)).tolist() if len(lengths) else [0]
    last = np.array([itemsets[i][-1] for i in order], dtype=np.int64)
    items, rows = np.unique(last, return_inverse=True)
    return Tree(items, np.array(parent, dtype=np.int64), rows, np.array(order, dtype=np.int64), starts)


def counts_by_day(tracked: Tree, basket_of: Ints, item_of: Ints, day_of: Ints) -> Iterator[tuple[int, int, Counts]]:
    """Per day with baskets: the day, its baskets, and how many of them hold each itemset, in the order asked for.

    Args:
        basket_of: of each line.
        item_of: of each line; item numbers as in the itemsets, others do not matter.
        day_of: of each basket.
    """
    by_day = np.argsort(day_of, kind="stable")
    number = np.empty(len(day_of), dtype=np.int64)
    number[by_day] = np.arange(len(day_of))
    lines = number[basket_of]
    if np.any(lines[1:] < lines[:-1]):
        order = np.argsort(lines, kind="stable")
        lines, item_of = lines[order], item_of[order]
    row_of = np.full(max(int(item_of.max(initial=-1)), int(tracked.items.max(initial=-1))) + 1, -1, dtype=np.int64)
    row_of[tracked.items] = np.arange(len(tracked.items))
    days, starts = np.unique(day_of[by_day], return_index=True)
    ends = np.append(starts, len(day_of))[1:]
    for day, start, end in zip(days.tolist(), starts, ends, strict=False):
        low, high = np.searchsorted(lines, [start, end])
        rows = row_of[item_of[low:high]]
        yield day, int(end - start), counted(tracked, lines[low:high] - start, rows, int(end - start))


def counted(tracked: Tree, basket_of: Ints, rows: Ints, basket_count: int) -> Counts:
    """How many of these baskets hold each itemset; rows: bit row of each line's item, -1 for one of no itemset."""
    items = scattered(basket_of, rows, len(tracked.items), words(basket_count))
    counts = np.zeros(len(tracked.order), dtype=np.int64)
    before = items[:0]
    for length, (start, end) in enumerate(zip(tracked.starts, tracked.starts[1:], strict=False), start=1):
        held = items[tracked.rows[start:end]]
        if length > 1:
            held &= before[tracked.parent[start:end] - tracked.starts[length - 2]]
        counts[tracked.order[start:end]] = popcounts(held)
        before = held
    return counts
