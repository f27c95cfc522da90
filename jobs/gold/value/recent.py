"""How much a customer's recent weeks say beyond their whole history.

The models take a customer's rate to buy as constant, so a busy spring and a quiet autumn weigh the same. What recent
weeks add is learned on an earlier holdout within the known past: expected orders are multiplied by
(recent orders / orders due by the own long-run rate) to a power, both with a prior so that few orders say little.
The power is the maximum of a Poisson likelihood given the total; the level is such that the total stays the model's.
The same holds for spend per order.
"""

from dataclasses import dataclass

import numpy as np

from jobs.gold.value.newton import Floats

STEPS = 60


@dataclass(frozen=True)
class RecencyMultiplier:
    """level * exp(power * log_ratio); power 0 changes nothing."""

    power: float = 0.0
    level: float = 1.0

    def of(self, log_ratio: Floats) -> Floats:
        """The factor of each customer."""
        return self.level * np.exp(self.power * log_ratio)


def order_ratio(recent_orders: Floats, frequency: Floats, t: Floats, window_days: float, prior: float) -> Floats:
    """Logarithm of recent orders against those due by the own rate; 0 without repeat orders or time."""
    due = frequency / np.maximum(t, 1.0) * np.minimum(t, window_days)
    return np.log((recent_orders + prior) / (due + prior))


def spend_ratio(
    recent_spend: Floats, recent_orders: Floats, spend: Floats, orders: Floats, expected: Floats, prior: float
) -> Floats:
    """Logarithm of recent spend per order against that of all repeat orders, both with `prior` orders as expected."""
    recent = (np.maximum(recent_spend, 0.0) + prior * expected) / (recent_orders + prior)
    return np.log(recent / ((np.maximum(spend, 0.0) + prior * expected) / (orders + prior)))


def fit_recency_multiplier(expected: Floats, actual: Floats, log_ratio: Floats) -> RecencyMultiplier:
    """The power between 0 and 1, and the level, learned from customers' expectations and what happened."""
    total = float(expected.sum())
    if total <= 0 or not actual.sum() > 0 or not np.ptp(log_ratio) > 0:
        return RecencyMultiplier()
    wanted = float(actual @ log_ratio) / float(actual.sum())
    low, high = 0.0, 1.0
    for _ in range(STEPS):  # the likelihood is concave: its slope falls with the power
        power = (low + high) / 2
        weight = expected * np.exp(power * log_ratio)
        is_rising = wanted > float(weight @ log_ratio) / float(weight.sum())
        low, high = (power, high) if is_rising else (low, power)
    power = (low + high) / 2
    return RecencyMultiplier(power, total / float(expected @ np.exp(power * log_ratio)))
