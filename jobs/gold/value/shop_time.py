"""A shop's own time: a day on which customers buy twice as often as on most counts twice.

The models of repeat buying take each customer's rate as constant. Where a shop has seasons, it is constant in this
time alone: whoever bought twice in December is no likelier to buy in January than the year says. A year has as many
days in either time, so that rates stay rates a day.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from jobs.gold.value.newton import Floats
from jobs.gold.value.purchase_groups import Ints, PurchaseGroups

DAYS_OF_A_YEAR = 365
HALF_MONTHS = 24
EVEN = (1.0,) * HALF_MONTHS
CENTURY_DAYS = 36_525  # no customer is followed for longer


def half_months(last: date, days: int) -> Ints:
    """The half-month, 0 to 23, of each of the `days` days up to and with `last`, the last one first."""
    ordinals = last.toordinal() - np.arange(days)
    dates = (ordinals - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    halves: Ints = months.astype(np.int64) % 12 * 2 + ((dates - months).astype(np.int64) >= 15)
    return halves


@dataclass(frozen=True)
class ShopTime:
    """Time before and after the evening of `as_of`; `index` is how much a day of each half-month counts.

    Attributes:
        index: mean 1 over a year's days; EVEN where nothing is known of seasons.
    """

    as_of: date
    index: tuple[float, ...] = field(default=EVEN)

    @property
    def is_even(self) -> bool:
        """Whether it is the calendar's time."""
        return self.index == EVEN

    @cached_property
    def _by_days_ago(self) -> Floats:
        days = min(CENTURY_DAYS, self.as_of.toordinal() - 1)
        return np.concatenate([[0.0], np.cumsum(np.array(self.index)[half_months(self.as_of, days)])])

    def past(self, days: Floats) -> Floats:
        """The length of the last so many days, in shop days."""
        lengths: Floats = np.interp(days, np.arange(len(self._by_days_ago)), self._by_days_ago)
        return lengths

    def ahead(self, days: float) -> float:
        """The length of the next so many days, in shop days; a part of a day is a part of it."""
        whole = int(np.ceil(days))
        if whole <= 0:
            return 0.0
        last = self.as_of + timedelta(days=whole)
        lengths = np.array(self.index)[half_months(last, whole)]
        return float(lengths.sum() - lengths[0] * (whole - days))

    def of(self, groups: PurchaseGroups) -> PurchaseGroups:
        """The same customers with their times in shop days."""
        if self.is_even:
            return groups
        t = self.past(groups.t)
        return PurchaseGroups(groups.frequency, t - self.past(groups.t - groups.t_x), t, groups.customers)

    def at(self, as_of: date) -> "ShopTime":
        """The same seasons as seen from another day."""
        return ShopTime(as_of, self.index)


def scaled(index: Floats) -> tuple[float, ...]:
    """With mean 1 over the days of a year."""
    year = index[half_months(date(2025, 12, 31), DAYS_OF_A_YEAR)]
    return tuple((index / year.mean()).tolist())
