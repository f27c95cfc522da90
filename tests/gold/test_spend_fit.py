"""Spend per order: first orders, and the few who spend most of it."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.gold import customer_value
from jobs.gold.settings.customer_value import Settings
from jobs.gold.value.gamma_gamma import expected_spend, fit_gamma_gamma, one_group_each
from jobs.gold.value.spend_fit import HEAVY, fit_spend_of_each
from lakehouse.config.layers import Conf
from tests.gold.memory_lake import MemoryLake

SETTINGS = Conf().settings("customer_value", Settings)


def customers(reliability: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat orders, spend on them and first spend; first orders are of the customer's level with this chance."""
    rng = np.random.default_rng(7)
    orders = rng.integers(1, 6, count).astype(float)
    level, other = (4.0 * 60 / rng.gamma(4.0, 1.0, count) / 4 for _ in range(2))
    own = rng.random(count) < reliability
    first = np.where(own, level, other) * rng.gamma(3.0, 1 / 3, count)
    return orders, level * rng.gamma(3.0 * orders, 1 / 3), first


@pytest.mark.parametrize(("reliability", "low", "high"), [(1.0, 0.8, 1.0), (0.5, 0.1, 0.6), (0.0, 0.0, 0.05)])
def test_a_first_order_counts_as_far_as_it_tells_of_later_ones(reliability, low, high):
    fit = fit_spend_of_each(*customers(reliability), min_customers=30)

    assert low <= fit.first_weight <= high


def test_one_time_buyers_are_expected_to_spend_what_their_first_order_says_and_no_more():
    fit = fit_spend_of_each(*customers(1.0), min_customers=30)

    small, mean, large, nothing = expected_spend(fit, np.zeros(4), np.zeros(4), np.array([5.0, 60.0, 600.0, -3.0]))

    assert 5.0 < small < mean < large < 600.0
    assert nothing == pytest.approx(fit.parameters.p * fit.parameters.v / (fit.parameters.q - 1.0))


def test_a_few_who_spend_thousands_of_times_as_much_make_nobody_elses_value_and_the_reason_says_so():
    orders, spend, first = customers(1.0, count=300)
    spend[:6], first[:6] = 9_000_000.0 * orders[:6], 9_000_000.0
    plain = fit_gamma_gamma(one_group_each(orders, spend / orders), 30)

    fit = fit_spend_of_each(orders, spend, first, 30)
    newcomer, large = expected_spend(fit, np.array([0.0, 3.0]), np.array([0.0, 9_000_000.0]), np.zeros(2))

    assert plain.parameters.q < HEAVY
    assert np.median(spend / orders) / 2 < newcomer < 5 * np.median(spend / orders)
    assert large > 5_000_000
    assert "few customers make Gamma-Gamma's mean" in fit.note


def test_spend_without_outliers_is_plain_gamma_gamma():
    orders, spend, first = customers(1.0)

    fit = fit_spend_of_each(orders, spend, first, 30)

    assert fit.parameters == fit_gamma_gamma(one_group_each(orders, spend / orders), 30).parameters
    assert fit.note == ""


def test_without_amounts_what_recent_weeks_teach_about_orders_stays():
    rng, rows = np.random.default_rng(3), []
    for n in range(500):
        day, gap = rng.integers(0, 60), rng.gamma(3, 8)
        while day < 300:
            rows.append((f"c{n}", int(day)))
            gap = rng.gamma(3, 8) if rng.random() < 0.1 else gap  # rhythms change, so recent weeks say more
            day += 1 + rng.exponential(gap)
    frame = pd.DataFrame(sorted(set(rows)), columns=["account_id", "day"])
    frame = frame.assign(order_date=[date(2025, 9, 1) + timedelta(days=day) for day in frame.pop("day")])
    frame = frame.assign(channel="pos", order_count=1, refund_count=0, spend_cents=0, refund_cents=0, line_count=1)
    owners = pd.DataFrame({"account_id": sorted(set(frame.account_id))}).assign(customer_id=lambda d: d.account_id)
    lake = MemoryLake(
        customer_order_days=pa.Table.from_pandas(frame, preserve_index=False),
        customer_map=pa.Table.from_pandas(owners, preserve_index=False),
    )

    customer_value.run(lake, date(2026, 6, 27), SETTINGS)

    models = lake.published["gold.customer_value_models"].to_pandas()
    taught = dict(models[models.model == "gamma_gamma"].iloc[0].learned)
    value = lake.published["gold.customer_value"].to_pandas()
    assert taught["order_pull"] > 0.1
    assert taught["order_cover"] > 0.7
    assert models.chosen_on.notna().all()
    assert value.expected_orders_90d.notna().all()
    assert value.expected_spend_90d.isna().all()
