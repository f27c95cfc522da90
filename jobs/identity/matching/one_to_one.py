"""Linking of clean lists: a thing has one record at most in each of them.

The best pair of all goes first, then the best of those left (for two lists Gale and Shapley's stable matching, since
both sides rank a pair by the same weight). A record's second best pair is no second partner, however well it agrees.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.identity.settings.identity import Clustering


@dataclass
class Things:
    """Records on their way to things; a thing goes by its smallest record."""

    sources: dict[str, set[str]]
    members: dict[str, list[str]]
    thing_of: dict[str, str]

    def may_join(self, one: str, other: str) -> bool:
        """Whether two things have no source in common."""
        return one != other and self.sources[one].isdisjoint(self.sources[other])

    def join(self, one: str, other: str) -> None:
        """Two things are one."""
        into, gone = sorted((one, other))
        self.sources[into] |= self.sources.pop(gone)
        for record in self.members[gone]:
            self.thing_of[record] = into
        self.members[into] += self.members.pop(gone)


def partners(pairs: pa.Table, bounds: Clustering, source_of: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Pairs as things with one record of each list.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).
        bounds: two things are one when the mean weight between them is enough; a pair that is missing counts, too.
        source_of: the list of each record; none: two lists that nothing tells apart, so that a thing has two records.

    Returns:
        account_id, cluster (the smallest account_id of the thing), for the records of the pairs.
    """
    rows = pairs.to_pandas()
    order = ["match_weight", "account_id_left", "account_id_right"]
    rows = rows.assign(match_weight=np.round(rows["match_weight"], 6)).sort_values(order, ascending=[False, True, True])
    ends = list(zip(rows["account_id_left"], rows["account_id_right"], strict=True))
    weight = dict(zip(ends, rows["match_weight"], strict=True))
    everyone = pd.unique(rows[["account_id_left", "account_id_right"]].to_numpy().ravel())
    things = Things(
        {one: {source_of[one] if source_of else one} for one in everyone},
        {one: [one] for one in everyone},
        {one: one for one in everyone},
    )
    for left, right in ends:
        if weight[left, right] < bounds.join_weight_bits:
            break
        one, other = things.thing_of[left], things.thing_of[right]
        is_free = things.may_join(one, other) if source_of else len(things.members[one] + things.members[other]) == 2
        if is_free and _mean(things.members[one], things.members[other], weight, bounds) >= bounds.join_weight_bits:
            things.join(one, other)
    return pd.DataFrame({"account_id": everyone, "cluster": [things.thing_of[one] for one in everyone]})


def _mean(one: list[str], other: list[str], weight: Mapping[tuple[str, str], float], bounds: Clustering) -> float:
    """Mean weight of the pairs between two things, each as far as one pair may count."""
    if len(one) == len(other) == 1:
        return weight[min(one[0], other[0]), max(one[0], other[0])]
    between = [weight.get((min(a, b), max(a, b)), bounds.unlinked_weight_bits) for a in one for b in other]
    return float(np.minimum(between, bounds.most_weight_bits).mean())
