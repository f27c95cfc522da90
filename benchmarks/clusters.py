"""Behaviour clusters: our k-means against scikit-learn's and Spark ML's, on the same points in the same run.

Usage: python -m benchmarks.clusters [--customers 20000] [--clusters 5] [--rounds 3] [--spark]
Prints seconds of each round, medians and the sums of squared distances; exits 1 when ours is more than 0.1 % above the
best peer's. With --spark also what Spark ML takes in a session that has just started, the first fit and the next ones.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from sklearn.cluster import KMeans

from jobs.gold.behaviour.kmeans import STARTS, Floats, k_means, squared
from jobs.gold.settings.behaviour_clusters import FEATURES


def main() -> int:
    """Run the rounds and print what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--clusters", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spark", action="store_true")
    arguments = parser.parse_args()
    points = customers(arguments.customers, arguments.clusters)
    fits: dict[str, Callable[[int], Floats]] = {
        "ours": lambda turn: k_means(points, arguments.clusters, turn).centres,
        "scikit-learn": lambda turn: sklearn_centres(points, arguments.clusters, turn),
    }
    if arguments.spark:
        fits["Spark ML"] = spark_fit(points, arguments.clusters)
    inertia = {name: measured(name, fit, points, arguments.rounds) for name, fit in fits.items()}
    return 0 if inertia["ours"] <= 1.001 * min(inertia.values()) else 1


def customers(count: int, clusters: int) -> Floats:
    """Points of overlapping clusters in as many dimensions as there are features; the seed is fixed."""
    random = np.random.default_rng(20260301)
    centres = random.normal(0, 1.2, (clusters, len(FEATURES)))
    return np.asarray(centres[random.integers(0, clusters, count)] + random.normal(0, 1, (count, len(FEATURES))))


def sklearn_centres(points: Floats, k: int, seed: int) -> Floats:
    """As many starts as ours has."""
    return np.asarray(KMeans(k, n_init=STARTS, random_state=seed).fit(points).cluster_centers_)


def spark_fit(points: Floats, k: int) -> Callable[[int], Floats]:
    """Spark ML over a cached DataFrame; its one start is k-means||."""
    from jobs.gold.behaviour.spark_lane import spark_centres
    from lakehouse.config.layers import Conf
    from lakehouse.spark.session import start

    spark = start(Conf().profile, "benchmark")
    names = [f"z{n}" for n in range(points.shape[1])]
    frame = spark.createDataFrame(pa.table({name: points[:, n] for n, name in enumerate(names)})).cache()
    frame.count()
    return lambda turn: spark_centres(frame, names, k, turn)


def measured(name: str, fit: Callable[[int], Floats], points: Floats, rounds: int) -> float:
    """Print the rounds of one engine; its least sum of squared distances."""
    seconds, sums = [], []
    for turn in range(rounds):
        began = time.perf_counter()
        centres = fit(turn)
        seconds.append(time.perf_counter() - began)
        sums.append(float(squared(points, centres).min(axis=1).sum()))
    each = ", ".join(f"{second:.2f}" for second in seconds)
    print(f"{name:13} {statistics.median(seconds):7.2f} s (rounds {each})   sum of squares {min(sums):,.1f}")
    return min(sums)


if __name__ == "__main__":
    sys.exit(main())
