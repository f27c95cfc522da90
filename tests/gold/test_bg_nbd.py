"""BG/NBD: the published CDNOW figures, derivatives, and what poor data get."""

import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter
from lifetimes.datasets import load_cdnow_summary

from jobs.gold.value.bg_nbd import MBG_NBD, BgNbdLikelihood, fit_bg_nbd
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import fit_orders
from jobs.gold.value.purchase_groups import PurchaseGroups, grouped_by_day


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    """2,357 customers of 1997, times in weeks: frequency, recency, T."""
    return load_cdnow_summary(index_col=[0])


@pytest.fixture(scope="module")
def by_day(cdnow: pd.DataFrame) -> PurchaseGroups:
    days = np.rint(cdnow[["recency", "T"]].to_numpy() * 7).astype(np.int64)
    return grouped_by_day(cdnow["frequency"].to_numpy(), days[:, 0], days[:, 1])


def in_weeks(cdnow: pd.DataFrame) -> PurchaseGroups:
    x, t_x, t = (cdnow[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    return PurchaseGroups(x, t_x, t, np.ones(len(x)))


def test_cdnow_gives_the_published_parameters_and_likelihood(cdnow):
    fit = fit_bg_nbd(in_weeks(cdnow), min_repeat_customers=10, time_unit="week")

    assert fit.converged
    assert fit.reason == ""
    assert np.round(fit.parameters, 3).tolist() == [0.243, 4.414, 0.793, 2.426]
    assert round(fit.log_likelihood, 1) == -9582.4
    assert (fit.customers, fit.repeat_customers, fit.time_unit) == (2357, 946, "week")


def test_days_and_weeks_give_the_same_model(cdnow, by_day):
    fit = fit_bg_nbd(by_day, min_repeat_customers=10)

    in_week_units = fit.parameters._replace(alpha=fit.parameters.alpha / 7)
    assert np.round(in_week_units, 3).tolist() == [0.243, 4.414, 0.793, 2.426]
    week_likelihood = fit.log_likelihood + cdnow["frequency"].sum() * np.log(7)
    assert round(week_likelihood, 1) == -9582.4


def test_grouping_customers_changes_no_parameter(cdnow, by_day):
    days = np.rint(cdnow[["recency", "T"]].to_numpy() * 7)
    apart = PurchaseGroups(cdnow["frequency"].to_numpy(float), days[:, 0], days[:, 1], np.ones(len(cdnow)))

    grouped, ungrouped = fit_bg_nbd(by_day, 10), fit_bg_nbd(apart, 10)

    assert len(by_day.t) < len(cdnow)
    assert by_day.customers.sum() == len(cdnow)
    assert grouped.parameters == pytest.approx(ungrouped.parameters, rel=1e-7)
    assert grouped.standard_errors == pytest.approx(ungrouped.standard_errors, rel=1e-7)


def test_lifetimes_finds_the_same_parameters(cdnow):
    peer = BetaGeoFitter().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])

    ours = fit_bg_nbd(in_weeks(cdnow), 10, "week")

    theirs = [peer.params_[name] for name in ours.parameters._fields]
    assert ours.parameters == pytest.approx(theirs, rel=1e-4)


def test_lifetimes_finds_the_same_parameters_of_the_modified_model(cdnow):
    peer = ModifiedBetaGeoFitter().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])

    ours = fit_orders(MBG_NBD, in_weeks(cdnow), 10, "week")

    theirs = [peer.params_[name] for name in ours.parameters._fields]
    assert ours.parameters == pytest.approx(theirs, rel=1e-4)
    orders = cdnow["frequency"].sum() * np.log(peer._scale)
    assert ours.log_likelihood == pytest.approx(-peer._negative_log_likelihood_ * len(cdnow) + orders, abs=1e-3)


def test_every_start_finds_the_published_optimum(cdnow):
    fit = fit_bg_nbd(in_weeks(cdnow), 10)

    assert (fit.starts, fit.agreeing_starts) == (3, 3)


@pytest.mark.parametrize("first_chances", [0, 1])
def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(by_day, first_chances):
    likelihood = BgNbdLikelihood(by_day, time_scale=230.0, first_chances=first_chances)
    for theta in np.random.default_rng(7).normal(size=(3, 4)):
        _, gradient, hessian = likelihood.mean_negative(theta)
        assert gradient == pytest.approx(slopes(lambda at: likelihood.mean_negative(at)[0], theta), abs=1e-8)
        assert hessian == pytest.approx(slopes(lambda at: likelihood.mean_negative(at)[1], theta), abs=1e-8)


def slopes(function, theta: Floats) -> Floats:  # type: ignore[no-untyped-def]
    step = 1e-5 * np.eye(len(theta))
    return np.array([(function(theta + row) - function(theta - row)) / 2e-5 for row in step])


@pytest.mark.parametrize("seed", range(2))
def test_a_simulated_company_is_found_again_within_its_errors(seed):
    truth = np.array([0.8, 40.0, 0.6, 2.5])
    fit = fit_bg_nbd(simulated(truth, customers=5000, days=400, seed=seed), 10)

    distance = np.abs(np.array(fit.parameters) - truth) / np.array(fit.standard_errors)
    assert distance.max() < 4


def simulated(truth: Floats, customers: int, days: int, seed: int) -> PurchaseGroups:
    """Play the model's story customer by customer."""
    rng, (r, alpha, a, b) = np.random.default_rng(seed), truth
    seen = []
    for _ in range(customers):
        rate, leave, t = rng.gamma(r, 1 / alpha), rng.beta(a, b), rng.integers(1, days)
        x, last, now, there = 0, 0.0, rng.exponential(1 / rate), True
        while there and now <= t:
            x, last, there = x + 1, now, rng.random() > leave
            now += rng.exponential(1 / rate)
        seen.append((x, last, t))
    x, t_x, t = np.array(seen, float).T
    return PurchaseGroups(x, t_x, t, np.ones(len(x)))


POOR = {
    "nobody at all": ([], [], []),
    "one customer": ([3], [40], [90]),
    "nobody came back": ([0] * 500, [0] * 500, [90] * 500),
    "everybody is new today": ([0] * 50, [0] * 50, [0] * 50),
}


@pytest.mark.parametrize("case", POOR)
def test_too_few_repeat_customers_give_no_parameters_but_the_reason(case):
    fit = fit_bg_nbd(grouped_by_day(*(np.array(column, np.int64) for column in POOR[case])), 10)

    assert fit.parameters is None
    assert not fit.converged
    assert "a fit needs at least 10" in fit.reason


ODD = {
    "everybody alike": ([5] * 100, [80] * 100, [90] * 100),
    "everybody bought to the last day": ([9] * 60 + [4] * 60, [90] * 120, [90] * 120),
    "one repeat day at once after the first": ([1] * 200, [1] * 200, [300] * 200),
    "one giant among newcomers": ([5000] + [0] * 99, [5000] + [0] * 99, [5001] + [3] * 99),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_companies_get_finite_parameters_and_are_told_what_the_data_cannot_say(case):
    fit = fit_bg_nbd(grouped_by_day(*(np.array(column, np.int64) for column in ODD[case])), 1)

    assert np.isfinite(fit.parameters).all()
    assert np.isfinite(fit.log_likelihood)
    assert fit.converged or fit.reason
