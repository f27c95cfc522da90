"""K-means in numpy: the same customers in the same order and the same seed give the same centres, bit for bit.

Source: Arthur and Vassilvitskii, k-means++ (SODA 2007), for the starts; Lloyd's steps after that.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STARTS = 6
MOST_STEPS = 100


@dataclass(frozen=True)
class Clustering:
    """Centres (k by features), the cluster of each row, and the sum of squared distances."""

    centres: Floats
    labels: Ints
    inertia: float


def k_means(points: Floats, k: int, seed: int, starts: int = STARTS) -> Clustering:
    """The best of several starts; clusters in the order of their first feature, so that equal data have equal numbers.

    Args:
        points: rows by features, scaled.
        k: clusters, no more than there are rows.
    """
    random = np.random.default_rng([seed, k])
    runs = [lloyd(points, plus_plus(points, k, random)) for _ in range(starts)]
    best = min(runs, key=lambda clustering: clustering.inertia)
    order = np.lexsort(best.centres.T[::-1])
    place = np.empty(k, dtype=np.int64)
    place[order] = np.arange(k)
    return Clustering(best.centres[order], place[best.labels], best.inertia)


def plus_plus(points: Floats, k: int, random: np.random.Generator) -> Floats:
    """Starting centres: each next one a point drawn by its squared distance to the nearest so far."""
    chosen = [points[random.integers(len(points))]]
    nearest = np.full(len(points), np.inf)
    for _ in range(1, k):
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(axis=1))
        total = nearest.sum()
        at = random.choice(len(points), p=nearest / total) if total > 0 else random.integers(len(points))
        chosen.append(points[at])
    return np.array(chosen)


def lloyd(points: Floats, centres: Floats) -> Clustering:
    """Move centres to the means of their points until no point changes; an empty cluster takes the farthest point."""
    labels = np.full(len(points), -1)
    for _ in range(MOST_STEPS):
        now = nearest(points, centres)
        if (now == labels).all():
            break
        labels = now
        centres = means(points, labels, centres)
    labels = nearest(points, centres)
    return Clustering(centres, labels, float(((points - centres[labels]) ** 2).sum()))


def means(points: Floats, labels: Ints, centres: Floats) -> Floats:
    """The mean of each cluster's points."""
    member = (labels == np.arange(len(centres))[:, None]).astype(np.float64)
    counts, sums = member.sum(axis=1), member @ points
    moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        apart = ((points - centres[labels]) ** 2).sum(axis=1)
        moved[empty] = points[np.argsort(-apart, kind="stable")[: len(empty)]]
    return np.asarray(moved)


def squared(points: Floats, centres: Floats) -> Floats:
    """Squared distances, rows by centres."""
    return np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def nearest(points: Floats, centres: Floats) -> Ints:
    """The centre of each row: the least |c|^2 - 2 x c, which is one matrix product."""
    return np.asarray(((centres**2).sum(axis=1) - 2.0 * (points @ centres.T)).argmin(axis=1))
