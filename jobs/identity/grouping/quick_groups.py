"""Groups of many pairs at hand: most components are one person without a doubt, and only the others are grown.

A component in which every two accounts have a pair that is strong enough to join comes out whole in whatever order
its pairs are taken. Nothing of it becomes a Python object.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.identity.grouping import clusters
from jobs.identity.settings import Clustering

ENDS = ("account_id_left", "account_id_right")


def of_edges(pairs: pa.Table, conf: Clustering) -> pa.Table:
    """`clusters.of_pairs`, from Arrow to Arrow: the same groups.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).
    Returns:
        account_id, cluster (the smallest account_id in it).
    """
    accounts, left, right = numbered(pairs)
    strong = pairs["match_weight"].to_numpy() >= conf.join_weight_bits
    component = clusters.component_labels(left[strong], right[strong], len(accounts))
    labels = accounts.take(pa.array(_first(component)[component], pa.int64()))
    doubtful = _doubtful(component, left[strong], conf.largest_cluster)
    inside = doubtful[component[left]] & (component[left] == component[right])
    if not inside.any():
        return pa.table({"account_id": accounts, "cluster": labels})
    grown = clusters.of_pairs(pairs.filter(pa.array(inside)).to_pandas(), conf)
    at = pc.index_in(pa.array(grown["account_id"], pa.string()), accounts).to_numpy()
    texts = labels.to_numpy(zero_copy_only=False).astype(object)
    texts[at] = grown["cluster"].to_numpy(object)
    return pa.table({"account_id": accounts, "cluster": pa.array(texts, pa.string())})


def numbered(pairs: pa.Table) -> tuple[pa.Array, NDArray[np.int64], NDArray[np.int64]]:
    """The accounts in order, and the ends of the pairs as their numbers."""
    ends = pa.chunked_array([*pairs[ENDS[0]].chunks, *pairs[ENDS[1]].chunks], pa.string()).dictionary_encode()
    ends = ends.combine_chunks() if ends.num_chunks else pa.array([], pa.string()).dictionary_encode()
    order = pc.array_sort_indices(ends.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    codes = rank[ends.indices.to_numpy(zero_copy_only=False).astype(np.int64)]
    return ends.dictionary.take(pa.array(order)), codes[: pairs.num_rows], codes[pairs.num_rows :]


def _first(component: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest node of each component."""
    return np.unique(component, return_index=True)[1].astype(np.int64)


def _doubtful(component: NDArray[np.int64], left: NDArray[np.int64], largest: int) -> NDArray[np.bool_]:
    """Per component, whether a strong pair is missing in it or it is too large."""
    size = np.bincount(component, minlength=1)
    held = np.bincount(component[left], minlength=len(size))
    wanted: NDArray[np.bool_] = (held < size * (size - 1) // 2) | (size > largest)
    return wanted
