"""A list per customer from ranked candidates: relevant, varied, with room for the long tail.

Maximal marginal relevance (Carbonell and Goldstein 1998) under the caps of conf, for all customers of a batch at once:
one place after the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.gold.recommending.candidates import Candidates, Facts
from jobs.gold.recommending.purchases import Floats, Ints
from jobs.gold.settings.recommendations import KINDS, Choice

WIDTH = 40  # of each kind no more candidates are looked at
BITS = 1 << 30
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Chosen:
    """Places in the candidates, ordered by customer and rank."""

    place: Ints
    rank: Ints


def chosen(candidates: Candidates, probability: Floats, kind: Ints, known: Facts, wanted: Choice) -> Chosen:
    """Choose.

    Args:
        kind: number in KINDS per candidate; below 0 it is not to be said.
    """
    may_be_said = np.flatnonzero(kind >= 0)
    table = in_rows(candidates.customer[may_be_said], probability[may_be_said], kind[may_be_said])
    table = np.where(table >= 0, np.append(may_be_said, -1)[table], -1)
    there = table >= 0
    item, kinds = candidates.item[table], np.where(there, kind[table], -1)
    relevance = np.where(there, relative(probability[table], kinds), 0.0)
    is_tail = known.is_long_tail(wanted.head_share)[item] & there
    category = np.where(known.has_category, known.category, -1)[item]
    department = np.where(known.has_department, known.department, -1)[item]
    caps = Caps(wanted, kinds, category, department, is_tail)
    directions = unit(known.factors)[item].astype(np.float32)
    alike = np.zeros(table.shape)
    left, picks, ranks = there.copy(), [], []
    rows = np.arange(len(table))
    if not len(table):
        return Chosen(np.empty(0, np.int64), np.empty(0, np.int64))
    for turn in range(wanted.items_per_customer):
        may = caps.may(left, turn)
        value = wanted.relevance_share * relevance - (1.0 - wanted.relevance_share) * alike
        best = np.where(may, np.round(value, 9), -np.inf).argmax(axis=1)  # rounded: no difference by order of sums
        here = rows[may[rows, best]]
        picks.append(table[here, best[here]])
        ranks.append(np.full(len(here), turn + 1))
        left[here, best[here]] = False
        caps.took(here, best[here])
        close = np.einsum("rwf,rf->rw", directions[here], directions[here, best[here]])
        alike[here] = np.maximum(alike[here], close)
    place, rank = np.concatenate(picks), np.concatenate(ranks)
    order = np.lexsort((rank, candidates.customer[place]))
    return closed_up(candidates.customer[place[order]], place[order])


def closed_up(customer: Ints, place: Ints) -> Chosen:
    """Ranks from 1 without gaps: a cap may have left a turn empty."""
    first = np.searchsorted(customer, customer)
    return Chosen(place, np.arange(len(place)) - first + 1)


def in_rows(customer: Ints, probability: Floats, kind: Ints) -> Ints:
    """Places of each customer's best candidates, one row per customer that has any, -1 where there are fewer."""
    unlikely = np.round((1.0 - probability) * BITS).astype(np.int64)  # one number to sort by is faster than three
    order = np.argsort((customer * len(KINDS) + kind) * (2 * BITS) + unlikely, kind="stable")
    group = customer[order] * len(KINDS) + kind[order]
    order = order[np.arange(len(order)) - np.searchsorted(group, group) < WIDTH]
    owner = np.unique(customer[order], return_inverse=True)[1]
    nth = np.arange(len(order)) - np.searchsorted(owner, owner)
    table = np.full((int(owner.max(initial=-1)) + 1, int(nth.max(initial=0)) + 1), -1, np.int64)
    table[owner, nth] = order
    return table


def relative(probability: Floats, kinds: Ints) -> Floats:
    """Relevance among the customer's candidates of the same kind: 1 for the likeliest."""
    shares = np.zeros(probability.shape)
    for kind in range(len(KINDS)):
        of_kind = np.where(kinds == kind, probability, 0.0)
        most = of_kind.max(axis=1, keepdims=True)
        shares += of_kind / np.where(most > 0, most, 1.0)
    return shares


def unit(factors: Floats) -> Floats:
    """Rows of length 1; a row of nothing stays nothing."""
    length = np.linalg.norm(factors, axis=1, keepdims=True)
    return factors / np.where(length > 0, length, 1.0)


class Caps:
    """What each customer's list may still take; category and department are -1 where nobody knows them."""

    def __init__(self, wanted: Choice, kinds: Ints, category: Ints, department: Ints, is_tail: Bools) -> None:
        self.wanted, self.kinds, self.is_tail = wanted, kinds, is_tail
        self.category, self.department = category, department
        size = len(kinds)
        self.slots = np.array([wanted.slots.get(name, 0) for name in KINDS])
        self.of_kind = np.zeros((size, len(KINDS)), np.int64)
        self.of_category = np.zeros((size, int(category.max(initial=0)) + 2), np.int8)
        self.of_department = np.zeros((size, int(department.max(initial=0)) + 2), np.int8)
        self.tails = np.zeros(size, np.int64)
        self.least_tails = int(np.ceil(wanted.long_tail_share * wanted.items_per_customer))

    def may(self, left: Bools, turn: int) -> Bools:
        """Who may be chosen now; a list that its kinds cannot fill takes what the other kinds have left."""
        rows = np.arange(len(left))[:, None]
        fits = self.of_category[rows, self.category] < self.wanted.at_most_per_category
        varied = left & (fits | (self.category < 0))
        fits = self.of_department[rows, self.department] < self.wanted.at_most_per_department
        varied &= fits | (self.department < 0)
        in_slot = varied & (self.of_kind < self.slots)[rows, self.kinds]
        may = np.where(in_slot.any(axis=1, keepdims=True), in_slot, varied)
        must = (self.least_tails - self.tails) >= self.wanted.items_per_customer - turn
        tail = varied & self.is_tail
        return np.where((must & tail.any(axis=1))[:, None], tail, may)

    def took(self, rows: Ints, columns: Ints) -> None:
        """Count what was chosen."""
        self.of_kind[rows, self.kinds[rows, columns]] += 1
        self.of_category[rows, self.category[rows, columns]] += 1
        self.of_department[rows, self.department[rows, columns]] += 1
        self.tails[rows] += self.is_tail[rows, columns]
