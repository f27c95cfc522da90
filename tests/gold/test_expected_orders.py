"""Orders to come: against the published formula, and a slow simulation of the model's story."""

import numpy as np
import pytest
from lifetimes import BetaGeoFitter
from lifetimes.datasets import load_cdnow_summary

from jobs.gold.value.bg_nbd import BgNbd, PurchaseGroups
from jobs.gold.value.expected_orders import discounted_orders, expected_orders, probability_alive

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)


def groups(*rows: tuple[float, float, float]) -> PurchaseGroups:
    x, t_x, t = np.array(rows, float).T
    return PurchaseGroups(x, t_x, t, np.ones(len(x)))


@pytest.mark.parametrize("horizon", [1, 39, 500])
def test_orders_and_survival_equal_the_published_formulas_in_lifetimes(horizon):
    data = load_cdnow_summary(index_col=[0])
    peer = BetaGeoFitter().fit(data["frequency"], data["recency"], data["T"])
    parameters = BgNbd(*(peer.params_[name] for name in ("r", "alpha", "a", "b")))
    columns = data["frequency"], data["recency"], data["T"]
    ours = groups(*data[["frequency", "recency", "T"]].itertuples(index=False))

    published = peer.conditional_expected_number_of_purchases_up_to_time(horizon, *columns)
    assert expected_orders(parameters, ours, horizon) == pytest.approx(published.to_numpy(), rel=1e-9)
    assert probability_alive(parameters, ours) == pytest.approx(peer.conditional_probability_alive(*columns))


def test_orders_equal_the_mean_of_many_simulated_futures():
    x, t_x, t, horizon = 2, 30.43, 38.86, 39.0
    r, alpha, a, b = CDNOW
    rng = np.random.default_rng(11)
    futures = 200_000
    rate = rng.gamma(r + x, 1 / (alpha + t), futures)
    leave = rng.beta(a, b + x, futures)
    now, orders, there = np.zeros(futures), np.zeros(futures), np.ones(futures, bool)
    while there.any():
        now += rng.exponential(1, futures) / rate
        there &= now < horizon
        orders += there
        there &= rng.random(futures) > leave
    customer = groups((x, t_x, t))
    mean = probability_alive(CDNOW, customer) * orders.mean()

    assert expected_orders(CDNOW, customer, horizon) == pytest.approx(mean, rel=0.01)


def test_a_discount_of_nothing_changes_nothing_and_a_discount_lowers_the_sum():
    some = groups((0, 0, 10), (4, 20, 25), (30, 38, 39))
    plain = expected_orders(CDNOW, some, 52.0)

    assert discounted_orders(CDNOW, some, 52.0, rate=0.0) == pytest.approx(plain, rel=1e-9)
    yearly_tenth = discounted_orders(CDNOW, some, 52.0, rate=np.log(1.1) / 52)
    assert (yearly_tenth < plain).all()
    assert (yearly_tenth > plain / 1.1).all()


@pytest.mark.parametrize("a", [0.001, 1.0, 1.0 + 1e-12, 20_000.0])
def test_no_parameter_makes_the_numbers_break(a):
    some = groups((0, 0, 0), (0, 0, 300), (2000, 2900, 3000))
    orders = expected_orders(BgNbd(0.3, 1.5, a, 3.0), some, 365.0)

    assert np.isfinite(orders).all()
    assert (orders >= 0).all()
    beside = expected_orders(BgNbd(0.3, 1.5, a * 1.0001, 3.0), some, 365.0)
    assert orders == pytest.approx(beside, rel=1e-2, abs=1e-12)


def test_no_customers_give_no_scores():
    nobody = PurchaseGroups(*(np.empty(0) for _ in range(4)))
    assert expected_orders(CDNOW, nobody, 10.0).shape == (0,)
