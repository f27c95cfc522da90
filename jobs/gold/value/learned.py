"""What a holdout within the known past teaches: how far recent weeks pull, and how wide ranges must be.

Everything is learned on customers as they were at the cut, against what they did in the holdout that has passed
since; tonight's forecast uses it and nothing later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from jobs.gold.value.choice import EVERYBODY, Choice
from jobs.gold.value.figures import Figure
from jobs.gold.value.forecast import Forecast, forecast
from jobs.gold.value.gamma_gamma import GammaGammaFit, expected_spend, fit_gamma_gamma, one_group_each, spend_spread
from jobs.gold.value.holdout import Holdout, Names
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.predictive import Outcome, orders_range, outcome, spend_range
from jobs.gold.value.purchase_groups import PurchaseGroups
from jobs.gold.value.recent import RecencyMultiplier, fit_recency_multiplier, order_ratio, spend_ratio

DRIFTS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class Learned:
    """Corrections that a night applies; the defaults, of a past too short to learn from, change nothing.

    drift is a squared spread: see predictive.py. The covers are the shares of customers whose orders and spend of
    the holdout lie within the range, and the claims what the ranges say they hold: more than the level asked for
    where many customers will most likely buy nothing. NaN where there was none to judge by.
    """

    orders: RecencyMultiplier = field(default_factory=RecencyMultiplier)
    spend: RecencyMultiplier = field(default_factory=RecencyMultiplier)
    order_drift: float = 0.0
    spend_drift: float = 0.0
    order_cover: float = float("nan")
    spend_cover: float = float("nan")
    order_claim: float = float("nan")
    spend_claim: float = float("nan")


@dataclass(frozen=True)
class Backtest:
    """The holdout's customers: what was expected of them at the cut, corrected, and what they did."""

    holdout: Holdout
    alive: Floats
    expected_orders: Floats
    expected_spend: Floats
    plain_spend: Floats
    learned: Learned


def backtest(
    holdout: Holdout,
    chosen: Mapping[str, Choice],
    window_days: int,
    prior_orders: float,
    level: float,
    min_customers: int,
) -> Backtest | None:
    """Forecast the holdout from the cut and learn from how it went; None where nothing could be fitted."""
    spend_fit = fit_gamma_gamma(
        one_group_each(holdout.frequency, per_order(holdout.spend, holdout.frequency)), min_customers
    )
    seen = forecast_past(holdout, chosen)
    if seen is None or spend_fit.parameters is None:
        return None
    mean = seen.alive * seen.mean[:, 0]
    ratio = order_ratio(holdout.recent_orders, holdout.frequency, holdout.t, window_days, prior_orders)
    orders = fit_recency_multiplier(mean, holdout.next_orders, ratio)
    multiplied = mean * orders.of(ratio)
    each = expected_spend(spend_fit, holdout.frequency, per_order(holdout.spend, holdout.frequency))
    change = spend_ratio(
        holdout.recent_spend, holdout.recent_orders, holdout.spend, holdout.frequency, each, prior_orders
    )
    spend = fit_recency_multiplier(multiplied * each, np.maximum(holdout.next_spend, 0.0), change)
    each_multiplied = each * spend.of(change)
    ahead = outcome(seen, 0, orders.of(ratio))
    learned = Learned(orders, spend, **taught_ranges(holdout, ahead, spend_fit, each_multiplied, level))
    return Backtest(holdout, seen.alive, multiplied, multiplied * each_multiplied, mean * each, learned)


def per_order(spend: Floats, orders: Floats) -> Floats:
    """Mean spend per repeat order; 0 without one."""
    return spend / np.maximum(orders, 1.0)


def forecast_past(holdout: Holdout, chosen: Mapping[str, Choice]) -> Forecast | None:
    """The holdout's orders of each customer by their cohort's fit at the cut."""
    figures = (Figure("holdout", holdout.holdout_days),)
    return by_cohort(
        holdout.each(), holdout.cohort, {name: cut_fit(choice) for name, choice in chosen.items()}, figures
    )


def cut_fit(choice: Choice) -> OrderFit | None:
    """The chosen model's fit as of the cut."""
    return next((c.fit for c in choice.candidates if choice.model and c.fit.model == choice.model.name), None)


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


def taught_ranges(
    holdout: Holdout, ahead: Outcome, spend_fit: GammaGammaFit, each: Floats, level: float
) -> dict[str, float]:
    """Drift of orders and of spend, and what their ranges hold of the holdout and say they hold.

    The drift of orders is the likeliest of DRIFTS: a cover would mistake whole orders for a drift. That of spend is
    the one whose ranges hold what they say; it may take back that of orders, where fewer orders are larger ones.
    """
    order_drift = max(DRIFTS, key=lambda d: (ahead.drifting(d).log_likelihood(holdout.next_orders), -d))
    wide = ahead.drifting(order_drift)
    orders = orders_range(level, wide)
    order_cover, order_claim = within(holdout.next_orders, orders.low, orders.high), float(np.mean(orders.holds))
    unknown, single = spend_spread(spend_fit, holdout.frequency)
    tried = []
    for drift in (*(0.0 - share * order_drift / (1 + order_drift) for share in (1.0, 2 / 3, 1 / 3)), *DRIFTS):
        spend = spend_range(level, wide, unknown + drift, single)
        cover, claim = within(holdout.next_spend, each * spend.low, each * spend.high), float(np.mean(spend.holds))
        tried.append((abs(cover - claim), abs(drift), drift, cover, claim))
    _, _, spend_drift, spend_cover, spend_claim = min(tried)
    return {
        "order_drift": order_drift,
        "order_cover": order_cover,
        "order_claim": order_claim,
        "spend_drift": spend_drift,
        "spend_cover": spend_cover,
        "spend_claim": spend_claim,
    }


def within(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of outcomes inside their range, ends included; more refunds than spend count as no spend."""
    seen = np.maximum(actual, 0.0)
    return float(np.mean((seen >= np.floor(low * 100) / 100) & (seen <= np.ceil(high * 100) / 100)))
