"""How many clusters: as many as separate well (silhouette) among those that two halves of the customers agree on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.gold.behaviour.kmeans import Clustering, Floats, Ints, k_means, nearest

Fit = Callable[[Floats, int, int], Clustering]
HALF_STARTS = 2


@dataclass(frozen=True)
class Candidate:
    """One number of clusters: silhouette (-1 to 1) and stability (adjusted Rand index, 1 is perfect)."""

    cluster_count: int
    silhouette: float
    stability: float


def candidates(points: Floats, cluster_counts: Sequence[int], rounds: int, seed: int) -> list[Candidate]:
    """Judge each number of clusters that has ten rows or more for each cluster."""
    results = []
    apart = distances(points)
    for k in cluster_counts:
        if len(points) < 10 * k:
            continue
        labels = k_means(points, k, seed, starts=3).labels
        results.append(Candidate(k, silhouette(apart, labels), stability(points, k, rounds, seed)))
    return results


def chosen(options: Sequence[Candidate], min_stability: float) -> Candidate:
    """The best silhouette among the stable ones; without any, the most stable one."""
    stable = [candidate for candidate in options if candidate.stability >= min_stability]
    if stable:
        return max(stable, key=lambda candidate: (candidate.silhouette, -candidate.cluster_count))
    return max(options, key=lambda candidate: (candidate.stability, -candidate.cluster_count))


def stability(points: Floats, k: int, rounds: int, seed: int) -> float:
    """How well clusters found in one half of the rows agree with those of the other.

    That is the mean adjusted Rand index of all rows put to the centres of either half.

    Source: Lange, Roth, Braun and Buhmann, Stability-based validation (Neural Computation 16, 2004); Hubert and
        Arabie (1985) for the index.
    """
    random = np.random.default_rng([seed, k, 1])
    agreed = []
    for turn in range(rounds):
        order = random.permutation(len(points))
        halves = np.array_split(order, 2)
        one, other = (
            nearest(points, k_means(points[np.sort(half)], k, seed + turn, HALF_STARTS).centres) for half in halves
        )
        agreed.append(adjusted_rand(one, other))
    return float(np.mean(agreed))


def adjusted_rand(one: Ints, other: Ints) -> float:
    """1 for the same groups under any names, about 0 for chance."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1)).sum() / 2)

    both, first, second = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = first * second / (len(one) * (len(one) - 1) / 2)
    most = (first + second) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def distances(points: Floats) -> Floats:
    """All distances; the caller bounds the rows."""
    norms = (points**2).sum(axis=1)
    matrix = np.sqrt(np.maximum(norms[:, None] + norms[None, :] - 2 * points @ points.T, 0.0))
    np.fill_diagonal(matrix, 0.0)
    return np.asarray(matrix)


def silhouette(apart: Floats, labels: Ints) -> float:
    """Mean of (b - a) / max(a, b): a is the mean distance to the own cluster's others, b to the nearest other cluster.

    Source: Rousseeuw, Silhouettes (Journal of Computational and Applied Mathematics 20, 1987); alone in a cluster is 0.
    """
    counts = np.bincount(labels)
    member = np.zeros((len(labels), len(counts)))
    member[np.arange(len(labels)), labels] = 1.0
    sums = apart @ member
    own = counts[labels]
    a = sums[np.arange(len(labels)), labels] / np.maximum(own - 1, 1)
    other = np.where(member > 0, np.inf, sums / np.maximum(counts, 1))
    other[:, counts == 0] = np.inf
    b = other.min(axis=1)
    scores = np.where(own > 1, (b - a) / np.maximum(np.maximum(a, b), 1e-300), 0.0)
    return float(scores.mean())
