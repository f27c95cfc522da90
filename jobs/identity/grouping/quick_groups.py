"""Groups of many pairs at hand, by their weights alone: from Arrow to Arrow, no account becomes a Python object."""

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.identity.grouping import groups
from jobs.identity.grouping.side_by_side import Edges
from jobs.identity.grouping.vetoes import Vetoes
from jobs.identity.settings.identity import Clustering, Evidence


def of_edges(pairs: pa.Table, conf: Clustering) -> pa.Table:
    """`clusters.of_pairs`, from Arrow to Arrow: the same groups.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).

    Returns:
        account_id, cluster (the smallest account_id in it).
    """
    accounts, ends = groups.numbered(pairs)
    bond = np.full(len(ends), groups.PAIR)
    free = np.full(len(accounts), None)
    ties = groups.Ties(Edges(ends, pairs["match_weight"].to_numpy()), bond, free)
    first, _ = groups.of_ties(ties, no_vetoes(), conf, conf.join_weight_bits)
    return pa.table({"account_id": accounts, "cluster": accounts.take(pa.array(first, pa.int64()))})


def no_vetoes() -> Vetoes:
    """Nothing forbids anything."""
    return Vetoes(
        pd.DataFrame({"account_id": [], "channel": []}),
        np.array([], object),
        Evidence(keys={}, vetoes={}, exclusive_channels=()),
    )
