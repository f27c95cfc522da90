"""The trials that an item has of being a customer's next new one, and who is comparable with whom.

A trial is a day on which a customer bought something for the first time. That day any item not yet bought could have
been the new one. Two trials are comparable when they lie in the same week, brought about as many new items, and come
after about as many items bought before: heavy buyers buy everything sooner, seasons and promotions lift one item for
all, and who moves the household's shopping here buys everything for the first time within days. None of these says
that one item follows from another, so each trial is compared within its stratum only. Given how many new items a day
brought, how often the customer comes and how much they buy says nothing more of which items those were.
Source: Mantel and Haenszel (JNCI 1959), Mantel (Cancer Chemother. Rep. 1966) for strata and time at risk.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.gold.follow_on.first_purchases import NEVER, FirstPurchases

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

NEW_ITEM_STEPS = np.array([1, 2, 3, 4, 6, 9, 14])  # lowest number of new items of each band
BREADTH_BANDS = 6  # of as many trials each, by items bought before
TAIL_BANDS = 8  # of what is left below the lowest sixth, each half as much as the one above
BANDS = BREADTH_BANDS + TAIL_BANDS
CELLS = 1 << 20  # trials x items held at a time
DIGITS = 9  # of shares: more would tell sums of the same shares apart
WEEK_DAYS = 7
LEAST_TRIALS = 15  # a stratum of few trials is mostly made of the followers themselves, and shows nothing unusual


@dataclass(frozen=True)
class Trials:
    """One entry per customer and day with a new item, by customer and day.

    row: of the customer in the matrix; day; new_items: first bought that day, at least 1; breadth: band of how many
    items were bought before; weeks: number of the week, or of the period of several weeks in a small company; periods:
    the same, or of as few days as a large company needs, for what comes out or is promoted from one day to the next;
    popularity: periods x items, shares of the first purchases then; left: the share of what was not bought before.
    """

    row: Longs
    day: Longs
    new_items: Longs
    breadth: Longs
    weeks: Longs
    periods: Longs
    popularity: Floats
    left: Floats

    def strata(self, new_items: Longs | None = None, left: Floats | None = None) -> Longs:
        """A number per trial, the same for comparable ones; without the week, the remainder by `coarse_count`.

        Args:
            left: compare by this in place of how many items were bought before, within periods in place of weeks.
        """
        band = np.searchsorted(NEW_ITEM_STEPS, self.new_items if new_items is None else new_items, side="right") - 1
        when, last = (self.weeks, self.breadth) if left is None else (self.periods, left_bands(left))
        return (when * len(NEW_ITEM_STEPS) + np.maximum(band, 0)) * BANDS + last


def left_bands(left: Floats) -> Longs:
    """Sixths of the trials by what is left, the lowest parted further."""
    cuts = np.quantile(left if len(left) else [1.0], np.arange(1, BREADTH_BANDS) / BREADTH_BANDS)
    tail = cuts[0] / 2.0 ** np.arange(TAIL_BANDS, 0, -1)
    return np.searchsorted(np.concatenate([tail, cuts]), left).astype(np.int64)


def coarse_count() -> int:
    """How many strata there are in a week."""
    return len(NEW_ITEM_STEPS) * BANDS


def trials_of(purchases: FirstPurchases, first_counted: int) -> Trials:
    """The trials of all customers from a day on: in a company's first days of data all that is bought looks new."""
    rows, items = np.nonzero(purchases.days < NEVER)
    width = max(purchases.last_day - purchases.first_day + 1, 1)
    keys = rows.astype(np.int64) * width + purchases.days[rows, items] - purchases.first_day
    distinct, trial, new_items = np.unique(keys, return_inverse=True, return_counts=True)
    row, day = distinct // width, distinct % width
    before = np.cumsum(new_items) - new_items
    before -= before[np.searchsorted(row, row)] if len(row) else before
    kept = day + purchases.first_day >= first_counted
    bought = kept[trial]
    row, day, new_items, before = row[kept], day[kept], new_items[kept], before[kept]
    cuts = np.quantile(before if len(before) else [0], np.arange(1, BREADTH_BANDS) / BREADTH_BANDS)
    breadth = np.searchsorted(cuts, before, side="right")
    days = enough_days(day)
    weeks = day // (WEEK_DAYS * -(-days // WEEK_DAYS))
    popularity = np.zeros((int(day.max(initial=-1)) // days + 1, len(purchases.items)))
    np.add.at(popularity, (keys[bought] % width // days, items[bought]), 1.0)
    popularity /= np.maximum(popularity.sum(axis=1, keepdims=True), 1.0)
    day, periods = day + purchases.first_day, day // days
    left = not_had(purchases, row, day, popularity, periods)
    return Trials(row, day, new_items, breadth, weeks, periods, popularity, left)


def not_had(purchases: FirstPurchases, row: Longs, day: Longs, popularity: Floats, periods: Longs) -> Floats:
    """Per trial how popular what the customer had not bought before is in that period, 0 to 1."""
    missing, step = np.ones(len(row)), max(1, CELLS // max(len(purchases.items), 1))
    for first in range(0, len(row), step):
        part = slice(first, first + step)
        is_left = purchases.days[row[part]] >= day[part, None]
        missing[part] = (is_left * popularity[periods[part]]).sum(axis=1)
    return np.round(missing, DIGITS)


def enough_days(day: Longs) -> int:
    """In how many days a stratum gets LEAST_TRIALS on average, as whole weeks where one is too short."""
    weeks = int(np.ptp(day)) // WEEK_DAYS + 1 if len(day) else 1
    needed = LEAST_TRIALS * len(NEW_ITEM_STEPS) * BREADTH_BANDS * weeks / max(len(day), 1)
    if needed <= 1:
        return max(1, int(np.ceil(needed * WEEK_DAYS)))
    return WEEK_DAYS * int(np.clip(np.ceil(needed), 1, weeks))
