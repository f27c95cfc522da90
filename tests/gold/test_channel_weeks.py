"""gold.channel_performance: the week against the eight before, and touches beside orders."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jobs.gold import channel_performance as job
from jobs.gold.settings.channel_performance import Settings
from lakehouse.config.layers import Conf
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake
from tests.gold.small_rows import rows

SETTINGS = Conf().settings("channel_performance", Settings)


def performance(weeks: list[int], attribution: list[dict[str, Any]] = ()) -> tuple[dict[str, dict], list[str]]:  # type: ignore[assignment]
    """Spend of the last week, the one before and so on, all by `shop`; rows by channel, and notes."""
    base = {"account_id": "guest", "channel": "shop", "order_count": 1, "refund_count": 0, "refund_cents": 0}
    days = [
        {**base, "order_date": RUN_DATE - timedelta(days=7 * n + n % 7), "spend_cents": money * 100}
        for n, money in enumerate(weeks)
    ]
    tables = {"customer_order_days": rows("gold.customer_order_days", days)}
    lake = MemoryLake(Conf(), **tables, attribution=rows("gold.attribution", attribution))
    job.run(lake, RUN_DATE, SETTINGS)
    return {row["channel"]: row for row in lake.published[job.WRITES].to_pylist()}, lake.notes


def test_a_week_is_held_against_the_eight_before():
    weeks = [200, 100, 110, 90, 100, 105, 95, 100, 100, 9999]
    found, notes = performance(weeks)
    row, past = found["shop"], np.array(weeks[1:9], float)
    assert (row["week_spend"], row["usual_week_spend"]) == (Decimal("200.00"), Decimal("100.00"))
    assert row["week_deviation"] == pytest.approx((200 - past.mean()) / past.std(ddof=1))
    assert row["is_unusual"]
    assert any("shop: the week's spend is +" in note for note in notes)


def test_the_trend_is_the_slope_of_nine_weeks():
    weeks = [90, 85, 70, 66, 50, 44, 30, 22, 10]
    row = performance(weeks)[0]["shop"]
    slope = np.polyfit(np.arange(9), weeks[::-1], 1)[0]
    assert row["weekly_trend"] == pytest.approx(slope / np.mean(weeks))


def test_weeks_that_do_not_vary_say_nothing_of_deviations():
    row = performance([50] * 9)[0]["shop"]
    assert (row["weekly_trend"], row["week_deviation"], row["is_unusual"]) == (0.0, None, None)


def test_a_group_of_touches_stands_beside_the_channels_with_what_controls_say():
    touched = {"model": SETTINGS.attribution_model, "channel_group": "email", "touch_count": 10, "cost": 5}
    touched |= {"reached_customer_count": 8, "converted_customer_count": 2, "revenue": 40, "revenue_share": 0.1}
    touched |= {"incremental_revenue": 20.0, "incremental_order_count": 2.0}
    other = {**touched, "model": "first", "revenue": 99}
    found, _ = performance([10], [touched, other])
    email = found["email"]
    assert (email["order_count"], email["spend"], email["attributed_spend"]) == (0, 0, 40)
    assert (email["converted_share"], email["incremental_spend"], email["cost_per_incremental_order"]) == (
        0.25,
        20.0,
        2.5,
    )
    assert found["shop"]["attributed_spend"] is None
