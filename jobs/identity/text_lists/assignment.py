"""One partner at most: the best pair goes first; and whom a record would have been given, had its partner been missing.

The second is what chance gives: lists without doubles have one right partner at most, so whoever comes next is wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
NOBODY = -1


@dataclass(frozen=True)
class Pairs:
    """Numbers of the records of candidate pairs, no record on both sides; sizes: records of either list."""

    left: Integers
    right: Integers
    count: int
    sizes: tuple[int, int]


def assigned(pairs: Pairs, score: Floats) -> Integers:
    """Per record the number of its pair, NOBODY where it has none."""
    pair_of = np.full(pairs.count, NOBODY)
    for number in np.lexsort((pairs.right, pairs.left, -np.round(score, 9))).tolist():
        left, right = pairs.left[number], pairs.right[number]
        if pair_of[left] == NOBODY and pair_of[right] == NOBODY:
            pair_of[left] = pair_of[right] = number
    return pair_of


def next_best(pairs: Pairs, score: Floats, pair_of: Integers) -> tuple[Integers, Integers]:
    """Per record with a partner the number of the pair that it would have without it, and of the one after that.

    A record goes to one that is free, or that likes it better than its own partner; NOBODY where there is none.
    """
    own = np.where(pair_of == NOBODY, -np.inf, score[pair_of])
    second, third = np.full(pairs.count, NOBODY), np.full(pairs.count, NOBODY)
    order = np.argsort(-np.round(score, 9), kind="stable")
    for one, other in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        is_open = (pair_of[one] != np.arange(len(one))) & (score > own[other])
        chosen = order[is_open[order]]
        chosen = chosen[np.argsort(one[chosen], kind="stable")]
        first = np.searchsorted(one[chosen], one[chosen])
        turn = np.arange(len(chosen)) - first
        second[one[chosen[turn == 0]]] = chosen[turn == 0]
        third[one[chosen[turn == 1]]] = chosen[turn == 1]
    return second, third
