"""What is unusual is named, and ordinary histories of many kinds of companies are left in peace."""

import math
from datetime import timedelta

import numpy as np
import pytest

from lakehouse.quality.unusual import Series, chance_of, judge, slope, unusual
from tests.lakehouse.quality.made_histories import COMPANIES, START, Volume, nights

NIGHTS = 100
SHOP = COMPANIES["steady"]


def history(volume: Volume, days: int, **tonight: float) -> list[Series]:
    """The series of a night; some of them with another value tonight, by their measure, of the first column."""
    *_, last = nights(volume, days, seed=5, columns=3)
    wanted = {("shop", "" if name == "rows" else "c0", name): value for name, value in tonight.items()}
    return [
        Series(s.name, s.days, [*s.values[:-1], wanted.get(s.name, s.values[-1])], s.noise, s.least, s.has_trend)
        for s in last
    ]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("rows", math.log1p(30)),  # a tenth of a day
        ("rows", math.log1p(6000)),  # a delivery that holds the whole fortnight
        ("rows", 0.0),  # a header alone
        ("empty", math.pi / 2),  # a column without a value
        ("empty", math.asin(math.sqrt(0.4))),
        ("different", 0.0),  # one product for all
        ("middle", 3 + math.log(100)),  # minor units
        ("middle", 3 + math.log(1.8)),
        ("middle", 3 - math.log(2)),
    ],
)
def test_a_fault_of_tonight_is_named(measure: str, value: float) -> None:
    found = unusual(history(SHOP, 60, **{measure: value}))
    assert measure in {one.series.name[2] for one in found}


@pytest.mark.parametrize("name", ["steady", "weekdays", "growing", "weekly", "tiny", "bursty", "heavy"])
def test_ordinary_nights_give_at_most_one_alarm_in_thirty(name: str) -> None:
    judged = [series for series in nights(COMPANIES[name], NIGHTS, seed=11, columns=2) if len(series[0].days) > 8]
    alarms = sum(bool(unusual(series)) for series in judged)
    assert alarms <= max(1, len(judged) // 30), (alarms, len(judged))


def test_a_weekday_is_held_against_its_own_kind() -> None:
    days = [START + timedelta(days=d) for d in range(71)]
    sunday = [math.log1p(20 if day.weekday() == 6 else 400 + day.day) for day in days]
    assert days[-1].weekday() == 0
    assert judge(Series(("x",), days, [*sunday[:-1], math.log1p(20)], 0.05, 0.4)).deviations < -10
    till_sunday = judge(Series(("x",), days[:-1], sunday[:-1], 0.05, 0.4))
    assert abs(till_sunday.deviations) < 1


def test_few_days_of_history_say_nothing() -> None:
    days = [START + timedelta(days=d) for d in range(8)]
    assert judge(Series(("x",), days, [1.0] * 7 + [99.0], 0.1, 0.4)) is None


def test_a_season_that_was_there_last_year_is_no_anomaly() -> None:
    days = [START + timedelta(days=d) for d in range(364 + 300)]
    peak = {290 + d for d in range(10)} | {364 + 290 + d for d in range(10)}
    values = [math.log1p(1000 if d in peak else 100 + d % 5) for d in range(len(days))]
    assert judge(Series(("x",), days[:655], values[:655], 0.05, 0.4)) is None
    assert judge(Series(("x",), days[:291], values[:291], 0.05, 0.4)).deviations > 10


def test_the_slope_is_that_of_growth_and_nought_without_one() -> None:
    ages = np.arange(60, 0, -1)
    rng = np.random.default_rng(1)
    assert slope(-0.01 * ages + rng.normal(0, 0.05, 60), ages) == pytest.approx(0.01, abs=0.002)
    assert slope(rng.normal(0, 0.05, 60), ages) == 0.0


@pytest.mark.parametrize(
    ("deviations", "freedom", "chance"), [(2.0, 10, 0.0734), (3.0, 30, 0.00539), (5.0, 8, 0.00105), (6.0, 55, 1.6e-7)]
)
def test_the_chance_is_students(deviations: float, freedom: int, chance: float) -> None:
    assert chance_of(deviations, freedom) == pytest.approx(chance, rel=0.05)
