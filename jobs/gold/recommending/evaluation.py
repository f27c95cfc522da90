"""The lists of every method for a past day, judged by what customers bought in the days after it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.gold.recommending.candidates import Candidates, Facts, best_new, first_open
from jobs.gold.recommending.choosing import chosen
from jobs.gold.recommending.kinds import kinds_of
from jobs.gold.recommending.measures import LENGTH, measured
from jobs.gold.recommending.purchases import Floats, Ints, Purchases
from jobs.gold.settings.recommendations import Choice

NEW, ALL = "new", "all"
EVERYBODY = "all"
BASELINES = ("popularity", "popularity_not_bought", "last_basket")


@dataclass(frozen=True)
class Judged:
    """A past day with everything that methods may look at, and what was bought in the days after it."""

    bought: Purchases
    known: Facts
    liking: Floats
    offered: Candidates
    probability: Floats

    def shape(self) -> tuple[int, int]:
        """Customers, items."""
        return self.liking.shape[0], self.liking.shape[1]

    def owned(self) -> NDArray[np.bool_]:
        """Customers x items: bought before."""
        table = np.zeros(self.shape(), bool)
        table[self.bought.customer, self.bought.item] = True
        return table

    def wanted(self) -> NDArray[np.bool_]:
        """Customers x items: bought within the horizon."""
        table = np.zeros(self.shape(), bool)
        inside = self.bought.wanted_item >= 0
        table[self.bought.wanted_customer[inside], self.bought.wanted_item[inside]] = True
        return table


def evaluated(day: Judged, choice: Choice) -> Iterator[dict[str, Any]]:
    """One row per task, method and customer group.

    task `new`: of items new to the customer, those bought; `all`: of all items. Items outside the catalogue count
    among what was bought. Methods: the baselines (the ten items most bought lately, the same for everybody; the same of
    what the customer has not bought; the last basket once more), als (taste alone), ranker, and published: the list
    that the table gives, all kinds of it.
    """
    owned, wanted, groups = day.owned(), day.wanted(), activity(day.bought)
    outside = np.bincount(day.bought.wanted_customer[day.bought.wanted_item < 0], minlength=len(owned))
    tail = day.known.is_long_tail(choice.head_share)
    table = published(day, choice)
    for task, is_sought in ((NEW, wanted & ~owned), (ALL, wanted)):
        number = is_sought.sum(axis=1) + outside
        for method, lists in (*methods(day, owned, task), ("published", table)):
            hit = np.take_along_axis(is_sought, np.maximum(lists, 0), axis=1) & (lists >= 0)
            for group in (EVERYBODY, *sorted(set(groups))):
                rows = np.ones(len(lists), bool) if group == EVERYBODY else groups == group
                measures = measured(
                    lists[rows], hit[rows], number[rows], day.known.buyers, day.known.customer_count, tail
                )
                yield {"task": task, "method": method, "customer_group": group, **asdict(measures)}


def methods(day: Judged, owned: NDArray[np.bool_], task: str) -> Iterator[tuple[str, Ints]]:
    """Name and lists of each method that a task compares."""
    popular = day.known.recent_buyers + day.known.buyers * 1e-6
    open_to = ~owned if task == NEW else np.ones_like(owned)
    scores = np.full(owned.shape, -np.inf)
    scores[day.offered.customer, day.offered.item] = day.probability
    yield "popularity", most_popular(popular, np.ones_like(owned))
    if task == NEW:
        yield "popularity_not_bought", most_popular(popular, open_to)
        yield "als", best(day.liking, open_to)
    else:
        yield "last_basket", most_popular(popular, last_basket(day.bought, owned.shape))
    yield "ranker", best(scores, open_to)


def most_popular(score: Floats, is_open: NDArray[np.bool_]) -> Ints:
    """The ten open items of highest score per customer, the score being the same for everybody."""
    order = np.argsort(-score, kind="stable")
    customer, nth = np.nonzero(first_open(score, is_open, LENGTH)[:, order])
    return as_lists(customer, order[nth], len(is_open))


def best(score: Floats, is_open: NDArray[np.bool_]) -> Ints:
    """The ten items of highest score per customer among the open ones, -1 where there are fewer."""
    top = best_new(score, is_open, LENGTH)[:, :LENGTH]
    values = np.where(np.take_along_axis(is_open, top, axis=1), np.take_along_axis(score, top, axis=1), -np.inf)
    order = np.lexsort((top, -values), axis=1)
    top, values = np.take_along_axis(top, order, axis=1), np.take_along_axis(values, order, axis=1)
    customer, nth = np.nonzero(np.isfinite(values))
    return as_lists(customer, top[customer, nth], len(score))


def as_lists(customer: Ints, item: Ints, count: int) -> Ints:
    """Rows of ten from pairs in order of customer and rank."""
    lists = np.full((count, LENGTH), -1, np.int64)
    lists[customer, np.arange(len(customer)) - np.searchsorted(customer, customer)] = item
    return lists


def last_basket(bought: Purchases, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Customers x items of the customer's last day."""
    last = np.full(shape[0], np.inf)
    np.minimum.at(last, bought.customer, bought.counts["days_since"])
    then = bought.counts["days_since"] == last[bought.customer]
    table = np.zeros(shape, bool)
    table[bought.customer[then], bought.item[then]] = True
    return table


def published(day: Judged, choice: Choice) -> Ints:
    """What the table would have said that day."""
    picked = chosen(day.offered, day.probability, kinds_of(day.bought, day.offered, choice), day.known, choice)
    lists = np.full((day.shape()[0], max(LENGTH, choice.items_per_customer)), -1, np.int64)
    lists[day.offered.customer[picked.place], picked.rank - 1] = day.offered.item[picked.place]
    return lists[:, :LENGTH]


def activity(bought: Purchases) -> NDArray[np.str_]:
    """light, medium or heavy: thirds of the customers by item days of the last 84 days."""
    days = np.bincount(bought.customer, weights=bought.counts["season_day_count"], minlength=len(bought.customers))
    cuts = np.quantile(days, [1 / 3, 2 / 3]) if len(days) else np.zeros(2)
    return np.array(["light", "medium", "heavy"])[np.searchsorted(cuts, days)]
