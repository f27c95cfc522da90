"""Ranges of orders and spend against the distributions that they are of, drawn many times."""

import numpy as np
import pytest

from jobs.gold.value.forecast import Forecast
from jobs.gold.value.predictive import Outcome, orders_range, outcome, spend_range

COUNT = 400_000


def one(alive: float, mean: float, spread: float) -> Outcome:
    return Outcome(np.array([alive]), np.array([mean]), np.array([spread]))


def drawn(alive: float, mean: float, spread: float) -> np.ndarray:
    """Orders of that many customers: gone, or a Poisson with a Gamma rate."""
    rng = np.random.default_rng(5)
    rate = rng.gamma(1 / spread, mean * spread, COUNT)
    return rng.poisson(rate) * (rng.random(COUNT) < alive)


@pytest.mark.parametrize(
    ("alive", "mean", "spread"), [(1.0, 12.0, 0.05), (0.9, 3.0, 0.3), (0.97, 90.0, 0.1), (1.0, 700.0, 0.02)]
)
def test_a_range_holds_its_share_of_outcomes_and_leaves_half_of_the_rest_below(alive, mean, spread):
    orders = drawn(alive, mean, spread)

    (low,), (high,) = orders_range(0.8, one(alive, mean, spread))

    assert np.mean(orders < low) <= 0.1 + 0.005
    assert np.mean(orders <= low) >= 0.1 - 0.005
    assert np.mean((orders >= low) & (orders <= high)) >= 0.8 - 0.005
    assert np.mean((orders >= low) & (orders < high)) < 0.8 + 0.005  # one order fewer would not do


def test_who_may_well_not_order_has_no_lower_end_and_is_not_held_too_well():
    orders = drawn(0.6, 1.5, 0.5)

    (low,), (high,) = orders_range(0.8, one(0.6, 1.5, 0.5))

    assert low == 0
    assert np.mean(orders < high) < 0.8 <= np.mean(orders <= high)


def test_who_has_left_gets_a_range_of_nothing():
    gone = one(1e-12, 5.0, 0.2)

    assert [end[0] for end in orders_range(0.8, gone)] == [0, 0]
    assert [end[0] for end in spend_range(0.8, gone, np.array([0.1]), 0.5)] == [0, 0]


@pytest.mark.parametrize(("alive", "mean", "spread"), [(1.0, 12.0, 0.05), (0.9, 3.0, 0.3), (0.6, 0.7, 0.5)])
def test_the_range_of_spend_holds_four_fifths_of_drawn_spend(alive, mean, spread):
    unknown, single = 0.04, 0.5
    rng = np.random.default_rng(6)
    orders = drawn(alive, mean, spread)
    each = rng.gamma(1 / unknown, unknown, COUNT)
    spend = np.where(orders > 0, rng.gamma(np.maximum(orders, 1) / single, single), 0.0) * each

    (low,), (high,) = spend_range(0.8, one(alive, mean, spread), np.array([unknown]), single)

    assert np.mean((spend >= low) & (spend <= high)) == pytest.approx(0.8, abs=0.02)


def test_drift_and_what_is_not_known_of_the_parameters_widen_the_range():
    def seen(log_spread: float) -> Forecast:
        return Forecast(np.ones(1), np.zeros(1), *(np.array([[value]]) for value in (20.0, 20.0, log_spread)))

    widths = [
        float(np.ptp(orders_range(0.8, of)))
        for of in (
            outcome(seen(0.0), 0),
            outcome(seen(0.05), 0),
            outcome(seen(0.05), 0).drifting(0.1),
        )
    ]

    assert widths == sorted(set(widths))
