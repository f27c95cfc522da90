"""How much more customers buy in some half-months than in others, beside what their number and age explain.

Orders that came are held against those that a model of repeat buying expects of the customers known by then; the
quotient is the season. The model is fitted in shop time again, until both agree. Customers of a history's first weeks
were mostly customers before it: they buy more often than others and have models of their own, else the history would
seem to begin with a high season.

Within one year that cannot tell a season from customers who leave: a low spring looks alike whether all buy less then
or buy more often since and leave. A shop that stood before its history and still wins customers is taken to be steady:
its orders of each half-month, first ones too, are the season, and what speaks against it is leaving. How far a shop is
one is seen by how many more customers first appear in the history's first weeks than later. Where the same days of two
years are known, be it some weeks, they tell whether it grows or shrinks, and that is taken out of its season.

Half-months with few orders are drawn to 1 by the spread between half-months that chance does not explain (empirical
Bayes; Efron and Morris, 1973).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from jobs.gold.value.bg_nbd import BG_NBD
from jobs.gold.value.figures import Figure, instants
from jobs.gold.value.forecast import moments
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import fit_orders
from jobs.gold.value.purchase_groups import Ints, PurchaseGroups
from jobs.gold.value.shop_time import DAYS_OF_A_YEAR, EVEN, HALF_MONTHS, ShopTime, half_months, scaled
from jobs.gold.value.value_facts import Ask, repeat_orders_query
from lakehouse.sql.query import Table

ROUNDS = 4
FIRST_DAYS = (28, 91)  # of the history: whose first order is seen within is a customer from before it
LOOK_BACK_DAYS = 3 * 365  # habits of longer ago say less of the next year
STEADY_RATIO = 4.0  # customers a day in the first weeks to those later, from which a shop is taken to have stood before
STEADY_NEW_SHARE = 0.2  # of a year's customers are new in a shop that wins as many as it loses
TREND_DAYS = 21  # of which two years must be known before a shop is taken to grow or shrink
TREND_SPREAD = 0.3  # of shops' growth a year, as a logarithm
CROWDING = 3.0  # orders come together: their number varies by so many times chance
AGES = 150  # at which expected orders are worked out; between them they are read off a line


@dataclass(frozen=True)
class RepeatOrders:
    """Repeat order days of all customers: `by_days_ago[i]` came i days before the night's day."""

    as_of: date
    by_days_ago: Floats


def repeat_orders(ask: Ask, facts: Table, as_of: date, history_days: int) -> RepeatOrders:
    """Counted over the customers of `facts`, the answer of `value_facts_query`."""
    rows = ask(repeat_orders_query(facts, as_of)).to_pandas()
    size = max(history_days, 0) + 1
    counts = np.bincount(rows.days_ago.to_numpy(int), rows.orders.to_numpy(float), minlength=size)
    return RepeatOrders(as_of, counts[:size].astype(float))


def season_index(buys: PurchaseGroups, came: RepeatOrders, after_days: int, min_repeat_customers: int) -> ShopTime:
    """Shop time as of the night; that of the calendar where the history is shorter than `after_days`, or too thin.

    Args:
        buys: all customers, times in days.
        after_days: no season is known of a shop that has not seen a year.
    """
    even = ShopTime(came.as_of)
    if not len(buys.t) or buys.t.max() < after_days:
        return even
    days = int(min(buys.t.max(), LOOK_BACK_DAYS))
    halves = half_months(came.as_of, days)
    actual = by_half_month(halves, came.by_days_ago[:days])
    time = even
    for _ in range(ROUNDS):
        expected = expected_orders(buys, time, days, min_repeat_customers)
        if expected is None:
            return even
        due = by_half_month(halves, expected) / np.array(time.index)
        time = ShopTime(came.as_of, drawn_to_one(actual, due))
    steady = steadiness(buys, time)
    mixed = np.array(time.index) ** (1.0 - steady) * np.array(orders_of_half_months(buys, came)) ** steady
    return ShopTime(came.as_of, scaled(mixed)) if steady > 0 else time


def steadiness(buys: PurchaseGroups, time: ShopTime) -> float:
    """How far a shop stood before its history and still wins customers, 0 to 1.

    A new shop has as many new customers a day at first as later; a closed group of customers has none later.
    """
    length = float(time.past(buys.t).max())
    since_start = length - time.past(buys.t)
    at_first = float(buys.customers[since_start <= FIRST_DAYS[0]].sum()) / FIRST_DAYS[0]
    is_later = since_start > length / 2
    later = float(buys.customers[is_later].sum()) / max(length / 2, 1.0)
    active = float(buys.customers[buys.t - buys.t_x <= DAYS_OF_A_YEAR].sum())
    if not later > 0 or not at_first > 0:
        return 0.0
    stood_before = np.log(at_first / later) / np.log(STEADY_RATIO)
    still_wins = later * DAYS_OF_A_YEAR / active / STEADY_NEW_SHARE
    return float(np.clip(stood_before, 0.0, 1.0) * np.clip(still_wins, 0.0, 1.0))


def orders_of_half_months(buys: PurchaseGroups, came: RepeatOrders) -> tuple[float, ...]:
    """The index by all orders of whole years, first ones too, as if the shop neither grew nor shrank."""
    length = int(buys.t.max())
    days = min(max(length // DAYS_OF_A_YEAR, 1) * DAYS_OF_A_YEAR, length, LOOK_BACK_DAYS)
    orders = np.bincount(buys.t.astype(int), buys.customers, minlength=length + 1)[:length] + came.by_days_ago[:length]
    even = orders[:days] * np.exp(trend(orders) * np.arange(days) / DAYS_OF_A_YEAR)
    halves = half_months(came.as_of, days)
    return drawn_to_one(by_half_month(halves, even), by_half_month(halves, np.ones(days)))


def trend(orders: Floats) -> float:
    """How orders of days known in two years grew from one to the next, a logarithm, drawn to 0 where they are few.

    Args:
        orders: of each day, the last one first.
    """
    both = min(len(orders) - DAYS_OF_A_YEAR, DAYS_OF_A_YEAR)
    if both < TREND_DAYS:
        return 0.0
    late, early = (float(orders[start : start + both].sum()) for start in (0, DAYS_OF_A_YEAR))
    if not late > 0 or not early > 0:
        return 0.0
    chance = CROWDING * (1 / late + 1 / early)
    return float(np.log(late / early)) * TREND_SPREAD**2 / (TREND_SPREAD**2 + chance)


def by_half_month(halves: Ints, amounts: Floats) -> Floats:
    """The sum of each half-month, from one entry a day."""
    return np.bincount(halves, amounts, minlength=HALF_MONTHS).astype(float)


def drawn_to_one(actual: Floats, due: Floats) -> tuple[float, ...]:
    """The index of each half-month from its orders and those due on even days, both over all years seen."""
    due = np.maximum(due * actual.sum() / max(float(due.sum()), 1e-300), 1e-9)
    beyond = float((actual - due) @ ((actual - due) / due)) - float(len(due))  # Pearson's, less what chance gives
    spread = max(beyond, 0.0) / float(due.sum())
    if not spread > 0:
        return EVEN
    return scaled((actual + 1.0 / spread) / (due + 1.0 / spread))


def expected_orders(buys: PurchaseGroups, time: ShopTime, days: int, min_repeat_customers: int) -> Floats | None:
    """Repeat orders that the model expects on each of the last `days` days, the last one first; None without a fit."""
    since_start = buys.t.max() - buys.t
    part_of = np.searchsorted(np.array(FIRST_DAYS, float), since_start, side="right")
    total = np.zeros(days)
    for part in range(len(FIRST_DAYS) + 1):
        members = part_of == part
        if not members.any():
            continue
        few = buys.customers[members & (buys.frequency > 0)].sum() < min_repeat_customers
        fit = fit_orders(BG_NBD, time.of(buys if few else buys.some(members)), min_repeat_customers)
        if fit.parameters is None:
            return None
        total += orders_of_newcomers(fit.parameters, buys.some(members), time, days)
    return total


def orders_of_newcomers(parameters: object, buys: PurchaseGroups, time: ShopTime, days: int) -> Floats:
    """Orders expected of customers on each day since their first, by the model alone: not by what they did."""
    lengths = time.past(np.arange(days + 1, dtype=float))
    first_days, place = np.unique(buys.t, return_inverse=True)
    customers = np.bincount(place, buys.customers)
    age_now = time.past(first_days)
    ages = np.linspace(0.0, float(age_now.max()) + 1.0, AGES + 1)[1:]
    figures = tuple(Figure(str(place), float(age)) for place, age in enumerate(ages))
    nothing = np.zeros(1)
    newcomer = PurchaseGroups(nothing, nothing, nothing, np.ones(1))
    mean, _ = moments(BG_NBD.name, parameters, newcomer, instants(figures), pairs=False)
    so_far = np.zeros(days + 1)
    for age, count in zip(age_now, customers, strict=True):
        so_far += count * np.interp(np.maximum(age - lengths, 0.0), np.r_[0.0, ages], np.r_[0.0, mean[0]])
    return so_far[:-1] - so_far[1:]
