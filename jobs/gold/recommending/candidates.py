"""Which items come into question for each customer, and what the ranker looks at in each.

A new item is a candidate where taste (the factors) or the rate at which others take it up ranks it high, or where a
rule or something that falls due names it; an item bought before is one where it was bought again, or not long ago.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jobs.gold.recommending.als import other_factors, strengths
from jobs.gold.recommending.purchases import RECENT_DAYS, SEASON_DAYS, Floats, Ints, Purchases
from jobs.gold.settings.recommendations import Factors

NEW_FEATURES = (
    "taste",
    "take_up",
    "recent_buyers",
    "buyers",
    "category_season_days",
    "category_items",
    "recent_days",
    "season_days",
    "recent_new_items",
    "take_up_by_new_items",
    "taste_by_season_days",
    "rising",
)
OWNED_FEATURES = (
    "taste",
    "times",
    "recent_times",
    "season_times",
    "days_since",
    "interval",
    "overdue",
    "overdue_squared",
    "recent_days",
    "season_days",
    "age",
)
PRIOR_BUYERS = 10.0
LEAST = 1e-4
WEEK_SHARE = 0.4  # of four weeks' buyers of an item bought at any time, about so many come in one week


@dataclass(frozen=True)
class Facts:
    """What is known of the items as of a day, over all customers.

    Args:
        buyers, week_buyers, recent_buyers, first_buyers: customers who bought it ever, in the last 7 and 28 days, and
            in the last 28 days for the first time.
        factors: items x factors.
        category, department: numbers of them.
        has_category, has_department: whether the products say so; items of which nobody knows are not of one kind.
    """

    customer_count: int
    buyers: Floats
    week_buyers: Floats
    recent_buyers: Floats
    first_buyers: Floats
    factors: Floats
    category: Ints
    department: Ints
    has_category: NDArray[np.bool_]
    has_department: NDArray[np.bool_]

    @cached_property
    def adoption_rate(self) -> Floats:
        """Share of those without the item who took it up within the last 28 days, drawn towards none by a few more."""
        without = self.customer_count - self.buyers + self.first_buyers
        return (self.first_buyers + 1.0) / (without + PRIOR_BUYERS)

    @cached_property
    def rising(self) -> Floats:
        """Log of this week's buyers against a week of the last four: what is going out of season is below 0."""
        growth: Floats = np.log((self.week_buyers + PRIOR_BUYERS) / (self.recent_buyers * WEEK_SHARE + PRIOR_BUYERS))
        return growth

    def is_long_tail(self, head_share: float) -> NDArray[np.bool_]:
        """Items outside the head: the most bought ones that together have this share of all pairs."""
        order = np.argsort(-self.buyers, kind="stable")
        before = np.cumsum(self.buyers[order]) - self.buyers[order]
        tail = np.empty(len(order), bool)
        tail[order] = before >= head_share * self.buyers.sum()
        return tail


def facts(bought: Purchases, factors: Floats) -> Facts:
    """Count the buyers of each item."""
    size = len(bought.items.keys)

    def buyers(where: NDArray[np.bool_]) -> Floats:
        return np.bincount(bought.item[where], minlength=size).astype(float)

    counts = bought.counts
    return Facts(
        len(bought.customers),
        buyers(counts["day_count"] > 0),
        buyers(counts["week_day_count"] > 0),
        buyers(counts["recent_day_count"] > 0),
        buyers(counts["age_days"] < RECENT_DAYS),
        factors,
        np.unique(bought.items.categories, return_inverse=True)[1].astype(np.int64),
        np.unique(bought.items.departments, return_inverse=True)[1].astype(np.int64),
        np.array(bought.items.categories, dtype=object).astype(bool),
        np.array(bought.items.departments, dtype=object).astype(bool),
    )


@dataclass(frozen=True)
class Candidates:
    """Pairs in question, ordered by customer and item; `pair` is the owned pair's place, -1 for a new item."""

    customer: Ints
    item: Ints
    pair: Ints
    features: Floats  # NEW_FEATURES or OWNED_FEATURES, by is_owned; the rest of a row is 0

    @property
    def is_owned(self) -> NDArray[np.bool_]:
        """Whether the customer has bought it before."""
        return self.pair >= 0


def affinity(bought: Purchases, known: Facts, wanted: Factors) -> Floats:
    """Customers x items: what the factors say, from what each customer has bought by now."""
    shape = (len(bought.customers), len(bought.items.keys))
    own = strengths(bought.customer, bought.item, bought.counts["day_count"], shape, wanted.confidence_per_log_count)
    return other_factors(own, known.factors, wanted.regularisation) @ known.factors.T


def candidates(
    bought: Purchases, known: Facts, liking: Floats, per_source: int, named: tuple[Ints, Ints]
) -> Candidates:
    """The candidates of these customers with their features.

    Args:
        liking: `affinity` of the same customers.
        per_source: most new items that taste, and that take-up, bring to a customer.
        named: customers and items that rules or due items name; those bought before are there anyway.
    """
    place = np.full(liking.shape, -1, np.int64)
    place[bought.customer, bought.item] = np.arange(len(bought.item))
    wanted = np.zeros(liking.shape, bool)
    np.put_along_axis(wanted, best_new(liking, place < 0, per_source), True, axis=1)
    wanted |= first_open(known.adoption_rate, place < 0, per_source)
    wanted[named] = True
    wanted &= place < 0
    again = (bought.counts["day_count"] > 1) | (bought.counts["days_since"] < SEASON_DAYS)
    wanted[bought.customer[again], bought.item[again]] = True
    customer, item = np.nonzero(wanted)
    pair = place[customer, item]
    features = np.zeros((len(item), max(len(NEW_FEATURES), len(OWNED_FEATURES))))
    behaviour = customer_behaviour(bought)
    for is_owned, describe in ((False, new_features), (True, owned_features)):
        rows = np.flatnonzero((pair >= 0) == is_owned)
        some = Pairs(customer[rows], item[rows], pair[rows], log(liking[customer[rows], item[rows]]))
        about = describe(bought, known, behaviour, some)
        features[rows, : about.shape[1]] = about
    return Candidates(customer.astype(np.int64), item.astype(np.int64), pair, features)


@dataclass(frozen=True)
class Pairs:
    """Some of the pairs in question; `like` is the logarithm of taste."""

    customer: Ints
    item: Ints
    pair: Ints
    like: Floats


def first_open(score: Floats, is_open: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Per row the open ones among the best by one score for all rows."""
    order = np.argsort(-score, kind="stable")
    ordered = is_open[:, order]
    ordered &= np.cumsum(ordered, axis=1, dtype=np.int32) <= count
    chosen = np.empty_like(ordered)
    chosen[:, order] = ordered
    return chosen


def best_new(score: Floats, is_new: NDArray[np.bool_], count: int) -> Ints:
    """The places of the best items per row among the new ones; where there are too few, others fill up at the end."""
    ranked = np.where(is_new, -score, np.inf).astype(np.float32)  # half the memory to go through
    if count >= ranked.shape[1]:
        return np.argsort(ranked, axis=1, kind="stable")
    return np.argpartition(ranked, count, axis=1)[:, :count]


def customer_behaviour(bought: Purchases) -> dict[str, Floats]:
    """Per customer: item days of the last 28 and 84 days, and items first bought in the last 28."""
    size, counts = len(bought.customers), bought.counts
    sums = {
        name: np.bincount(bought.customer, weights=values, minlength=size)
        for name, values in (
            ("recent_days", counts["recent_day_count"]),
            ("season_days", counts["season_day_count"]),
            ("recent_new_items", (counts["age_days"] < RECENT_DAYS).astype(float)),
        )
    }
    return {name: np.log1p(values) for name, values in sums.items()}


def new_features(bought: Purchases, known: Facts, behaviour: dict[str, Floats], of: Pairs) -> Floats:
    """NEW_FEATURES of these pairs."""
    customer, item, like = of.customer, of.item, of.like
    size = max(1, known.customer_count)
    by_category = in_categories(bought, known)
    adoption_rate = log(known.adoption_rate)[item]
    new_items, season = behaviour["recent_new_items"][customer], behaviour["season_days"][customer]
    columns = [
        like,
        adoption_rate,
        log((known.recent_buyers + 1) / size)[item],
        log((known.buyers + 1) / size)[item],
        *(values[customer, known.category[item]] for values in by_category),
        behaviour["recent_days"][customer],
        season,
        new_items,
        adoption_rate * new_items,
        like * season,
        known.rising[item],
    ]
    return np.stack(columns, axis=1)


def in_categories(bought: Purchases, known: Facts) -> tuple[Floats, Floats]:
    """Customers x categories, logarithms of: item days of the last 84 days, and different items ever bought."""
    shape = (len(bought.customers), int(known.category.max(initial=-1)) + 1)
    place = (bought.customer, known.category[bought.item])
    season, ever = (
        np.asarray(sparse.csr_matrix((values, place), shape=shape).todense())
        for values in (bought.counts["season_day_count"], np.ones(len(bought.item)))
    )
    return np.log1p(season), np.log1p(ever)


def owned_features(bought: Purchases, known: Facts, behaviour: dict[str, Floats], of: Pairs) -> Floats:
    """OWNED_FEATURES of these pairs."""
    own = {name: values[of.pair] for name, values in bought.counts.items()}
    every = interval_days(own)
    overdue = np.log((own["days_since"] + 1.0) / every)
    columns = [
        of.like,
        np.log1p(own["day_count"]),
        np.log1p(own["recent_day_count"]),
        np.log1p(own["season_day_count"]),
        np.log1p(own["days_since"]),
        np.log(every),
        overdue,
        overdue**2,
        *(behaviour[name][of.customer] for name in ("recent_days", "season_days")),
        np.log1p(own["age_days"]),
    ]
    return np.stack(columns, axis=1)


def interval_days(counts: dict[str, Floats]) -> Floats:
    """Mean days from one purchase of an item to the customer's next, at least 1; of one purchase: days since then."""
    span = counts["age_days"] - counts["days_since"]
    again = np.where(counts["day_count"] > 1, span / np.maximum(counts["day_count"] - 1.0, 1.0), counts["age_days"])
    return np.maximum(again, 1.0)


def log(values: Floats) -> Floats:
    """The logarithm, of no less than a ten-thousandth."""
    return np.log(np.maximum(values, LEAST))
