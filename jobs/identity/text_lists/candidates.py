"""Which records of two lists are worth comparing: for each the nearest of the other list, by their rarer words.

An inverted index: a word that too many records have makes many pairs and says nothing, so it finds nobody.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Integers = NDArray[np.int64]
NEAREST = 10  # records of the other list that a record is compared with
MOST_HOLDERS = 2000  # records of a list that a word may stand in and still find somebody
ROWS_AT_ONCE = 1000


def nearest(rows: sparse.csr_matrix, left: Integers, right: Integers) -> tuple[Integers, Integers]:
    """Pairs of a record of the one list and one of the other: those nearest to either.

    Args:
        rows: vectors of length 1; left, right: numbers of the rows of each list.
    """
    rare = _rare(rows, left, right)
    one, other = rare[left], rare[right]
    forth = _of_each(one, other)
    back = _of_each(other, one)
    pairs = np.concatenate([forth, back[:, ::-1]])
    pairs = np.unique(pairs, axis=0)
    return left[pairs[:, 0]], right[pairs[:, 1]]


def _rare(rows: sparse.csr_matrix, left: Integers, right: Integers) -> sparse.csr_matrix:
    holders = np.maximum(*(np.bincount(rows[side].indices, minlength=rows.shape[1]) for side in (left, right)))
    return sparse.csr_matrix(rows @ sparse.diags((holders <= MOST_HOLDERS).astype(float)))


def _of_each(one: sparse.csr_matrix, other: sparse.csr_matrix) -> Integers:
    """Row numbers (one, other) of each row of `one` and its nearest of `other`."""
    turned = sparse.csc_matrix(other.T)
    made = [np.zeros((0, 2), np.int64)]
    for start in range(0, one.shape[0], ROWS_AT_ONCE):
        block = sparse.csr_matrix(one[start : start + ROWS_AT_ONCE] @ turned)
        row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
        order = np.lexsort((block.indices, -np.round(block.data, 9), row))
        turn = np.arange(len(order)) - block.indptr[row[order]]
        kept = order[turn < NEAREST]
        made.append(np.stack([row[kept] + start, block.indices[kept]], axis=1).astype(np.int64))
    return np.concatenate(made)
