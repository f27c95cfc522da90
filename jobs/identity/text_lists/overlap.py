"""Whether two lists have anything in common at all: what they share must be more than chance and siblings give.

Two signs, one of which is enough. The nearest record of the other list stands further above the second nearest than
chance would have it (gaps between the largest of many values grow as 1, 1/2, 1/3: Renyi). Or records are nearer to the
other list than to their own, where lists without doubles have no partner.
"""

import numpy as np
from scipy import sparse

from jobs.identity.text_lists.assignment import Floats, Integers, Pairs

LEAST_GAP = 1.4  # of what chance gives: siblings in two lists that share nothing reach 1.3
LEAST_NEARER = 0.05  # cosine, both lists together; lists that share nothing reach 0.04, those that share a tenth 0.07
ROWS_AT_ONCE = 1000
MOST_LOOKED_AT = 3000  # records of a list, evenly


def is_there(pairs: Pairs, score: Floats, by_words: sparse.csr_matrix, left: Integers, right: Integers) -> bool:
    """Whether either sign is there."""
    gaps = [gap_over_chance(one, score) for one in (pairs.left, pairs.right)]
    return float(np.mean(gaps)) >= LEAST_GAP or nearer(by_words, left, right) >= LEAST_NEARER


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


def nearer(by_words: sparse.csr_matrix, left: Integers, right: Integers) -> float:
    """By how much the nearest of the other list is nearer than the nearest of the own one: medians, of both lists."""
    across = _middle(by_words, left, right) + _middle(by_words, right, left)
    return across - _middle(by_words, left, left) - _middle(by_words, right, right)


def _middle(rows: sparse.csr_matrix, one: Integers, other: Integers) -> float:
    """Median over records of `one` of the cosine with the nearest of `other`, never with itself."""
    chosen = one[:: max(1, -(-len(one) // MOST_LOOKED_AT))]
    turned = sparse.csc_matrix(rows[other].T)
    best = []
    for start in range(0, len(chosen), ROWS_AT_ONCE):
        part = chosen[start : start + ROWS_AT_ONCE]
        block = sparse.csr_matrix(rows[part] @ turned).toarray()
        block[part[:, None] == other[None, :]] = 0.0
        best.append(block.max(axis=1))
    return float(np.median(np.concatenate(best)))
