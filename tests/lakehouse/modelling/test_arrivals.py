"""What came tonight against the weeks before; and nights on which nothing came."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from lakehouse.modelling import arrivals
from lakehouse.modelling.arrivals import Before

FIRST, DAY = date(2026, 1, 1), timedelta(days=1)
GATE = 0.25


def rows(days: int, factor_from: dict[int, float], per_day: int = 300, seed: int = 1) -> pd.DataFrame:
    """Amounts of so many days, times a factor from some day on."""
    random, parts = np.random.default_rng(seed), []
    for day in range(days):
        factor = next((f for begins, f in sorted(factor_from.items(), reverse=True) if day >= begins), 1.0)
        amounts = np.exp(random.normal(7.5, 1.1, per_day)) * factor
        sizes = np.floor(4 * np.log2(amounts))
        parts.append(pd.DataFrame({"order_date": FIRST + day * DAY, "size": sizes, "row_count": 1}))
    return pd.concat(parts)


def measured(frame: pd.DataFrame, since: dict[str, date] | None = None) -> arrivals.Measure:
    (found,) = arrivals.sources({"t.amount": arrivals.daily(frame)}, {"t.amount": ["spend_28d"]}, GATE, since or {})
    return found


def test_prices_times_three_are_seen_on_the_first_night_and_the_feature_is_named():
    found = measured(rows(57, {56: 3.0}))

    assert found.is_alarm
    assert "3.1 times as large" in found.sentence
    assert "spend_28d" in found.sentence


def test_the_alarm_lasts_while_the_change_does():
    frame = rows(60, {56: 3.0})

    assert not measured(frame).is_alarm  # the three days before are taken for usual
    assert measured(frame, {"t.amount": FIRST + 56 * DAY}).is_alarm


@pytest.mark.parametrize("per_day", [5, 20, 300])
def test_half_a_year_without_a_change_is_quiet(per_day):
    frame = rows(180, {}, per_day)
    alarms = 0
    for night in range(60, 180):
        until = frame["order_date"] <= FIRST + night * DAY
        from_ = frame["order_date"] > FIRST + (night - 57) * DAY
        found = list(arrivals.sources({"t": arrivals.daily(frame[until & from_])}, {}, GATE, {}))
        alarms += sum(one.is_alarm for one in found)

    assert alarms <= 2


def test_too_few_days_or_rows_say_nothing():
    assert list(arrivals.sources({"t": arrivals.daily(rows(10, {}))}, {}, GATE, {})) == []
    assert list(arrivals.sources({"t": arrivals.daily(rows(40, {}, 1))}, {}, GATE, {})) == []


def days(*numbers: int) -> list[date]:
    return [FIRST + number * DAY for number in numbers]


def test_two_nights_without_anything_are_an_alarm_of_their_own_and_one_is_none():
    known = days(*range(30))
    first = arrivals.arrival(known, FIRST + 29 * DAY, None)
    before = Before(FIRST + 29 * DAY, first.usual)
    one, two = (arrivals.arrival(known, FIRST + (29 + n) * DAY, before) for n in (1, 2))

    assert [found.is_alarm for found in (first, one, two)] == [False, False, True]
    assert "nothing has arrived since 2026-01-30" in two.sentence
    assert not arrivals.has_arrived(known, before)
    assert arrivals.has_arrived(days(*range(31)), before)


def test_an_export_that_is_always_days_behind_and_a_shop_that_sells_on_mondays_raise_none():
    behind = arrivals.arrival(days(*range(30)), FIRST + 33 * DAY, Before(FIRST + 28 * DAY, 4.0))
    mondays = days(*range(0, 57, 7))
    weekly = [arrivals.arrival(mondays, FIRST + (56 + n) * DAY, Before(mondays[-1], 6.0)) for n in range(7)]

    assert not behind.is_alarm
    assert not any(found.is_alarm for found in weekly)
