"""Pareto/NBD: the published CDNOW figures, derivatives, and that nothing overflows."""

import numpy as np
import pytest
from lifetimes.datasets import load_cdnow_summary
from scipy.special import gammaln, logsumexp

from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import fit_orders, log_likelihood
from jobs.gold.value.pareto_nbd import PARETO_NBD, ParetoNbd, ParetoNbdLikelihood
from jobs.gold.value.purchase_groups import PurchaseGroups


def groups(*rows: tuple[float, float, float]) -> PurchaseGroups:
    x, t_x, t = np.array(rows, float).T
    return PurchaseGroups(x, t_x, t, np.ones(len(x)))


@pytest.fixture(scope="module")
def cdnow() -> PurchaseGroups:
    data = load_cdnow_summary(index_col=[0])
    return groups(*data[["frequency", "recency", "T"]].itertuples(index=False))


def test_cdnow_gives_the_published_parameters_and_likelihood(cdnow):
    fit = fit_orders(PARETO_NBD, cdnow, min_repeat_customers=10, time_unit="week")

    assert fit.converged
    assert fit.parameters == pytest.approx([0.553, 10.578, 0.606, 11.67], abs=0.005)
    assert round(fit.log_likelihood, 1) == -9595.0
    assert (fit.starts, fit.agreeing_starts) == (3, 3)
    assert all(error > 0 for error in fit.standard_errors)


def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(cdnow):
    likelihood = ParetoNbdLikelihood(cdnow.some(slice(None, None, 10)), time_scale=33.0)
    for theta in np.random.default_rng(7).normal(size=(3, 4)):
        _, gradient, hessian = likelihood.mean_negative(theta)
        assert gradient == pytest.approx(slopes(lambda at: likelihood.mean_negative(at)[0], theta), abs=1e-8)
        assert hessian == pytest.approx(slopes(lambda at: likelihood.mean_negative(at)[1], theta), abs=1e-8)


def slopes(function, theta: Floats) -> Floats:  # type: ignore[no-untyped-def]
    step = 1e-5 * np.eye(len(theta))
    return np.array([(function(theta + row) - function(theta - row)) / 2e-5 for row in step])


CUSTOMERS = [(0.0, 0.0, 300.0), (2.0, 30.0, 39.0), (60.0, 270.0, 273.0), (400.0, 500.0, 2000.0), (3.0, 39.0, 39.0)]


@pytest.mark.parametrize("parameters", [(0.55, 10.6, 0.6, 11.7), (1.4, 9.6, 30.0, 9e4), (0.02, 300.0, 5.0, 0.5)])
def test_a_likelihood_equals_the_papers_integral_over_a_million_instants(parameters):
    for customer in CUSTOMERS:
        ours = log_likelihood(PARETO_NBD, ParetoNbd(*parameters), groups(customer))
        assert ours == pytest.approx(slow_likelihood(parameters, *customer), rel=1e-7, abs=1e-7)


def slow_likelihood(parameters: tuple[float, ...], x: float, t_x: float, t: float) -> float:
    """The sum over leaving at an instant and not leaving, by Simpson's rule with steps that grow from t_x on."""
    r, alpha, s, beta = parameters
    even = np.linspace(0.0, np.log1p((t - t_x) / 1e-3), 1_000_001)
    at, width = t_x + 1e-3 * np.expm1(even), 1e-3 * np.exp(even) * even[1] / 3
    weights = np.where(np.arange(len(even)) % 2, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    left = np.log(s) + s * np.log(beta) - (r + x) * np.log(alpha + at) - (s + 1) * np.log(beta + at)
    stayed = s * np.log(beta / (beta + t)) - (r + x) * np.log(alpha + t)
    terms = np.append(left + np.log(np.maximum(weights * width, 1e-300)), stayed)
    return float(r * np.log(alpha) + gammaln(r + x) - gammaln(r) + logsumexp(terms))


@pytest.mark.parametrize("rows", [[(5000.0, 5000.0, 5001.0)] * 40, [(0.0, 0.0, 3.0)] * 99 + [(1.0, 1.0, 3.0)]])
def test_odd_companies_get_finite_parameters_and_are_told_what_the_data_cannot_say(rows):
    fit = fit_orders(PARETO_NBD, groups(*rows), 1)

    assert np.isfinite(fit.parameters).all()
    assert np.isfinite(fit.log_likelihood)
    assert fit.converged or fit.reason
