"""What a holdout within the known past teaches: how far recent weeks pull, and how wide ranges must be.

Everything is learned on customers as they were at the cut, against what they did in the holdout that has passed
since; tonight's forecast uses it and nothing later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from jobs.gold.value.choice import EVERYBODY, Choice
from jobs.gold.value.figures import Figure
from jobs.gold.value.forecast import Forecast, forecast
from jobs.gold.value.gamma_gamma import expected_spend
from jobs.gold.value.holdout import Holdout, Names
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.predictive import Outcome, outcome
from jobs.gold.value.purchase_groups import PurchaseGroups
from jobs.gold.value.recent import RecencyMultiplier, fit_recency_multiplier, order_ratio, spend_ratio
from jobs.gold.value.shop_time import EVEN
from jobs.gold.value.spend_fit import fit_spend_of_each
from jobs.gold.value.taught_ranges import taught_order_range, taught_spend_range

LEVEL_PRIOR_ORDERS = 100.0  # as expected, so that a small company's chance is no level
LEVELS = (0.5, 2.0)
LEVEL_TAKEN = 0.75  # power: half is nearest on made shops; customers leave in more ways than made ones do


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
    order_level: float = 1.0
    season: tuple[float, ...] = EVEN


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
    seen = forecast_past(holdout, chosen)
    if seen is None:
        return None
    mean = seen.alive * seen.mean[:, 0]
    window, t = holdout.time.past(np.array([window_days])), holdout.each().t
    ratio = order_ratio(holdout.recent_orders, holdout.frequency, t, float(window[0]), prior_orders)
    orders = fit_recency_multiplier(mean, holdout.next_orders, ratio)
    order_level = holdout_level(holdout, mean * orders.of(ratio))
    factor = orders.of(ratio) * order_level
    ahead = outcome(seen, 0, factor)
    taught = taught_order_range(holdout, ahead, level)
    learned = Learned(
        orders,
        order_drift=taught.drift,
        order_cover=taught.cover,
        order_claim=taught.claim,
        order_level=float(order_level**LEVEL_TAKEN),
        season=holdout.time.index,
    )
    by_orders = Backtest(holdout, seen.alive, mean * factor, mean * np.nan, mean * np.nan, learned)
    return with_spend(by_orders, mean, ahead.drifting(taught.drift), prior_orders, level, min_customers)


def with_spend(
    known: Backtest, mean: Floats, wide: Outcome, prior_orders: float, level: float, min_customers: int
) -> Backtest:
    """The same with spend; without amounts what recent weeks say of orders stands by itself."""
    holdout = known.holdout
    fit = fit_spend_of_each(holdout.frequency, holdout.spend, holdout.first_spend, min_customers)
    if fit.parameters is None:
        return known
    mean_spend = per_order(holdout.spend, holdout.frequency)
    each = expected_spend(fit, holdout.frequency, mean_spend, holdout.first_spend)
    change = spend_ratio(
        holdout.recent_spend, holdout.recent_orders, holdout.spend, holdout.frequency, each, prior_orders
    )
    spend = fit_recency_multiplier(known.expected_orders * each, np.maximum(holdout.next_spend, 0.0), change)
    multiplied = each * spend.of(change)
    taught = taught_spend_range(holdout, wide, known.learned.order_drift, fit, multiplied, level)
    learned = replace(
        known.learned, spend=spend, spend_drift=taught.drift, spend_cover=taught.cover, spend_claim=taught.claim
    )
    return replace(known, expected_spend=known.expected_orders * multiplied, plain_spend=mean * each, learned=learned)


def holdout_level(holdout: Holdout, expected: Floats) -> float:
    """Orders of the holdout to those expected; 1 where no season is known, which would be taken for a level.

    Models of constant rates see too few customers leave, or too many. A night goes LEVEL_TAKEN of the way: its own
    fits know the holdout already.
    """
    if holdout.time.is_even or not expected.sum() > 0:
        return 1.0
    few = LEVEL_PRIOR_ORDERS
    return float(np.clip((holdout.next_orders.sum() + few) / (expected.sum() + few), *LEVELS))


def per_order(spend: Floats, orders: Floats) -> Floats:
    """Mean spend per repeat order; 0 without one."""
    return spend / np.maximum(orders, 1.0)


def forecast_past(holdout: Holdout, chosen: Mapping[str, Choice]) -> Forecast | None:
    """The holdout's orders of each customer by their cohort's fit at the cut."""
    figures = (Figure("holdout", holdout.time.ahead(holdout.holdout_days)),)
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
