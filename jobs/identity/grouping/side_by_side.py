"""Many small components grown side by side: one pair of each at a time, in arrays.

The steps are those of growing.Groups, for components that weights and cannot-link rules alone decide: no decision, no
certain key, no held account, and fewer accounts than the size limit. Whatever the number of components, there are only
as many rounds as the largest has pairs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.identity.grouping.cannot_link import CannotLinkRules
from jobs.identity.grouping.growing import BRIDGE, WEAK
from jobs.identity.settings.identity import Clustering

WIDTHS = (2, 4, 8, 16)  # components are kept in squares of these sizes; larger ones are grown one at a time
CANDIDATE_COLUMNS = ["one", "other", "doubt", "weight"]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Noted = tuple[NDArray[Any], ...]  # row, place, facing place, number of the reason, weight


@dataclass(frozen=True)
class Edges:
    """Pairs in numbers: their ends (columns 0 and 1, the smaller first) and their weights in bits."""

    ends: Integers
    weight: Floats

    def of(self, chosen: NDArray[np.bool_]) -> "Edges":
        """Some of them."""
        return Edges(self.ends[chosen], self.weight[chosen])


def grow(
    nodes: Integers, component: Integers, edges: Edges, rules: CannotLinkRules, bounds: Clustering, weak_bits: float
) -> tuple[Integers, pd.DataFrame]:
    """Grow groups in all components at once.

    Args:
        nodes: the accounts' numbers in order; edges speak of them.
        component: of each of the nodes; at most WIDTHS[-1] nodes share one.

    Returns:
        The smallest account of each node's group, and the review candidates: CANDIDATE_COLUMNS.
    """
    size = np.unique(component, return_inverse=True, return_counts=True)
    size_of, first, review_candidates = size[2][size[1]], nodes.copy(), [pd.DataFrame(columns=CANDIDATE_COLUMNS)]
    at = np.searchsorted(nodes, edges.ends[:, 0])
    for narrower, width in zip((0, *WIDTHS[:-1]), WIDTHS, strict=True):
        here = (size_of > narrower) & (size_of <= width)
        if here.any():
            squares = Squares(nodes[here], component[here], width, bounds, weak_bits)
            squares.grow(edges.of(here[at]), rules)
            first[here] = squares.smallest()
            review_candidates.append(squares.review_candidates())
    kept = [frame for frame in review_candidates if len(frame)] or review_candidates[:1]
    return first, pd.concat(kept, ignore_index=True)


class Squares:
    """Components of at most `width` accounts, each a row; a group goes by the place of one of its accounts."""

    def __init__(self, nodes: Integers, component: Integers, width: int, bounds: Clustering, weak_bits: float) -> None:
        self.nodes, self.bounds, self.weak_bits = nodes, bounds, weak_bits
        order = np.argsort(component, kind="stable")
        _, start, row = np.unique(component[order], return_index=True, return_inverse=True)
        self.row, self.place = np.empty_like(nodes), np.empty_like(nodes)
        self.row[order], self.place[order] = row, np.arange(len(nodes)) - start[row]
        self.node_at = np.full((len(start), width), -1, dtype=np.int64)
        self.node_at[self.row, self.place] = nodes
        self.group = np.tile(np.arange(width), (len(start), 1))
        self.members = np.ones((len(start), width), dtype=np.int64)
        self.between = np.zeros((len(start), width, width))
        self.refused: list[Noted] = []
        self.weak: list[Noted] = []

    def grow(self, edges: Edges, rules: CannotLinkRules) -> None:
        """Strong pairs first, equal ones by account; the n-th pairs of all components make one round."""
        at = np.searchsorted(self.nodes, edges.ends)
        row, one, other = self.row[at[:, 0]], self.place[at[:, 0]], self.place[at[:, 1]]
        shifted = np.minimum(edges.weight, self.bounds.most_weight_bits) - self.bounds.unlinked_weight_bits
        self.between[row, one, other] = self.between[row, other, one] = shifted
        self._forbid(rules)
        order = np.lexsort((other, one, -np.round(edges.weight, 6), row))
        order = order[edges.weight[order] >= self.bounds.join_weight_bits]
        turn = np.arange(len(order)) - np.searchsorted(row[order], row[order])
        by_turn = order[np.argsort(turn, kind="stable")]
        for chosen in np.split(by_turn, np.cumsum(np.bincount(turn))[:-1]):
            self._consider(row[chosen], one[chosen], other[chosen], edges.weight[chosen])

    def _forbid(self, rules: CannotLinkRules) -> None:
        """The first rule between any two accounts of a row."""
        is_there = self.node_at >= 0
        row, one, other = np.nonzero(np.triu(is_there[:, :, None] & is_there[:, None, :], 1))
        self.reasons = [*rules.names, BRIDGE]
        self.allowed = len(rules.names)
        self.forbidden_by = np.full(self.between.shape, self.allowed, dtype=np.int16)
        first_rule = rules.first_between(self.node_at[row, one], self.node_at[row, other])
        self.forbidden_by[row, one, other] = self.forbidden_by[row, other, one] = first_rule

    def _consider(self, row: Integers, one: Integers, other: Integers, weight: Floats) -> None:
        """Join the groups of two accounts in each row where they hold together."""
        a, b = self.group[row, one], self.group[row, other]
        sizes = self.members[row, a], self.members[row, b]
        mean = self.between[row, a, b] / (sizes[0] * sizes[1]) + self.bounds.unlinked_weight_bits
        against = np.where(mean >= self.bounds.join_weight_bits, self.forbidden_by[row, a, b], self.allowed + 1)
        apart = a != b
        at = (row, one, other)
        self._note(self.refused, at, apart & (against != self.allowed), against, weight)
        joined = apart & (against == self.allowed)
        self._note(self.weak, at, joined & (mean < self.weak_bits), against, mean)
        is_first = (sizes[0] > sizes[1]) | ((sizes[0] == sizes[1]) & (a < b))
        into, gone = np.where(is_first, a, b), np.where(is_first, b, a)
        self._join(row[joined], into[joined], gone[joined])

    @staticmethod
    def _note(
        notes: list[Noted], at: tuple[Integers, ...], chosen: NDArray[np.bool_], against: Integers, weight: Floats
    ) -> None:
        notes.append(tuple(values[chosen] for values in (*at, against, weight)))

    def _join(self, row: Integers, into: Integers, gone: Integers) -> None:
        groups = self.group[row]
        self.group[row] = np.where(groups == gone[:, None], into[:, None], groups)
        self.members[row, into] += self.members[row, gone]
        joined = self.between[row, into] + self.between[row, gone]
        self.between[row, into], self.between[row, :, into] = joined, joined
        against = np.minimum(self.forbidden_by[row, into], self.forbidden_by[row, gone])
        self.forbidden_by[row, into], self.forbidden_by[row, :, into] = against, against

    def smallest(self) -> Integers:
        """Per node, the smallest account of its group."""
        rows, width = self.group.shape
        group = (np.arange(rows)[:, None] * width + self.group)[self.row, self.place]
        least = np.full(rows * width, np.iinfo(np.int64).max)
        np.minimum.at(least, group, self.nodes)
        smallest_accounts: Integers = least[group]
        return smallest_accounts

    def review_candidates(self) -> pd.DataFrame:
        """Groups that were refused each other and are still two, by their strongest pair; the weakest join of each."""
        row, one, other, against, weight = (np.concatenate(values) for values in zip(*self.refused, strict=True))
        groups = np.sort(np.stack([self.group[row, one], self.group[row, other]]), axis=0)
        refused = pd.DataFrame(
            {
                "row": row,
                "a": groups[0],
                "b": groups[1],
                "place": one,
                "facing": other,
                "doubt": np.array([*self.reasons[:-1], "", BRIDGE], object)[against],
                "weight": weight,
                "turn": -weight,
            }
        )
        row, one, other, _, mean = (np.concatenate(values) for values in zip(*self.weak, strict=True))
        weak = pd.DataFrame(
            {
                "row": row,
                "a": self.group[row, one],
                "b": -1,
                "place": one,
                "facing": other,
                "doubt": WEAK,
                "weight": mean,
                "turn": mean,
            }
        )
        candidates = pd.concat([refused[refused["a"] != refused["b"]], weak]).sort_values(["turn", "place", "facing"])
        candidates = candidates.drop_duplicates(["row", "a", "b"])
        ends = {
            name: self.node_at[candidates["row"], candidates[at]]
            for name, at in (("one", "place"), ("other", "facing"))
        }
        return candidates.assign(**ends)[CANDIDATE_COLUMNS]
