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
    ("alive", "mean", "spread"),
    [(1.0, 12.0, 0.05), (0.9, 3.0, 0.3), (0.97, 90.0, 0.1), (1.0, 700.0, 0.02), (0.6, 1.5, 0.5), (0.3, 2.0, 0.5)],
)
def test_a_range_holds_what_it_says_and_no_more_than_half_of_the_rest_lies_below(alive, mean, spread):
    orders = drawn(alive, mean, spread)

    found = orders_range(0.8, one(alive, mean, spread))

    assert np.mean(orders < found.low) <= 0.1 + 0.005
    assert np.mean((orders >= found.low) & (orders <= found.high)) == pytest.approx(found.holds[0], abs=0.005)


@pytest.mark.parametrize(("alive", "mean", "spread"), [(1.0, 12.0, 0.05), (0.9, 3.0, 0.3), (0.6, 1.5, 0.5)])
def test_no_other_upper_end_comes_nearer_to_what_is_asked(alive, mean, spread):
    orders = drawn(alive, mean, spread)

    found = orders_range(0.8, one(alive, mean, spread))

    def off(high: float) -> float:
        return abs(np.mean((orders >= found.low) & (orders <= high)) - 0.8)

    assert min((off(high), high) for high in range(60))[1] == found.high[0]


def test_ranges_of_few_orders_hold_too_much_or_too_little_and_on_the_whole_what_is_asked():
    mean = np.exp(np.random.default_rng(3).uniform(np.log(0.8), np.log(20), 4000))

    found = orders_range(0.8, Outcome(np.full(4000, 0.95), mean, np.full(4000, 0.2)))

    assert np.mean(found.holds) == pytest.approx(0.8, abs=0.01)


def test_who_most_likely_orders_nothing_has_the_range_of_nothing_which_holds_more():
    found = orders_range(0.8, one(0.2, 1.5, 0.5))

    assert [found.low[0], found.high[0]] == [0, 0]
    assert found.holds[0] == pytest.approx(np.mean(drawn(0.2, 1.5, 0.5) == 0), abs=0.005)


@pytest.mark.parametrize("spread", [0.1, 0.4])
def test_the_likelihood_of_drawn_orders_is_highest_at_their_spread(spread):
    orders = drawn(0.8, 4.0, spread)

    def likelihood(tried: float) -> float:
        return Outcome(*(np.full(COUNT, value) for value in (0.8, 4.0, tried))).log_likelihood(orders)

    assert max((0.025, 0.05, 0.1, 0.2, 0.4, 0.8), key=likelihood) == spread


def test_who_has_left_gets_a_range_of_nothing():
    gone = one(1e-12, 5.0, 0.2)

    for found in (orders_range(0.8, gone), spend_range(0.8, gone, np.array([0.1]), 0.5)):
        assert [found.low[0], found.high[0]] == [0, 0]
        assert found.holds[0] == pytest.approx(1.0)


@pytest.mark.parametrize(("alive", "mean", "spread"), [(1.0, 12.0, 0.05), (0.9, 3.0, 0.3), (0.6, 0.7, 0.5)])
def test_the_range_of_spend_holds_four_fifths_of_drawn_spend(alive, mean, spread):
    unknown, single = 0.04, 0.5
    rng = np.random.default_rng(6)
    orders = drawn(alive, mean, spread)
    each = rng.gamma(1 / unknown, unknown, COUNT)
    spend = np.where(orders > 0, rng.gamma(np.maximum(orders, 1) / single, single), 0.0) * each

    found = spend_range(0.8, one(alive, mean, spread), np.array([unknown]), single)

    assert np.mean((spend >= found.low) & (spend <= found.high)) == pytest.approx(0.8, abs=0.02)


def test_drift_and_what_is_not_known_of_the_parameters_widen_the_range():
    def seen(log_spread: float) -> Forecast:
        return Forecast(np.ones(1), np.zeros(1), *(np.array([[value]]) for value in (20.0, 20.0, log_spread)))

    widths = [
        float(found.high[0] - found.low[0])
        for found in (
            orders_range(0.8, of)
            for of in (
                outcome(seen(0.0), 0),
                outcome(seen(0.05), 0),
                outcome(seen(0.05), 0).drifting(0.1),
            )
        )
    ]

    assert widths == sorted(set(widths))
