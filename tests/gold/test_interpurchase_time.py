"""Rhythms of gold.life_cycle: gamma gaps, gamma rates."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import betaprime

from jobs.gold.life.interpurchase_time import (
    GapGroups,
    InterpurchaseTimes,
    assumed_interpurchase_times,
    fit_interpurchase_times,
    gap_factors,
    mean_loss,
)


def drawn(customers, shape, r, alpha_days, seed=5):
    """Customers with 1 to 30 gaps each, and every gap."""
    random = np.random.default_rng(seed)
    counts = random.integers(1, 31, customers)
    rates = random.gamma(r, 1 / alpha_days, customers)
    gaps = [random.gamma(shape, 1 / rate, n) for n, rate in zip(counts, rates, strict=True)]
    sums = np.array([g.sum() for g in gaps])
    logs = float(sum(np.log(g).sum() for g in gaps))
    return GapGroups(counts.astype(float), sums, np.ones(customers), logs), gaps


def test_the_fit_finds_the_parameters_that_made_the_gaps():
    groups, _ = drawn(20_000, shape=1.7, r=2.5, alpha_days=30.0)

    found = fit_interpurchase_times(groups)

    assert found.is_converged
    assert (found.shape, found.r, found.alpha_days) == pytest.approx((1.7, 2.5, 30.0), rel=0.03)


def test_a_day_more_or_less_as_the_unit_changes_no_fit():
    groups, _ = drawn(500, shape=0.6, r=1.5, alpha_days=40.0)
    hours = GapGroups(
        groups.gap_count,
        groups.gap_days * 24,
        groups.customers,
        groups.log_days + float(groups.gap_count.sum()) * np.log(24),
    )

    by_day, by_hour = fit_interpurchase_times(groups), fit_interpurchase_times(hours)

    assert by_hour.alpha_days == pytest.approx(24 * by_day.alpha_days, rel=1e-6)
    assert (by_hour.shape, by_hour.r) == pytest.approx((by_day.shape, by_day.r), rel=1e-6)


def test_alike_customers_are_one_row_with_a_count():
    groups, _ = drawn(200, shape=1.0, r=2.0, alpha_days=20.0)
    twice = GapGroups(groups.gap_count, groups.gap_days, 2 * groups.customers, 2 * groups.log_days)
    each = GapGroups(
        *(np.concatenate([v, v]) for v in (groups.gap_count, groups.gap_days, groups.customers)), 2 * groups.log_days
    )

    assert fit_interpurchase_times(twice).alpha_days == pytest.approx(
        fit_interpurchase_times(each).alpha_days, rel=1e-9
    )


def test_gradient_and_hessian_are_the_slopes_of_the_loss():
    groups, _ = drawn(300, shape=1.3, r=2.0, alpha_days=1.0)
    theta = np.array([0.2, 0.4, -0.3])

    _, gradient, hessian = mean_loss(theta, groups)

    assert gradient == pytest.approx(approx_fprime(theta, lambda x: mean_loss(x, groups)[0], 1e-7), abs=1e-5)
    slopes = np.array([approx_fprime(theta, lambda x, i=i: mean_loss(x, groups)[1][i], 1e-7) for i in range(3)])
    assert hessian == pytest.approx(slopes, abs=1e-4)


def test_a_factor_is_the_quantile_of_the_next_gap():
    interpurchase = InterpurchaseTimes(0.7, 1.5, 35.0)

    found = gap_factors(interpurchase, np.array([0, 3, 40]), 0.98)

    wanted = [betaprime(0.7, 1.5 + 0.7 * n).ppf(0.98) for n in (0, 3, 40)]
    assert found == pytest.approx(wanted, rel=1e-9)


def test_the_share_of_next_gaps_beyond_the_limit_is_the_one_that_was_asked_for():
    groups, _gaps = drawn(20_000, shape=1.7, r=2.5, alpha_days=30.0)
    random = np.random.default_rng(6)
    interpurchase = InterpurchaseTimes(1.7, 2.5, 30.0)
    limit = gap_factors(interpurchase, groups.gap_count.astype(int), 0.95) * (30.0 + groups.gap_days)

    rates = random.gamma(2.5 + 1.7 * groups.gap_count, 1 / (30.0 + groups.gap_days))
    following = random.gamma(1.7, 1 / rates)

    assert (following > limit).mean() == pytest.approx(0.05, abs=0.005)


def test_many_orders_make_a_rhythm_of_ones_own_and_one_order_has_that_of_all():
    interpurchase = assumed_interpurchase_times(30.0, "")

    def usual(n, days):
        return float(gap_factors(interpurchase, np.array([n]), 0.5)[0] * (interpurchase.alpha_days + days))

    assert usual(500, 500 * 4) == pytest.approx(4 * np.log(2), rel=0.02)  # the median of exponential gaps of 4 days
    assert usual(0, 0) == pytest.approx(30.0 * (2**0.5 - 1))


def test_without_a_gap_there_is_nothing_to_fit():
    nothing = np.zeros(0)

    with pytest.raises(ValueError, match="no gap"):
        fit_interpurchase_times(GapGroups(nothing, nothing, nothing, 0.0))


def test_one_customer_with_one_gap_gives_finite_parameters():
    one = np.ones(1)

    found = fit_interpurchase_times(GapGroups(one, 7 * one, one, float(np.log(7))))

    assert np.isfinite([found.shape, found.r, found.alpha_days]).all()
