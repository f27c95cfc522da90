"""Customers alike to every model of repeat buying: counted once per frequency, time of the last order and age."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.gold.value.newton import Floats

Ints = NDArray[np.int64]

MOST_COUNTED = 1_000_000  # whole numbers up to this are counted instead of sorted


@dataclass(frozen=True)
class PurchaseGroups:
    """Customers alike in repeat orders, time of the last one and time observed, and how many they are.

    frequency counts repeat orders (the first is none); t_x and t are times since the first order, t_x <= t.
    """

    frequency: Floats
    t_x: Floats
    t: Floats
    customers: Floats

    def some(self, chosen: slice | NDArray[np.bool_]) -> "PurchaseGroups":
        """Only these groups."""
        return PurchaseGroups(self.frequency[chosen], self.t_x[chosen], self.t[chosen], self.customers[chosen])

    def thinned(self, most: int) -> "PurchaseGroups":
        """Every so many-th group, so that no more than `most` stay: groups in order are a fair sample of all."""
        return self.some(slice(None, None, -(-len(self.t) // most) or 1))


def grouped_by_day(frequency: Ints, t_x_days: Ints, t_days: Ints) -> PurchaseGroups:
    """Count customers per distinct (frequency, t_x_days, t_days); three arrays, one entry a customer."""
    if not len(frequency):
        nothing = np.empty(0)
        return PurchaseGroups(nothing, nothing, nothing, nothing)
    span = int(t_days.max()) + 1
    keys = (frequency * span + t_x_days) * span + t_days
    keys.sort()
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    counts = np.diff(np.append(first, len(keys)))
    rest, t = np.divmod(keys[first], span)
    x, t_x = np.divmod(rest, span)
    return PurchaseGroups(x.astype(float), t_x.astype(float), t.astype(float), counts.astype(float))


def distinct(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values in order, and for each entry the position of its value."""
    whole = values.astype(np.int64)
    if not len(values) or whole.max() > MOST_COUNTED or (whole != values).any():
        return np.unique(values, return_inverse=True)
    present = np.bincount(whole) > 0
    return np.flatnonzero(present).astype(float), (np.cumsum(present) - 1)[whole]
