"""Whether two lists have anything in common at all: what they share must be more than chance and siblings give.

Three signs, one of which is enough. The nearest record of the other list stands further above the second nearest than
chance would have it (gaps between the largest of many values grow as 1, 1/2, 1/3: Renyi). Or records are nearer to the
other list than to their own, where lists without doubles have no partner. Or a number (a price, a year), which had no
part in saying who is nearest by words, agrees more often with the nearest of the other list than with that of the own
one: that holds whatever each list's way of writing, and siblings give as much to both.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from jobs.identity.text_lists.assignment import Floats, Integers, Pairs
from jobs.identity.text_lists.features import Numbers

LEAST_GAP = 1.4  # of what chance gives: siblings in two lists that share nothing reach 1.3
LEAST_NEARER = 0.05  # cosine, both lists together; lists that share nothing reach 0.04, those that share a tenth 0.07
ROWS_AT_ONCE = 1000
MOST_LOOKED_AT = 3000  # records of a list, evenly
NEAR = 0.1  # two numbers within a tenth agree
LEAST_AGREE_MORE = 0.05  # share of records: lists that share nothing reach 0.03
LEAST_NUMBERS, MOST_BY_CHANCE = 100, 0.9  # known numbers, and their agreement in one list, for them to say anything
PLAIN_GAP = 1.8  # from here on the gap stands whatever numbers say
ERRORS = 3.0  # standard errors that such a share must be above nothing


def is_there(
    pairs: Pairs, score: Floats, by_words: sparse.csr_matrix, sides: tuple[Integers, Integers], numbers: Numbers
) -> bool:
    """Whether one of the signs is there.

    Args:
        sides: numbers of the records of each list; numbers: field -> number of every record, NaN where unknown.
    """
    gap = float(np.mean([gap_over_chance(one, score) for one in (pairs.left, pairs.right)]))
    if gap >= PLAIN_GAP:
        return True
    ways = [(one, other) for one in sides for other in sides]
    nearest = [_nearest(by_words, one, other) for one, other in ways]
    own, across = [nearest[0], nearest[3]], [nearest[1], nearest[2]]
    if _middle(across) - _middle(own) >= LEAST_NEARER:
        return True
    signs = [agreement(values, across, own) for values in numbers.values()]
    return any(is_more for is_more, _ in signs) or (gap >= LEAST_GAP and not any(is_less for _, is_less in signs))


def gap_over_chance(record: Integers, score: Floats) -> float:
    """The mean gap between the best and the second best score of a record, over what that below it lets expect."""
    order = np.lexsort((-score, record))
    of, ranked = record[order], score[order]
    turn = np.arange(len(of)) - np.searchsorted(of, of)
    third = np.flatnonzero(turn == 2)
    if not len(third):
        return 0.0
    first_gap = (ranked[third - 2] - ranked[third - 1]).mean()
    second_gap = (ranked[third - 1] - ranked[third]).mean()
    return float(first_gap / max(2 * second_gap, 1e-9))


def agreement(values: Floats, across: Iterable["Nearest"], own: Iterable["Nearest"]) -> tuple[bool, bool]:
    """Whether a number agrees more often with the nearest of the other list than of the own one; whether not more."""
    (share, count), (by_chance, own_count) = (_agreeing(values, which) for which in (across, own))
    error = np.sqrt(0.25 / max(count, 1) + 0.25 / max(own_count, 1))
    is_more = share - by_chance >= max(LEAST_AGREE_MORE, ERRORS * error)
    return bool(is_more), min(count, own_count) >= LEAST_NUMBERS and by_chance <= MOST_BY_CHANCE and share <= by_chance


def _agreeing(values: Floats, which: Iterable["Nearest"]) -> tuple[float, int]:
    """Share of records whose nearest has nearly the same number, of those where both are known; and their count."""
    one = np.concatenate([nearest.record for nearest in which])
    other = np.concatenate([nearest.neighbour for nearest in which])
    left, right = values[one], values[other]
    known = np.isfinite(left) & np.isfinite(right)
    away = np.abs(left - right) <= NEAR * np.maximum(np.abs(left), np.abs(right))
    return float(away[known].mean()) if known.any() else 0.0, int(known.sum())


@dataclass(frozen=True)
class Nearest:
    """Records of a list, the nearest of a list for each (never itself), and their cosines."""

    record: Integers
    neighbour: Integers
    cosine: Floats


def _nearest(rows: sparse.csr_matrix, one: Integers, other: Integers) -> Nearest:
    chosen = one[:: max(1, -(-len(one) // MOST_LOOKED_AT))]
    turned = sparse.csc_matrix(rows[other].T)
    places, best = [], []
    for start in range(0, len(chosen), ROWS_AT_ONCE):
        part = chosen[start : start + ROWS_AT_ONCE]
        block = sparse.csr_matrix(rows[part] @ turned).toarray()
        block[part[:, None] == other[None, :]] = -1.0
        places.append(block.argmax(axis=1))
        best.append(block.max(axis=1))
    return Nearest(chosen, other[np.concatenate(places)], np.maximum(np.concatenate(best), 0.0))


def _middle(nearest: Iterable[Nearest]) -> float:
    """The sum of the medians of the cosines."""
    return float(sum(np.median(which.cosine) for which in nearest))
