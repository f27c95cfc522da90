"""How many of all right pairs weigh enough to be seen: from those that do, by what their fields say independently.

A right pair whose names differ and one whose home differs are both seen as long as the rest agrees; one where both
differ is not. Since a slip in a name has nothing to do with a move, those that are seen tell how often both happen:
pairs are put together from the names of one, the birth of another and the home of a third, and those that would not
have been seen are added until what is seen fits (a capture-recapture estimate over groups of fields; what depends on
each other, such as all lines of an address, is one group). What nobody who is seen ever shows cannot be known: it is a
lower bound of what is lost.

Source: Efron and Petrosian (1999), Nonparametric methods for doubly truncated data, for the self-consistent estimate;
Ding and Fienberg (1994) for capture-recapture under linkage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.identity.matching.training import Floats, Integers

DRAWS, ROUNDS, SEED = 10_000, 100, 20260301
MOST_SEEN = 5000  # patterns of seen pairs: some stand for all
LEAST_TOLD = 0.83  # found: where a larger share than the rest was never seen, what is seen tells too little of it
LEAST_SEEN = 50.0  # right pairs, for an estimate
GROUPS = {
    "given_name": "name",
    "family_name": "name",
    "address": "home",
    "street_number": "home",
    "postcode": "home",
    "city": "home",
    "region": "home",
}


@dataclass(frozen=True)
class Evidence:
    """Bits of pairs by field (one column each, rarity taken off), and what is added whatever the fields are."""

    by_field: Floats
    constant: Floats


@dataclass(frozen=True)
class Seen:
    """Pairs that weigh even odds or more.

    evidence: for a match; neighbours: for each kind of neighbour, which explain some of it; count: pairs of each row.
    """

    evidence: Evidence
    neighbours: Sequence[Evidence]
    count: Floats

    @property
    def weight(self) -> Floats:
        """Match weights, in bits."""
        near = [one.by_field.sum(axis=1) + one.constant for one in self.neighbours]
        return _less(self.evidence.by_field.sum(axis=1) + self.evidence.constant, near)

    def of(self, rows: Integers) -> "Seen":
        """Some of them."""
        parts = [Evidence(one.by_field[rows], one.constant[rows]) for one in (self.evidence, *self.neighbours)]
        return Seen(parts[0], parts[1:], self.count[rows])


def groups(types: Sequence[str]) -> list[list[int]]:
    """Numbers of the fields that depend on each other."""
    made: dict[str, list[int]] = {}
    for number, kind in enumerate(types):
        made.setdefault(GROUPS.get(kind, f"field {number}"), []).append(number)
    return list(made.values())


def with_rarity(bits: Floats, agrees: Floats, rarity: Floats, typical: Floats) -> Floats:
    """Bits by field, less the rarity of what agrees: of each what is typical of it, the rest of their sum evenly.

    Args:
        agrees: 1 where a field agrees and counts by frequency; rarity: of all fields of a pair; typical: by field.
    """
    rest = rarity - agrees @ typical
    left: Floats = bits - agrees * (typical + (rest / np.maximum(agrees.sum(axis=1), 1))[:, None])
    return left


def estimated(seen: Seen, types: Sequence[str]) -> float:
    """The share of right pairs that weigh even odds or more, 0 to 1; 1 where too few are seen to say.

    Args:
        types: semantic types of the fields.
    """
    rows = np.flatnonzero(seen.weight >= 0)
    rows = rows[:: max(1, -(-len(rows) // MOST_SEEN))]
    seen = seen.of(rows)
    right = seen.count / (1 + np.exp2(-seen.weight.clip(0, 60)))
    if right.sum() < LEAST_SEEN:
        return 1.0
    return _consistent(seen, right / right.sum(), groups(types))


def _consistent(seen: Seen, right: Floats, grouped: Sequence[Sequence[int]]) -> float:
    """Draw each group from its own pair, add what would not be seen, and again.

    Args:
        right: how likely each pair is one that is right and seen, all together 1.
    """
    random = np.random.default_rng(SEED)
    turns = [random.permutation((np.arange(DRAWS) + random.random(DRAWS)) / DRAWS) for _ in (*grouped, "constant")]
    constant_of = _drawn(right, turns[-1])
    shares, found = [right] * len(grouped), 1.0
    for _ in range(ROUNDS):
        drawn = [_drawn(share, turn) for share, turn in zip(shares, turns, strict=False)]
        lost = _put_together(seen, dict(enumerate(drawn)), grouped, constant_of) < 0
        found = max(1 - float(lost.mean()), 1 / DRAWS)
        added = 1 / max(int(lost.sum()), 1) * (1 - found)
        shares = [found * right + added * np.bincount(one[lost], minlength=len(right)) for one in drawn]
    return found


def _drawn(share: Floats, turns: Floats) -> Integers:
    """Numbers of pairs, as often as their share says."""
    sums = np.cumsum(share)
    drawn: Integers = np.minimum(np.searchsorted(sums, turns * sums[-1]), len(share) - 1)
    return drawn


def _put_together(
    seen: Seen, drawn: Mapping[int, Integers], grouped: Sequence[Sequence[int]], constant_of: Integers
) -> Floats:
    """Weights of pairs that have each group of fields from another pair."""
    sums = []
    for one in (seen.evidence, *seen.neighbours):
        parts = [one.by_field[drawn[number]][:, fields].sum(axis=1) for number, fields in enumerate(grouped)]
        sums.append(sum(parts, start=one.constant[constant_of]))
    return _less(sums[0], sums[1:])


def _less(bits: Floats, near: Sequence[Floats]) -> Floats:
    """Bits of a match, less what mere neighbours would explain."""
    odds = 1.0 + sum((np.exp2(np.minimum(one, 1000.0)) for one in near), start=np.zeros(len(bits)))
    return np.asarray(bits - np.log2(odds))
