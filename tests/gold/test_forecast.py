"""Orders to come: against the published formulas, and a slow simulation of the models' stories."""

import numpy as np
import pytest
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from lifetimes.datasets import load_cdnow_summary

from jobs.gold.value.bg_nbd import BG_NBD, BgNbd
from jobs.gold.value.figures import Figure, instants
from jobs.gold.value.forecast import alive_at, forecast, moments, sigma_points
from jobs.gold.value.order_fit import fit_orders
from jobs.gold.value.pareto_nbd import ParetoNbd
from jobs.gold.value.purchase_groups import PurchaseGroups

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
PARETO = ParetoNbd(0.553, 10.578, 0.606, 11.67)
PEERS = {"bg_nbd": BetaGeoFitter, "mbg_nbd": ModifiedBetaGeoFitter, "pareto_nbd": ParetoNBDFitter}


def groups(*rows: tuple[float, float, float]) -> PurchaseGroups:
    x, t_x, t = np.array(rows, float).T
    return PurchaseGroups(x, t_x, t, np.ones(len(x)))


def expected_orders(model, parameters, some, horizon, rate=0.0):
    mean, _ = moments(model, parameters, some, instants((Figure("one", horizon, rate),)))
    return alive_at(model, parameters, some) * mean[:, 0]


@pytest.mark.parametrize(("horizon", "exact_to"), [(1, 1e-6), (39, 1e-6), (500, 2e-4)])
@pytest.mark.parametrize("model", PEERS)
def test_orders_and_survival_equal_the_published_formulas_in_lifetimes(model, horizon, exact_to):
    data = load_cdnow_summary(index_col=[0])
    peer, parameters = PEERS[model](), PARETO if model == "pareto_nbd" else CDNOW
    peer.params_ = dict(zip(parameters._fields, parameters, strict=True))
    columns = [data[name].to_numpy() for name in ("frequency", "recency", "T")]
    ours = groups(*data[["frequency", "recency", "T"]].itertuples(index=False))

    published = peer.conditional_expected_number_of_purchases_up_to_time(horizon, *columns)
    assert expected_orders(model, parameters, ours, horizon) == pytest.approx(np.asarray(published), rel=exact_to)
    alive = np.asarray(peer.conditional_probability_alive(*columns))
    assert alive_at(model, parameters, ours) == pytest.approx(alive, rel=1e-6)


@pytest.mark.parametrize("model", PEERS)
def test_mean_and_variance_equal_those_of_many_simulated_futures(model):
    x, t_x, t, horizon = 2, 30.43, 38.86, 39.0
    parameters = PARETO if model == "pareto_nbd" else CDNOW
    orders = futures(model, parameters, x, t, horizon)

    mean, second = moments(model, parameters, groups((x, t_x, t)), instants((Figure("one", horizon),)))

    assert mean[0, 0] == pytest.approx(orders.mean(), rel=0.01)
    assert second[0, 0] - mean[0, 0] ** 2 == pytest.approx(orders.var(), rel=0.02)


def futures(model, parameters, x: int, t: float, horizon: float, count: int = 200_000):
    """Orders within the horizon of customers who still buy, played one order at a time."""
    rng = np.random.default_rng(11)
    first, alpha, second, last = parameters
    rate = rng.gamma(first + x, 1 / (alpha + t), count)
    leave = rng.beta(second, last + x + (model == "mbg_nbd"), count)
    end = np.full(count, horizon)
    if model == "pareto_nbd":
        leave, end = (
            np.zeros(count),
            np.minimum(horizon, rng.exponential(1, count) / rng.gamma(second, 1 / (last + t), count)),
        )
    now, orders, there = np.zeros(count), np.zeros(count), np.ones(count, bool)
    while there.any():
        now += rng.exponential(1, count) / rate
        there &= now < end
        orders += there
        there &= rng.random(count) > leave
    return orders


@pytest.mark.parametrize("model", PEERS)
def test_a_discount_lowers_the_sum_and_for_ever_is_more_than_a_year(model):
    some, parameters = groups((0, 0, 10), (4, 20, 25), (30, 38, 39)), PARETO if model == "pareto_nbd" else CDNOW
    plain, year = (expected_orders(model, parameters, some, 365.0, rate) for rate in (0.0, 0.1))

    assert (year < plain).all()
    assert (year > plain / 1.1).all()
    for_ever, dearer = (expected_orders(model, parameters, some, None, rate) for rate in (0.1, 0.2))
    assert (for_ever > year).all()
    assert (dearer < for_ever).all()


def test_residual_orders_equal_a_sum_over_each_day_of_a_century():
    some, rate = groups((4, 200.0, 250.0)), 0.15
    days = [Figure(str(day), float(day)) for day in np.unique(np.rint(np.geomspace(1, 36_500, 60)))]
    at = instants(tuple(days))
    total = moments("pareto_nbd", PARETO, some, at)[0][0]
    edges = np.array([0.0, *(figure.horizon_days for figure in days)])
    slow = np.sum(np.diff(np.append(0.0, total)) * np.exp(-np.log1p(rate) / 365 * (edges[1:] + edges[:-1]) / 2))

    mean, _ = moments("pareto_nbd", PARETO, some, instants((Figure("for ever", None, rate),)))

    assert mean[0, 0] == pytest.approx(slow, rel=0.01)


@pytest.mark.parametrize("a", [0.001, 1.0, 1.0 + 1e-12, 20_000.0])
def test_no_parameter_makes_the_numbers_break(a):
    some = groups((0, 0, 0), (0, 0, 300), (2000, 2900, 3000))
    orders = expected_orders("bg_nbd", BgNbd(0.3, 1.5, a, 3.0), some, 365.0)

    assert np.isfinite(orders).all()
    assert (orders >= 0).all()
    beside = expected_orders("bg_nbd", BgNbd(0.3, 1.5, a * 1.0001, 3.0), some, 365.0)
    assert orders == pytest.approx(beside, rel=1e-2, abs=1e-12)


def test_fewer_customers_leave_more_unknown():
    data = load_cdnow_summary(index_col=[0])
    whole = groups(*data[["frequency", "recency", "T"]].itertuples(index=False))
    few, all_of_them = fit_orders(BG_NBD, whole.some(slice(None, None, 20)), 10), fit_orders(BG_NBD, whole, 10)

    of_few, of_all = (forecast(fit, whole, (Figure("39", 39.0),)) for fit in (few, all_of_them))

    assert len(sigma_points(few)) == 8
    assert of_few.log_spread.mean() > 5 * of_all.log_spread.mean() > 0
    assert (of_few.alive_error >= 0).all()


def test_no_customers_give_no_scores():
    nobody = PurchaseGroups(*(np.empty(0) for _ in range(4)))
    assert expected_orders("bg_nbd", CDNOW, nobody, 10.0).shape == (0,)
