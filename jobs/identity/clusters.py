"""From pairs to people: connected components, and inside them groups that hold together.

A component joined by one weak bridge is no person: two groups become one when the mean weight between their accounts
is positive, a pair that was not kept counting against it.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity.settings import Clustering

LABELS = "account_id STRING, cluster STRING"
ENDS = ("account_id_left", "account_id_right")
ROUNDS = 60  # large-star and small-star need about log(n) rounds


def of_pairs(pairs: pd.DataFrame, conf: Clustering) -> pd.DataFrame:
    """Groups among the accounts of the pairs.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).
    Returns:
        account_id, cluster (the smallest account_id in it); accounts of no group are their own.
    """
    accounts, codes = np.unique(pairs[["account_id_left", "account_id_right"]].to_numpy(str), return_inverse=True)
    ends = codes.reshape(-1, 2)
    labels = _grouped(ends[:, 0], ends[:, 1], pairs["match_weight"].to_numpy(float), len(accounts), conf)
    return pd.DataFrame({"account_id": accounts, "cluster": accounts[labels] if len(accounts) else accounts})


def component_labels(left: NDArray[np.int64], right: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Connected components as numbers, one per node."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    labels: NDArray[np.int64] = connected_components(edges, directed=False)[1]
    return labels


def _grouped(left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], count: int,
             conf: Clustering) -> NDArray[np.int64]:  # fmt: skip
    """The smallest node of each node's group. Strong pairs first; ties by node, so that row order changes nothing."""
    groups = _Groups(left, right, weight, count, conf)
    order = np.lexsort((right, left, -np.round(weight, 6)))
    for edge in order[weight[order] >= conf.join_weight_bits]:
        groups.consider(int(left[edge]), int(right[edge]))
    return groups.smallest()


class _Groups:
    """Growing groups of nodes; only the sums of weights between groups are kept."""

    def __init__(self, left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], count: int,
                 conf: Clustering) -> None:  # fmt: skip
        self.bounds = conf
        self.group = list(range(count))
        self.members: list[list[int]] = [[node] for node in range(count)]
        # per group: other group -> sum over kept pairs of (weight - unlinked); absent pairs then need no entry
        self.between: list[dict[int, float]] = [{} for _ in range(count)]
        shifted = np.minimum(weight, conf.most_weight_bits) - conf.unlinked_weight_bits
        for a, b, w in zip(left.tolist(), right.tolist(), shifted.tolist(), strict=True):
            self.between[a][b] = self.between[b][a] = w

    def consider(self, a: int, b: int) -> None:
        """Join the groups of two nodes when they hold together."""
        a, b = self.group[a], self.group[b]
        sizes = len(self.members[a]), len(self.members[b])
        if a == b or sum(sizes) > self.bounds.largest_cluster:
            return
        mean = self.between[a].get(b, 0.0) / (sizes[0] * sizes[1]) + self.bounds.unlinked_weight_bits
        if mean >= self.bounds.join_weight_bits:
            self._join(*((a, b) if (sizes[0], -a) >= (sizes[1], -b) else (b, a)))

    def _join(self, into: int, other: int) -> None:
        for node in self.members[other]:
            self.group[node] = into
        self.members[into] += self.members[other]
        self.members[other] = []
        for third, total in self.between[other].items():
            del self.between[third][other]
            if third != into:
                joined = self.between[into].get(third, 0.0) + total
                self.between[into][third] = self.between[third][into] = joined
        self.between[other] = {}

    def smallest(self) -> NDArray[np.int64]:
        least = {group: min(nodes) for group, nodes in enumerate(self.members) if nodes}
        return np.array([least[group] for group in self.group], dtype=np.int64)


def of_many_pairs(pairs: DataFrame, conf: Clustering) -> DataFrame:
    """The same groups without the driver: components by Spark, then each component by itself."""
    labels = components(pairs.where(F.col("match_weight") >= conf.join_weight_bits))
    left = labels.select(F.col("account_id").alias("account_id_left"), "component")
    right = labels.select(F.col("account_id").alias("account_id_right"), F.col("component").alias("right_component"))
    inside = pairs.join(left, "account_id_left").join(right, "account_id_right").where("component = right_component")
    edges = inside.select("component", "account_id_left", "account_id_right", "match_weight")
    return edges.groupBy("component").applyInPandas(lambda part: of_pairs(part, conf), LABELS)


def components_at_hand(pairs: pa.Table) -> pa.Table:
    """`components` of collected pairs: the same answer."""
    accounts, codes = np.unique(
        np.concatenate([pairs[name].to_numpy(zero_copy_only=False).astype(str) for name in ENDS]), return_inverse=True
    )
    left, right = codes[: pairs.num_rows], codes[pairs.num_rows :]
    labels = component_labels(left, right, len(accounts))
    # accounts are in order, so the first of each component is its smallest
    first = np.unique(labels, return_index=True)[1] if len(accounts) else labels
    smallest = accounts[first][labels] if len(accounts) else accounts
    return pa.table({"account_id": pa.array(accounts, pa.string()), "component": pa.array(smallest, pa.string())})


def components(pairs: DataFrame) -> DataFrame:
    """Connected components by large-star and small-star rounds.

    Args:
        pairs: account_id_left, account_id_right.
    Returns:
        account_id, component (the smallest account_id of the component).
    Source: Kiveris et al., Connected Components in MapReduce and Beyond (SoCC 2014).
    """
    edges = pairs.select(F.col("account_id_left").alias("u"), F.col("account_id_right").alias("v")).where("u <> v")
    edges = edges.distinct().localCheckpoint()
    before = -1
    for _ in range(ROUNDS):
        stars = _star(_star(edges, large=True), large=False).localCheckpoint()
        now = stars.agg(F.sum(F.xxhash64("u", "v") % 1000003)).first()[0]  # type: ignore[index]
        edges = stars
        if now == before:
            break
        before = now
    leaves = edges.select(F.col("v").alias("account_id"), F.col("u").alias("component"))
    return leaves.unionByName(leaves.select(F.col("component").alias("account_id"), "component")).distinct()


def _star(edges: DataFrame, large: bool) -> DataFrame:
    """One round: each node hands its larger (large) or smaller (small) neighbours to its smallest neighbour."""
    both = edges.select("u", "v")
    if large:
        both = both.unionByName(edges.select(F.col("v").alias("u"), F.col("u").alias("v")))
    else:
        both = both.select(F.greatest("u", "v").alias("u"), F.least("u", "v").alias("v"))
    near = both.groupBy("u").agg(F.min("v").alias("least"))
    near = near.withColumn("least", F.least("u", "least"))
    spread = both.join(near, "u")
    if large:
        made = spread.where("v > u").select(F.col("least").alias("u"), "v")
    else:
        own = near.select(F.col("least").alias("u"), F.col("u").alias("v"))
        made = spread.select(F.col("least").alias("u"), "v").unionByName(own)
    return made.where("u <> v").distinct()
