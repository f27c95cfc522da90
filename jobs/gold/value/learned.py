"""What a holdout within the known past teaches: how far recent weeks pull, and how wide ranges must be.

Everything is learned on customers as they were at the cut, against what they did in the holdout that has passed
since; tonight's forecast uses it and nothing later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from jobs.gold.value.choice import EVERYBODY, Choice
from jobs.gold.value.figures import Figure
from jobs.gold.value.forecast import Forecast, forecast
from jobs.gold.value.gamma_gamma import GammaGammaFit, expected_spend, fit_gamma_gamma, one_group_each, spend_spread
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.past import Names, Past
from jobs.gold.value.predictive import Outcome, orders_range, outcome, spend_range
from jobs.gold.value.purchase_groups import PurchaseGroups
from jobs.gold.value.recent import Pull, fit_pull, order_ratio, spend_ratio

DRIFTS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class Learned:
    """Corrections that a night applies; the defaults, of a past too short to learn from, change nothing.

    drift is a squared spread: see predictive.py. The covers are the shares of customers whose orders and spend of
    the holdout lie within the range, NaN where there was none to judge by.
    """

    orders: Pull = field(default_factory=Pull)
    spend: Pull = field(default_factory=Pull)
    order_drift: float = 0.0
    spend_drift: float = 0.0
    order_cover: float = float("nan")
    spend_cover: float = float("nan")


@dataclass(frozen=True)
class Backtest:
    """The holdout's customers: what was expected of them at the cut, corrected, and what they did."""

    past: Past
    alive: Floats
    expected_orders: Floats
    expected_spend: Floats
    plain_spend: Floats
    learned: Learned


def backtest(
    past: Past, chosen: Mapping[str, Choice], window_days: int, prior_orders: float, level: float, min_customers: int
) -> Backtest | None:
    """Forecast the holdout from the cut and learn from how it went; None where nothing could be fitted."""
    spend_fit = fit_gamma_gamma(one_group_each(past.frequency, per_order(past.spend, past.frequency)), min_customers)
    seen = forecast_past(past, chosen)
    if seen is None or spend_fit.parameters is None:
        return None
    mean = seen.alive * seen.mean[:, 0]
    ratio = order_ratio(past.recent_orders, past.frequency, past.t, window_days, prior_orders)
    orders = fit_pull(mean, past.next_orders, ratio)
    pulled = mean * orders.of(ratio)
    each = expected_spend(spend_fit, past.frequency, per_order(past.spend, past.frequency))
    change = spend_ratio(past.recent_spend, past.recent_orders, past.spend, past.frequency, each, prior_orders)
    spend = fit_pull(pulled * each, np.maximum(past.next_spend, 0.0), change)
    each_pulled = each * spend.of(change)
    ahead = outcome(seen, 0, orders.of(ratio))
    found = Learned(orders, spend, *drifts(past, ahead, spend_fit, each_pulled, level))
    return Backtest(past, seen.alive, pulled, pulled * each_pulled, mean * each, found)


def per_order(spend: Floats, orders: Floats) -> Floats:
    """Mean spend per repeat order; 0 without one."""
    return spend / np.maximum(orders, 1.0)


def forecast_past(past: Past, chosen: Mapping[str, Choice]) -> Forecast | None:
    """The holdout's orders of each customer by their cohort's fit at the cut."""
    figures = (Figure("holdout", past.holdout_days),)
    return by_cohort(past.each(), past.cohort, {name: cut_fit(found) for name, found in chosen.items()}, figures)


def cut_fit(found: Choice) -> OrderFit | None:
    """The chosen model's fit as of the cut."""
    return next((c.fit for c in found.candidates if found.model and c.fit.model == found.model.name), None)


def by_cohort(
    groups: PurchaseGroups, cohort: Names, fits: dict[str, OrderFit | None], figures: tuple[Figure, ...]
) -> Forecast | None:
    """Each group by its cohort's fit, or by everybody's; None where not even that exists."""
    parent = fits.get(EVERYBODY)
    if parent is None or parent.parameters is None:
        return None
    size, width = len(groups.t), len(figures)
    whole = Forecast(np.empty(size), np.empty(size), *(np.empty((size, width)) for _ in range(3)))
    own = {name for name, fit in fits.items() if name != EVERYBODY and fit and fit.parameters is not None}
    for name in [*sorted(own), EVERYBODY]:
        members = cohort == name if name in own else ~np.isin(cohort, list(own))
        if members.any():
            part = forecast(fits[name] or parent, groups.some(members), figures)
            for into, values in zip(vars(whole).values(), vars(part).values(), strict=True):
                into[members] = values
    return whole


def drifts(
    past: Past, ahead: Outcome, spend_fit: GammaGammaFit, each: Floats, level: float
) -> tuple[float, float, float, float]:
    """Drift of orders and of spend with which ranges of `level` hold that share of the holdout, and what they hold."""
    order_drift, order_cover = nearest(
        level, lambda d: within(past.next_orders, *orders_range(level, ahead.drifting(d)))
    )
    unknown, single = spend_spread(spend_fit, past.frequency)
    wide = ahead.drifting(order_drift)

    def spend_held(drift: float) -> float:
        low, high = spend_range(level, wide, unknown + drift, single)
        return within(past.next_spend, each * low, each * high)

    spend_drift, spend_cover = nearest(level, spend_held)
    return order_drift, spend_drift, order_cover, spend_cover


def within(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of outcomes inside their range, ends included; more refunds than spend count as no spend."""
    seen = np.maximum(actual, 0.0)
    return float(np.mean((seen >= np.floor(low * 100) / 100) & (seen <= np.ceil(high * 100) / 100)))


def nearest(level: float, cover: Callable[[float], float]) -> tuple[float, float]:
    """The drift whose cover is nearest to the level, and that cover.

    None at all where ranges hold enough without: of whole orders they may have to hold more, and a drift would then
    find fewer only by calling no order at all the likeliest.
    """
    without = cover(DRIFTS[0])
    if without >= level:
        return DRIFTS[0], without
    tried = [(drift, cover(drift)) for drift in DRIFTS[1:]]
    return min([(DRIFTS[0], without), *tried], key=lambda found: (abs(found[1] - level), found[0]))
