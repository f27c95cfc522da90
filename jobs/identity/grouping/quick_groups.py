"""Groups of many pairs in memory, by their weights alone: from Arrow to Arrow, no account becomes a Python object."""

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.identity.grouping import groups
from jobs.identity.grouping.cannot_link import CannotLinkRules
from jobs.identity.grouping.side_by_side import Edges
from jobs.identity.settings.identity import Clustering, Evidence


def of_edges(pairs: pa.Table, conf: Clustering) -> pa.Table:
    """`clusters.of_pairs`, from Arrow to Arrow: the same groups.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).

    Returns:
        account_id, cluster (the smallest account_id in it).
    """
    accounts, ends = groups.numbered(pairs)
    edge_type = np.full(len(ends), groups.PAIR)
    free = np.full(len(accounts), None)
    typed_edges = groups.TypedEdges(Edges(ends, pairs["match_weight"].to_numpy()), edge_type, free)
    first, _ = groups.of_typed_edges(typed_edges, no_cannot_link_rules(), conf, conf.join_weight_bits)
    return pa.table({"account_id": accounts, "cluster": accounts.take(pa.array(first, pa.int64()))})


def no_cannot_link_rules() -> CannotLinkRules:
    """Nothing forbids anything."""
    return CannotLinkRules(
        pd.DataFrame({"account_id": [], "channel": []}),
        np.array([], object),
        Evidence(keys={}, vetoes={}, exclusive_channels=()),
    )
