"""How wide ranges must be, learned from a holdout: the drift of rates, and what ranges with it hold of the outcomes."""

from typing import NamedTuple

import numpy as np

from jobs.gold.value.gamma_gamma import GammaGammaFit, spend_spread
from jobs.gold.value.holdout import Holdout
from jobs.gold.value.newton import Floats
from jobs.gold.value.predictive import Outcome, orders_range, spend_range

DRIFTS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.5, 1.0)


class Taught(NamedTuple):
    """A squared spread, the share of customers inside their range with it, and what the ranges say they hold."""

    drift: float
    cover: float
    claim: float


def taught_order_range(holdout: Holdout, ahead: Outcome, level: float) -> Taught:
    """Drift of orders, and what their ranges hold of the holdout and say they hold.

    The drift is the likeliest of DRIFTS: a cover would mistake whole orders for a drift.
    """
    order_drift = max(DRIFTS, key=lambda d: (ahead.drifting(d).log_likelihood(holdout.next_orders), -d))
    orders = orders_range(level, ahead.drifting(order_drift))
    cover = within(holdout.next_orders, orders.low, orders.high)
    return Taught(order_drift, cover, float(np.mean(orders.holds)))


def taught_spend_range(
    holdout: Holdout, wide: Outcome, order_drift: float, spend_fit: GammaGammaFit, each: Floats, level: float
) -> Taught:
    """The same of spend: the drift whose ranges hold what they say.

    It may take back that of orders, `order_drift`, which `wide` has, where fewer orders are larger ones.
    """
    unknown, single = spend_spread(spend_fit, holdout.frequency)
    tried = []
    for drift in (*(0.0 - share * order_drift / (1 + order_drift) for share in (1.0, 2 / 3, 1 / 3)), *DRIFTS):
        spend = spend_range(level, wide, unknown + drift, single)
        cover, claim = within(holdout.next_spend, each * spend.low, each * spend.high), float(np.mean(spend.holds))
        tried.append((abs(cover - claim), abs(drift), drift, cover, claim))
    _, _, spend_drift, spend_cover, spend_claim = min(tried)
    return Taught(spend_drift, spend_cover, spend_claim)


def within(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of outcomes inside their range, ends included; more refunds than spend count as no spend."""
    seen = np.maximum(actual, 0.0)
    return float(np.mean((seen >= np.floor(low * 100) / 100) & (seen <= np.ceil(high * 100) / 100)))
