"""What recent weeks say, learned from customers whose future is known."""

import numpy as np
import pytest

from jobs.gold.value.recent import RecencyMultiplier, fit_recency_multiplier, order_ratio, spend_ratio


def test_recent_orders_are_set_against_those_due_by_the_own_rate():
    orders, frequency, t = np.array([0.0, 8.0, 4.0, 0.0]), np.array([50.0, 50.0, 50.0, 0.0]), np.array([500.0] * 4)

    ratio = order_ratio(orders, frequency, t, window_days=50, prior=3)

    assert np.exp(ratio) == pytest.approx([3 / 8, 11 / 8, 7 / 8, 1.0])


def test_a_customer_younger_than_the_window_has_no_recent_part_apart():
    assert order_ratio(np.array([5.0]), np.array([5.0]), np.array([30.0]), 56, 3) == pytest.approx([0.0])


def test_refunds_beyond_the_spend_count_as_no_spend():
    columns = (np.array([-900.0]), np.array([2.0]), np.array([-100.0]), np.array([10.0]), np.array([30.0]))

    assert np.exp(spend_ratio(*columns, prior=3)) == pytest.approx([(90 / 5) / (90 / 13)])


def test_a_planted_power_is_found_and_the_total_stays():
    rng = np.random.default_rng(3)
    expected, ratio = rng.gamma(2, 5, 50_000), rng.normal(0, 0.4, 50_000)
    actual = rng.poisson(expected * np.exp(0.6 * ratio)).astype(float)

    multiplier = fit_recency_multiplier(expected, actual, ratio)

    assert multiplier.power == pytest.approx(0.6, abs=0.01)
    assert (expected @ multiplier.of(ratio)) == pytest.approx(expected.sum())


@pytest.mark.parametrize("actual", [np.zeros(4), np.array([4.0, 3.0, 2.0, 1.0])])
def test_where_recent_weeks_say_nothing_or_the_contrary_nothing_is_pulled(actual):
    ratio = np.array([-0.2, 0.0, 0.1, 0.3])

    assert fit_recency_multiplier(np.ones(4), actual, ratio).of(ratio) == pytest.approx(np.ones(4))


def test_no_customers_pull_nothing():
    nobody = np.empty(0)

    assert fit_recency_multiplier(nobody, nobody, nobody) == RecencyMultiplier()
