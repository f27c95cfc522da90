"""Gamma-Gamma: the published CDNOW figures, derivatives, and what poor data get."""

import numpy as np
import pytest
from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value

from jobs.gold.value.gamma_gamma import (
    GammaGammaLikelihood,
    SpendGroups,
    expected_spend,
    fit_gamma_gamma,
    one_group_each,
)
from jobs.gold.value.newton import Floats


@pytest.fixture(scope="module")
def cdnow() -> tuple[Floats, Floats]:
    data = load_cdnow_summary_data_with_monetary_value()
    return data["frequency"].to_numpy(float), data["monetary_value"].to_numpy(float)


def test_cdnow_gives_the_published_parameters(cdnow):
    fit = fit_gamma_gamma(one_group_each(*cdnow), min_customers=10)

    assert fit.converged
    assert fit.customers == 946
    assert fit.parameters == pytest.approx([6.25, 3.74, 15.44], abs=0.01)


def test_expected_spend_equals_the_published_formula(cdnow):
    fit = fit_gamma_gamma(one_group_each(*cdnow), 10)
    p, q, v = fit.parameters

    spend = expected_spend(fit, np.array([0.0, 2.0]), np.array([0.0, 22.35]), np.zeros(2))

    assert spend == pytest.approx([p * v / (q - 1), p * (v + 2 * 22.35) / (2 * p + q - 1)])
    assert round(float(spend[1]), 2) == 24.66  # lifetimes' documentation prints 24.658616 for this customer


def test_refunded_customers_are_no_evidence_and_are_expected_to_spend_less(cdnow):
    x, spend = np.append(cdnow[0], [3.0, 4.0]), np.append(cdnow[1], [0.0, -20.0])

    fit = fit_gamma_gamma(one_group_each(x, spend), 10)

    assert fit.customers == 946
    refunded, newcomer = expected_spend(fit, np.array([4.0, 0.0]), np.array([-20.0, 0.0]), np.zeros(2))
    assert 0 < refunded < newcomer


def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(cdnow):
    likelihood = GammaGammaLikelihood(one_group_each(*cdnow), money_scale=35.0)
    for theta in np.random.default_rng(3).normal(size=(3, 3)):
        _, gradient, hessian = likelihood.mean_negative(theta)
        for axis, step in enumerate(1e-5 * np.eye(3)):
            above, below = likelihood.mean_negative(theta + step), likelihood.mean_negative(theta - step)
            assert gradient[axis] == pytest.approx((above[0] - below[0]) / 2e-5, abs=1e-7)
            assert hessian[axis] == pytest.approx((above[1] - below[1]) / 2e-5, abs=1e-7)


@pytest.mark.parametrize("spend", [[], [5.0], [0.0] * 50, [-1.0] * 50, [7.0] * 50])
def test_spend_that_tells_nothing_gives_no_parameters_but_the_reason(spend):
    fit = fit_gamma_gamma(one_group_each(np.full(len(spend), 2.0), np.array(spend)), min_customers=10)

    assert fit.parameters is None
    assert "with positive spend" in fit.reason
    assert np.isnan(expected_spend(fit, np.array([1.0]), np.array([5.0]), np.array([5.0]))).all()


def test_buckets_of_mean_spend_change_nothing_that_matters(cdnow):
    each = one_group_each(*cdnow)
    key = each.frequency * 1e6 + np.round(each.log_spend / 0.002)
    _, bucket = np.unique(key, return_inverse=True)
    count = np.bincount(bucket)
    columns = (each.frequency, each.mean_spend, each.log_spend)
    x, spend, log_spend = (np.bincount(bucket, column) / count for column in columns)

    coarse = fit_gamma_gamma(SpendGroups(x, spend, log_spend, count.astype(float)), 10)

    assert coarse.groups < each.frequency.size
    assert list(coarse.parameters) == pytest.approx(list(fit_gamma_gamma(each, 10).parameters), rel=1e-4)
