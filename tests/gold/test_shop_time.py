"""A shop's own time, and how it is learned."""

from datetime import date

import numpy as np
import pytest

from jobs.gold.value.purchase_groups import PurchaseGroups
from jobs.gold.value.seasons import RepeatOrders, season_index, steadiness
from jobs.gold.value.shop_time import EVEN, HALF_MONTHS, ShopTime, half_months, scaled
from tests.gold.shops import Shop, order_days, season

DOUBLE_DECEMBER = scaled(np.where(np.arange(HALF_MONTHS) >= 22, 2.0, 1.0))


def test_a_year_is_as_long_in_either_time_and_december_twice_as_long_as_november():
    time = ShopTime(date(2025, 12, 31), DOUBLE_DECEMBER)

    assert time.past(np.array([365.0]))[0] == pytest.approx(365.0)
    assert time.ahead(365.0) == pytest.approx(365.0)
    december, both = time.past(np.array([31.0, 61.0]))
    assert december / 31 == pytest.approx(2 * (both - december) / 30)


def test_what_lies_ahead_and_what_is_past_meet_at_the_evening_of_the_day():
    today, later = ShopTime(date(2025, 11, 20), DOUBLE_DECEMBER), ShopTime(date(2025, 12, 20), DOUBLE_DECEMBER)

    assert today.ahead(30.0) == pytest.approx(later.past(np.array([30.0]))[0])
    assert today.ahead(0.0) == 0.0
    assert today.ahead(10.5) == pytest.approx((today.ahead(10.0) + today.ahead(11.0)) / 2)


def test_half_months_are_those_of_the_calendar():
    assert half_months(date(2024, 3, 1), 3).tolist() == [4, 3, 3]
    assert half_months(date(2024, 12, 16), 2).tolist() == [23, 22]


def test_even_time_leaves_customers_as_they_are_and_another_one_keeps_the_last_order_before_the_end():
    groups = PurchaseGroups(np.array([2.0, 0.0]), np.array([30.0, 0.0]), np.array([45.0, 7.0]), np.ones(2))

    even, other = (ShopTime(date(2025, 12, 31), index).of(groups) for index in (EVEN, DOUBLE_DECEMBER))

    assert even is groups
    assert (other.t_x <= other.t).all()
    assert other.t_x[1] == 0.0


def history(shop: Shop) -> tuple[PurchaseGroups, RepeatOrders]:
    """All customers of a shop by its night, and their repeat orders by day."""
    days = order_days(shop)
    days = days[days.order_date <= shop.night]
    ago = np.array([(shop.night - day).days for day in days.order_date])
    by = days.assign(ago=ago).groupby("customer_id").ago
    t, last, count = (getattr(by, what)().to_numpy(float) for what in ("max", "min", "count"))
    is_repeat = ago != by.transform("max").to_numpy()
    counts = np.bincount(ago[is_repeat], minlength=int(t.max()) + 1).astype(float)
    return PurchaseGroups(count - 1, t - last, t, np.ones(len(t))), RepeatOrders(shop.night, counts)


@pytest.mark.parametrize("kind", ["gift", "garden", "none"])
@pytest.mark.parametrize("older_by", [0.0, 3.0])
def test_the_season_that_customers_were_made_with_is_learned_from_a_year_of_a_new_shop_and_of_an_old_one(
    kind, older_by
):
    shop = Shop(kind, 3, customers=2500, older_by=older_by)

    time = season_index(*history(shop), after_days=350, min_repeat_customers=30)

    true = season(kind, np.arange(365))
    halves = half_months(date(2005, 12, 31), 365)[::-1]
    wanted = np.bincount(halves, true / true.mean()) / np.bincount(halves)
    assert np.abs(np.array(time.index) - wanted).mean() < 0.13


def test_a_shop_that_has_not_seen_a_year_has_no_known_season():
    buys, came = history(Shop("gift", 3, years=0.9))

    assert season_index(buys, came, after_days=350, min_repeat_customers=30).is_even


def test_a_shop_that_stood_before_its_history_is_told_from_a_new_one_and_from_a_closed_group():
    old, new = (history(Shop("none", 5, older_by=years)) for years in (3.0, 0.0))
    closed = old[0].some(old[0].t > 300)

    steady = [steadiness(buys, ShopTime(old[1].as_of)) for buys in (old[0], new[0], closed)]

    assert steady[0] > 0.8
    assert steady[1:] == pytest.approx([0.0, 0.0], abs=0.1)


def test_few_orders_are_no_season():
    buys, came = history(Shop("none", 6, customers=60))

    index = season_index(buys, came, after_days=350, min_repeat_customers=30).index

    assert max(index) < 1.35
