"""Linking of two clean lists: each record has one partner at most.

The best pair of all goes first, then the best of those left (Gale and Shapley's stable matching, since both sides
rank a pair by the same weight). A record's second best pair is no second partner, however well it agrees.
"""

import numpy as np
import pandas as pd
import pyarrow as pa


def partners(pairs: pa.Table, join_weight_bits: float) -> pd.DataFrame:
    """Pairs as clusters of two.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).
        join_weight_bits: weaker pairs are none.

    Returns:
        account_id, cluster (the smaller account_id of the two), for the records of the pairs.
    """
    rows = pairs.to_pandas()
    order = ["match_weight", "account_id_left", "account_id_right"]
    rows = rows.assign(match_weight=np.round(rows["match_weight"], 6)).sort_values(order, ascending=[False, True, True])
    partner: dict[str, str] = {}
    for left, right, weight in zip(
        rows["account_id_left"], rows["account_id_right"], rows["match_weight"], strict=True
    ):
        if weight < join_weight_bits:
            break
        if left not in partner and right not in partner:
            partner[left] = partner[right] = left
    everyone = pd.unique(rows[["account_id_left", "account_id_right"]].to_numpy().ravel())
    return pd.DataFrame({"account_id": everyone, "cluster": [partner.get(one, one) for one in everyone]})
