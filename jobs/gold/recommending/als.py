"""Implicit alternating least squares on one machine: taste as a few numbers per customer and per item.

Hu, Koren and Volinsky, Collaborative Filtering for Implicit Feedback Datasets (ICDM 2008): how often an item was bought
is the confidence in that it is liked. The regularisation grows with the number of purchases, as Spark ML's ALS has it
(Zhou, Wilkinson, Schreiber and Pan 2008), so that both lanes have the same least loss.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jobs.gold.settings.recommendations import Factors

SEED = 20170101
CHUNK_CELLS = 32_000_000


def item_factors(strengths: sparse.csr_matrix, wanted: Factors) -> NDArray[np.float64]:
    """Fit and return the items' factors; the customers' follow from them (`other_factors`).

    Args:
        strengths: customers x items, confidence above 1 of each pair that was bought.

    Returns:
        items x factors; no columns where there is nothing to fit.
    """
    count = min(wanted.count, *strengths.shape) if min(strengths.shape) > 1 else 0
    start = np.random.default_rng(SEED).normal(0.0, 1.0 / np.sqrt(max(count, 1)), (strengths.shape[1], count))
    of_items, by_item = np.abs(start), strengths.T.tocsr()
    for _ in range(wanted.rounds if count else 0):
        of_customers = other_factors(strengths, of_items, wanted.regularisation)
        of_items = other_factors(by_item, of_customers, wanted.regularisation)
    return of_items


def other_factors(
    strengths: sparse.csr_matrix, factors: NDArray[np.float64], regularisation: float
) -> NDArray[np.float64]:
    """The rows' factors of least loss, given the columns': one half of a round, and how new customers get theirs.

    Per row solve (Y'Y + Y' C Y + reg * n * I) x = Y' (1 + c), where c are the row's strengths and n how many it has.
    """
    size = factors.shape[1]
    solved = np.zeros((strengths.shape[0], size))
    upper = np.triu_indices(size)
    products = factors[:, upper[0]] * factors[:, upper[1]]  # symmetric: half of it is enough
    everywhere = factors.T @ factors
    step = max(1, CHUNK_CELLS // max(1, size * size))
    for first in range(0, strengths.shape[0] if size else 0, step):
        part = strengths[first : first + step]
        left = np.empty((part.shape[0], size, size))
        left[:, upper[0], upper[1]] = left[:, upper[1], upper[0]] = part @ products
        left += everywhere
        bought = np.diff(part.indptr)
        left[:, range(size), range(size)] += (regularisation * np.maximum(bought, 1))[:, None]
        liked = sparse.csr_matrix((1.0 + part.data, part.indices, part.indptr), shape=part.shape)
        solved[first : first + step] = np.linalg.solve(left, (liked @ factors)[:, :, None])[:, :, 0]
    return solved


def loss(
    strengths: sparse.csr_matrix, rows: NDArray[np.float64], columns: NDArray[np.float64], regularisation: float
) -> float:
    """The weighted squared error and the penalty that the fit makes small."""
    predicted = rows @ columns.T
    error = float((predicted**2).sum())
    pairs = strengths.tocoo()
    there = predicted[pairs.row, pairs.col]
    error += float(((1.0 + pairs.data) * (1.0 - there) ** 2 - there**2).sum())
    times = (np.diff(strengths.indptr), np.diff(strengths.tocsc().indptr))
    return error + regularisation * sum(
        float((n[:, None] * f**2).sum()) for n, f in zip(times, (rows, columns), strict=True)
    )


def strengths(
    customer: NDArray[np.int64],
    item: NDArray[np.int64],
    day_count: NDArray[np.float64],
    shape: tuple[int, int],
    per: float,
) -> sparse.csr_matrix:
    """Confidence above 1 of each owned pair: `per` times log(1 + order days)."""
    return sparse.csr_matrix((per * np.log1p(day_count), (customer, item)), shape=shape)
