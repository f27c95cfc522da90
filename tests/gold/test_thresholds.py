"""Limits of the life cycle that a company's own customers give, on real shops and made-up trades."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.life_cycle import SHOPS, lake_of, order_days, placed, separation
from jobs.gold import life_cycle
from jobs.gold.life import thresholds
from jobs.gold.life.thresholds import Thresholds
from jobs.gold.settings.life_cycle import Settings
from lakehouse.config.layers import Conf
from tests.gold.trades import FIRST, TRADES, bought, coffee_bar, furniture_shop, garden_shop, wholesaler

SETTINGS = Conf().settings("life_cycle", Settings)


def states_of(rows: pa.Table) -> dict[str, int]:
    counted = rows.column("state").value_counts().to_pylist()
    return {row["values"]: row["counts"] for row in counted}


@pytest.mark.parametrize("shop", SHOPS)
def test_on_real_shops_fewer_buy_next_from_loyal_over_repeat_and_dormant_to_lost(shop: str) -> None:
    try:
        lake = lake_of(order_days(shop))
    except FileNotFoundError:
        pytest.skip(f"the set {shop} is not at ../shared/data: its states are not checked")
    for as_of in SHOPS[shop]:
        for next_days in (None, 28):
            found = separation(lake, as_of, SETTINGS, next_days)
            assert min(found.customers[state] for state in ("loyal", "repeat", "dormant", "lost")) > 100, found
            assert found.is_in_order(), found


@pytest.mark.parametrize("trade", TRADES)
def test_in_any_trade_fewer_buy_next_from_loyal_over_repeat_and_dormant_to_lost(trade: str) -> None:
    lives, seen_days, all_days = TRADES[trade]

    found = separation(lake_of(bought(lives(), all_days)), FIRST + timedelta(days=seen_days - 1), SETTINGS)

    assert found.customers["lost"] > 30
    assert found.is_in_order(), found


def test_a_wholesalers_buyers_are_not_dormant_between_two_orders() -> None:
    lake, as_of = lake_of(bought(wholesaler(), 1100)), FIRST + timedelta(days=1099)

    rows, limits = placed(lake, as_of, SETTINGS)

    assert limits.dormant_from_days > 154
    assert limits.interval_days == 182
    assert limits.lost_from_days > limits.dormant_to_days
    last = dict(zip(*(c.to_pylist() for c in lake.fetch(last_days()).columns), strict=True))
    recent = {c for c, day in last.items() if (as_of - day).days <= 154}
    states = dict(zip(rows.column("customer_id").to_pylist(), rows.column("state").to_pylist(), strict=True))
    assert {states[c] for c in recent} <= {"loyal", "repeat", "first_time", "won_back"}


def last_days():  # type: ignore[no-untyped-def]
    from lakehouse.sql.query import Query

    sql = "SELECT account_id, max(order_date) AS last_day FROM {order_days} GROUP BY account_id"
    return Query(sql, {"order_days": "gold.customer_order_days"})


def test_a_coffee_bars_guest_is_missed_within_weeks() -> None:
    _, limits = placed(lake_of(bought(coffee_bar(), 100)), FIRST + timedelta(days=99), SETTINGS)

    assert limits.interval_days == 7
    assert limits.dormant_to_days <= 14
    assert limits.lost_to_days == 28  # the bound that holds for any company
    assert limits.loyal_order_days == 10


@pytest.mark.parametrize("again", [0.01, 0.06])
def test_who_bought_furniture_once_is_neither_dormant_within_a_month_nor_dormant_for_ever(again: float) -> None:
    lake = lake_of(bought(furniture_shop(700, again), 3000))

    rows, limits = placed(lake, FIRST + timedelta(days=699), SETTINGS)
    later, _ = placed(lake, FIRST + timedelta(days=2999), SETTINGS)

    assert limits.dormant_to_days > 100
    lived = dict(zip(*(rows.column(c).to_pylist() for c in ("customer_id", "dormant_after_days")), strict=True))
    assert min(days for days in lived.values() if days) > 60
    assert states_of(later)["lost"] > 0.97 * later.num_rows  # one-time buyers, too, are lost at some time


def test_of_a_furniture_shop_the_night_says_that_the_rhythm_is_assumed() -> None:
    lake = lake_of(bought(furniture_shop(), 3000))

    placed(lake, FIRST + timedelta(days=699), SETTINGS)

    assert "silences are judged by an assumed rhythm" in lake.notes[0]


def test_after_three_weeks_nobody_is_lost() -> None:
    rows, limits = placed(lake_of(bought(coffee_bar(), 21)), FIRST + timedelta(days=20), SETTINGS)

    assert limits.lost_from_days >= 28
    assert "lost" not in states_of(rows)


def test_in_winter_a_garden_shops_customers_are_dormant_and_not_lost() -> None:
    # the second winter; in the first one nobody can know that there is a season
    lake = lake_of(bought(garden_shop(), 640))

    rows, limits = placed(lake, FIRST + timedelta(days=640), SETTINGS)

    assert limits.lost_from_days > 300
    states = states_of(rows)
    last = dict(zip(*(c.to_pylist() for c in lake.fetch(last_days()).columns), strict=True))
    this_year = {c for c, day in last.items() if day >= FIRST + timedelta(days=365)}
    now = dict(zip(rows.column("customer_id").to_pylist(), rows.column("state").to_pylist(), strict=True))
    assert not [c for c in this_year if now[c] == "lost"]
    assert states["lost"] > 50


def test_the_choice_is_written_beside_the_fit_and_said() -> None:
    lake = lake_of(bought(wholesaler(), 1100))

    _, limits = placed(lake, FIRST + timedelta(days=1099), SETTINGS)

    (row,) = lake.published[life_cycle.INTERPURCHASE].to_pylist()
    assert Thresholds(**{name: row[name] for name in thresholds.COLUMNS}) == limits
    assert lake.notes == [f"{life_cycle.LIFE}: {limits.sentence()}"]


def returns(*rows: tuple[int, int, int]) -> pa.Table:
    """longest_gap_days, order_days, customers."""
    return pa.table(dict(zip(("longest_gap_days", "order_days", "customers"), zip(*rows, strict=True), strict=True)))


def test_limits_are_shares_of_the_customers_who_came_back() -> None:
    found = thresholds.chosen(returns((10, 2, 50), (20, 4, 25), (40, 6, 15), (80, 9, 5), (400, 20, 5)), 30.0, SETTINGS)

    assert (found.dormant_from_days, found.dormant_to_days) == (11, 21)
    assert (found.lost_from_days, found.lost_to_days) == (41, 81)
    assert found.loyal_order_days == 5
    assert found.interval_days == 14


def test_of_few_customers_who_came_back_the_bounds_alone_hold() -> None:
    found = thresholds.chosen(returns((10, 2, 49)), 30.0, SETTINGS)

    bounds = (SETTINGS.dormant.at_least_days, SETTINGS.dormant.at_most_days)
    assert (found.dormant_from_days, found.dormant_to_days) == bounds
    assert (found.loyal_order_days, found.interval_days) == (10, 28)


def test_lost_comes_after_dormant_whatever_the_bounds() -> None:
    tight = SETTINGS.model_copy(update={"lost": SETTINGS.lost.model_copy(update={"at_most_days": 5})})

    found = thresholds.chosen(returns((100, 2, 60)), 30.0, tight)

    assert found.lost_to_days >= found.lost_from_days > found.dormant_from_days


@pytest.mark.parametrize(
    ("usual", "last", "expected"),
    [(31, None, 28), (31, 14, 28), (41, 28, 28), (43, 28, 56), (1, None, 7), (9_000, None, 182), (30, 999, 28)],
)
def test_the_interval_is_the_nearest_choice_and_does_not_change_for_little(usual, last, expected) -> None:
    assert thresholds.interval(usual, (7, 14, 28, 56, 91, 182), last) == expected


def test_a_quantile_is_the_smallest_value_that_the_share_does_not_exceed() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        values, weights = rng.integers(0, 30, 20).astype(float), rng.integers(1, 9, 20).astype(float)
        share = float(rng.uniform(0.01, 0.99))
        every = np.sort(np.repeat(values, weights.astype(int)))
        slow = next(v for v in every if (every <= v).mean() >= share)
        assert thresholds.quantile(values, weights, share) == slow


def test_a_fit_of_other_settings_is_made_anew_and_a_night_done_again_is_the_same() -> None:
    lake = lake_of(bought(coffee_bar(), 100))
    as_of = date(2024, 6, 1)
    _, first = placed(lake, as_of - timedelta(days=3), SETTINGS)
    lake.tables |= {"life_cycle_rhythm": lake.published[life_cycle.INTERPURCHASE]}

    lake.published.clear()
    placed(lake, as_of, SETTINGS)  # gold.life_cycle is not of this code and these settings
    fits = lake.published[life_cycle.INTERPURCHASE]
    assert fits.column("run_date").to_pylist() == [as_of]

    lake.tables |= {"life_cycle": pa.table({"customer_id": ["c1"]})}  # now it is
    _, later = placed(lake, as_of + timedelta(days=1), SETTINGS)
    assert later == first
    lake.tables |= {"life_cycle_rhythm": pa.concat_tables([lake.tables["life_cycle_rhythm"], fits])}
    lake.published.clear()
    placed(lake, as_of, SETTINGS)
    assert lake.published[life_cycle.INTERPURCHASE].to_pylist() == fits.to_pylist()
