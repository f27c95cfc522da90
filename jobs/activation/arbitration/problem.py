"""The choice of a night: at most one candidate a customer, no more than each capacity, and the most value in all.

A linear assignment with capacities (a generalised assignment problem whose weights are all one): maximise the sum of
value x chosen subject to one per customer, C of each channel and S of each message.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Problem:
    """Candidates in order of customers, and within one of the order that decides between equal values.

    customer: number of the customer, ascending; value: greater than zero; resources: of each kind (channels, messages)
    the number of the resource that a candidate takes one of; capacities: of each kind, inf for no limit.
    """

    customer: Places
    value: Numbers
    resources: tuple[Places, ...]
    capacities: tuple[Numbers, ...]

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return len(self.value)

    @property
    def starts(self) -> Places:
        """The first candidate of each customer."""
        if not self.count:
            return np.zeros(0, np.int64)
        return np.flatnonzero(np.r_[True, self.customer[1:] != self.customer[:-1]])

    def used(self, chosen: Places) -> list[Numbers]:
        """How much of each capacity the chosen candidates take."""
        return [
            np.bincount(places[chosen], minlength=len(caps)).astype(float)
            for places, caps in zip(self.resources, self.capacities, strict=True)
        ]

    def fits(self, chosen: Places) -> bool:
        """Whether no capacity is passed."""
        return all((used <= caps).all() for used, caps in zip(self.used(chosen), self.capacities, strict=True))

    def reduced(self, prices: Sequence[Numbers]) -> Numbers:
        """Values less the prices of what they take."""
        net = self.value.copy()
        for places, price in zip(self.resources, prices, strict=True):
            if price.any():
                net -= price[places]
        return net

    def part(self, keep: Flags) -> "Problem":
        """The problem of some candidates, with the same capacities."""
        return Problem(
            self.customer[keep], self.value[keep], tuple(places[keep] for places in self.resources), self.capacities
        )


@dataclass(frozen=True)
class Solution:
    """Places of the chosen candidates, their value, and a value that no choice can pass."""

    chosen: Places
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the value may be below the best one, as a share of the bound."""
        return 0.0 if self.bound <= 0 else max(0.0, 1 - self.value / self.bound)


def best_of_each(net: Numbers, starts: Places) -> Places:
    """The first place of each customer's greatest value."""
    if not len(net):
        return np.zeros(0, np.int64)
    greatest = np.repeat(np.maximum.reduceat(net, starts), np.diff(np.r_[starts, len(net)]))
    at_best = np.flatnonzero(net == greatest)
    owner = np.searchsorted(starts, at_best, side="right") - 1
    first = np.r_[True, owner[1:] != owner[:-1]]
    return at_best[first]
