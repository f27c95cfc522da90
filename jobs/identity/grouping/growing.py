"""One group at a time, from the strongest pair down: what decisions, certain keys and held accounts ask for.

It is also what every other way of grouping must agree with.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.identity.grouping.cannot_link import CannotLinkRules
from jobs.identity.settings.identity import Clustering

BRIDGE, SIZE, WEAK = "one bridge only", "size limit", "weak join"
CONTRADICTION = "decisions contradict each other"
TORN = "fits accounts that were decided apart"
ReviewCandidate = tuple[int, int, str, float]


class Groups:
    """Growing groups, and over them must-link components: the groups that decisions make one.

    Of the pairs only the sums of weights between groups are kept.

    Args:
        nodes: the numbers that the rules know the accounts by; here they are 0, 1, ... in that order.
    """

    def __init__(self, nodes: NDArray[np.int64], bounds: Clustering, rules: CannotLinkRules, weak_bits: float) -> None:
        count = len(nodes)
        self.bounds, self.rules, self.weak_bits = bounds, rules, weak_bits
        self.group, self.must_link_component = list(range(count)), list(range(count))
        self.members: list[list[int]] = [[node] for node in range(count)]
        self.must_link_components: list[list[int]] = [[node] for node in range(count)]
        self.apart: list[set[int]] = [
            set() for _ in range(count)
        ]  # per must-link component: those that it must never join
        self.between: list[dict[int, float]] = [{} for _ in range(count)]
        self.decided_component, self.decided_apart = list(range(count)), self.apart
        self.known = [rules.of(node) for node in nodes.tolist()]
        self.is_free = [True] * count
        self.refused: list[ReviewCandidate] = []
        self.contradicting: list[ReviewCandidate] = []
        self.weak: dict[int, ReviewCandidate] = {}

    def must_link(self, a: int, b: int) -> None:
        """These two are the same."""
        self._join_must_link_components(self.must_link_component[a], self.must_link_component[b])

    def cannot_link(self, a: int, b: int) -> None:
        """These two are never the same; where other decisions make them one, that is for a steward to decide."""
        if self.must_link_component[a] == self.must_link_component[b]:
            self.contradicting.append((min(a, b), max(a, b), CONTRADICTION, 0.0))
            return
        a, b = self.must_link_component[a], self.must_link_component[b]
        self.apart[a].add(b)
        self.apart[b].add(a)

    def grow(
        self, ends: NDArray[np.int64], weight: NDArray[np.float64], start_groups: NDArray[np.object_] | None = None
    ) -> None:
        """Strong pairs first; equal ones by node, so that the order of rows changes nothing.

        Args:
            start_groups: per node the group that it starts in, None for a node that is free.
        """
        # the sum over kept pairs of (weight - unlinked): absent pairs then need no entry
        shifted = np.minimum(weight, self.bounds.most_weight_bits) - self.bounds.unlinked_weight_bits
        for (a, b), w in zip(ends.tolist(), shifted.tolist(), strict=True):
            self.between[a][b] = self.between[b][a] = w
        self.decided_component, self.decided_apart = list(self.must_link_component), [set(a) for a in self.apart]
        self._start_from(start_groups if start_groups is not None else np.full(len(self.group), None))
        order = np.lexsort((ends[:, 1], ends[:, 0], -np.round(weight, 6)))
        for edge in order[weight[order] >= self.bounds.join_weight_bits].tolist():
            self._consider(int(ends[edge, 0]), int(ends[edge, 1]), float(weight[edge]))

    def _start_from(self, start_groups: NDArray[np.object_]) -> None:
        """Start in the groups of before, in as many parts as decisions ask for."""
        parts: dict[str, list[int]] = {}
        for node in np.flatnonzero(pd.notna(start_groups)).tolist():
            self.is_free[node] = False
            firsts = parts.setdefault(start_groups[node], [])
            first = next(
                (f for f in firsts if self.must_link_component[node] not in self.apart[self.must_link_component[f]]),
                None,
            )
            if first is None:
                firsts.append(node)
            elif self.group[first] != self.group[node]:
                self._join(self.group[first], self.group[node])

    def _consider(self, one: int, other: int, weight: float) -> None:
        """Join the groups of two nodes when they hold together."""
        a, b = self.group[one], self.group[other]
        if a == b or not (self.is_free[a] or self.is_free[b]):
            return
        if self.must_link_component[b] in self.apart[self.must_link_component[a]]:
            if not self._is_decided(one, other):
                self.refused.append((one, other, TORN, weight))
            return
        sizes = len(self.members[a]), len(self.members[b])
        mean = self.between[a].get(b, 0.0) / (sizes[0] * sizes[1]) + self.bounds.unlinked_weight_bits
        against = self._against(a, b, sum(sizes)) if mean >= self.bounds.join_weight_bits else BRIDGE
        if against:
            self.refused.append((one, other, against, weight))
            return
        into, gone = (a, b) if (sizes[0], -a) >= (sizes[1], -b) else (b, a)
        self._note_weak(into, gone, (one, other, WEAK, mean))
        self._join(into, gone)

    def _is_decided(self, one: int, other: int) -> bool:
        """Whether a steward set these two apart, themselves or those that are the same."""
        return self.decided_component[other] in self.decided_apart[self.decided_component[one]]

    def _against(self, a: int, b: int, size: int) -> str:
        if size > self.bounds.largest_cluster:
            return SIZE
        return self.rules.between(self.known[a], self.known[b])

    def _note_weak(self, into: int, gone: int, join: ReviewCandidate) -> None:
        """Keep the weakest join of a group; what a steward decided needs no second look."""
        weak_joins = [w for w in (self.weak.pop(into, None), self.weak.pop(gone, None)) if w]
        if join[3] < self.weak_bits and self.must_link_component[into] != self.must_link_component[gone]:
            weak_joins.append(join)
        if weak_joins:
            self.weak[into] = min(weak_joins, key=lambda w: (w[3], w[0], w[1]))

    def _join(self, into: int, other: int) -> None:
        for node in self.members[other]:
            self.group[node] = into
        self.members[into] += self.members[other]
        self.members[other] = []
        self.is_free[into] = self.is_free[into] or self.is_free[other]
        self.known[into] = [one | more for one, more in zip(self.known[into], self.known[other], strict=True)]
        for third, total in self.between[other].items():
            del self.between[third][other]
            if third != into:
                joined = self.between[into].get(third, 0.0) + total
                self.between[into][third] = self.between[third][into] = joined
        self.between[other] = {}
        self._join_must_link_components(self.must_link_component[into], self.must_link_component[other])

    def _join_must_link_components(self, a: int, b: int) -> None:
        if a == b:
            return
        into, gone = (
            (a, b) if (len(self.must_link_components[a]), -a) >= (len(self.must_link_components[b]), -b) else (b, a)
        )
        for node in self.must_link_components[gone]:
            self.must_link_component[node] = into
        self.must_link_components[into] += self.must_link_components[gone]
        self.must_link_components[gone] = []
        for third in self.apart[gone]:
            self.apart[third].discard(gone)
            self.apart[third].add(into)
        self.apart[into] |= self.apart[gone]
        self.apart[gone] = set()

    def forced_link(self, one: int, other: int) -> None:
        """A certain key: one component, unless a decision, a cannot-link rule or the size forbids it."""
        a, b = self.must_link_component[one], self.must_link_component[other]
        if a == b or b in self.apart[a]:
            return
        known = [
            [
                set().union(*values)
                for values in zip(
                    *(self.known[self.group[node]] for node in self.must_link_components[component]), strict=True
                )
            ]
            for component in (a, b)
        ]
        too_large = len(self.must_link_components[a]) + len(self.must_link_components[b]) > self.bounds.largest_cluster
        against = SIZE if too_large else self.rules.between(known[0], known[1])
        if against:
            self.refused.append((one, other, against, self.bounds.most_weight_bits))
        else:
            self._join_must_link_components(a, b)

    def review_candidates(self) -> list[ReviewCandidate]:
        """What a steward should see: pairs that were refused and are still apart, and the weakest joins."""
        open_: dict[tuple[int, int], ReviewCandidate] = {}
        for refused in sorted(self.refused, key=lambda r: (-r[3], r[:3])):
            a, b = sorted((self.must_link_component[refused[0]], self.must_link_component[refused[1]]))
            if a != b and (refused[2] == TORN or b not in self.apart[a]):
                open_.setdefault((a, b), refused)  # one question for two groups, not one for each pair of them
        return sorted([*open_.values(), *self.weak.values(), *self.contradicting])

    def smallest(self) -> NDArray[np.int64]:
        """The smallest node of each node's must-link component."""
        least = {component: min(nodes) for component, nodes in enumerate(self.must_link_components) if nodes}
        return np.array([least[component] for component in self.must_link_component], dtype=np.int64)
