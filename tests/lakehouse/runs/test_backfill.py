"""Nights of past days: in whatever order they are asked for, the nights that stand ran in the order of their days."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.cli.backfill import told
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.runs import backfill
from lakehouse.runs.backfill import Backfill

FIRST = date(2024, 2, 27)  # the days go over the end of a month that has a day more in this year


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@dataclass
class Nights:
    """What stands of a lake's nights: the days, in the order in which their nights ran."""

    ran: list[date] = field(default_factory=list)

    def nights(self) -> list[date]:
        return sorted(set(self.ran))

    def follow(self, plan: Backfill) -> None:
        """Do as planned: go back, then run."""
        if plan.back_to:
            self.ran = self.ran[: self.ran.index(plan.back_to) + 1]
        self.ran += plan.days


@pytest.fixture
def lake(conf: Conf, monkeypatch) -> Nights:
    """No night has run; files were delivered on the first day."""
    nights = Nights()
    monkeypatch.setattr(backfill, "History", lambda _: nights)
    Path(conf.profile.drop, str(FIRST)).mkdir(parents=True)
    return nights


def sequential(last: date) -> list[date]:
    return list(backfill.days_between(FIRST, last))


RANGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=6)
COMMON = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@COMMON
@given(ranges=RANGES, jumps=st.lists(st.integers(1, 9), max_size=2))
def test_any_order_of_backfills_ends_as_the_sequential_run(conf, lake, ranges, jumps):
    lake.ran = [day(0)]
    for jump in sorted(set(jumps)):  # somebody ran a later day at once: the days between have no night
        lake.ran.append(day(jump))
    for first, length in ranges:
        lake.follow(backfill.planned(conf, day(first), day(first + length)))
        assert all(day(n) in lake.ran for n in range(first, first + length + 1))
    backfill_all = backfill.planned(conf, day(0), lake.nights()[-1])
    lake.follow(backfill_all)

    assert lake.ran == sequential(lake.nights()[-1])


@COMMON
@given(asked=st.permutations(range(6)))
def test_steps_that_airflow_runs_in_any_order_end_as_the_sequential_run(conf, lake, asked):
    lake.ran = []
    for number in asked:
        before = backfill.before_step(conf, day(number))
        if before is not None:
            lake.follow(before)
            lake.follow(Backfill(None, (day(number),)))

    assert lake.ran == sequential(day(5))


def test_a_new_lake_begins_with_the_first_delivery(conf, lake):
    assert backfill.planned(conf, day(-30), day(2)) == Backfill(None, (day(0), day(1), day(2)))


def test_days_that_have_a_night_need_nothing(conf, lake):
    lake.ran = [day(0), day(1)]
    plan = backfill.planned(conf, day(0), day(1))
    assert plan == Backfill(None, ())
    assert told(plan) == "each of these days has a published night: there is nothing to do"


def test_a_day_that_was_passed_over_takes_the_lake_back_and_all_nights_after_it_run(conf, lake):
    lake.ran = [day(0), day(3)]
    plan = backfill.planned(conf, day(1), day(2))
    assert plan == Backfill(day(0), (day(1), day(2), day(3)))
    assert told(plan).startswith(f"the lake goes back to the night of {day(0)}; then 3 nights run in their order")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [(2, 1, "is before"), (-3, -2, "before the lake's first night")],
)
def test_what_cannot_be_done_is_refused(conf, lake, first, last, said):
    lake.ran = [day(0)]
    with pytest.raises(ConfigError, match=said):
        backfill.planned(conf, day(first), day(last))


def test_a_step_of_a_day_that_was_passed_over_names_the_backfill_that_does_it(conf, lake):
    lake.ran = [day(0), day(3)]
    with pytest.raises(ConfigError, match=f"lakehouse backfill --from {day(1)} --to {day(3)}"):
        backfill.before_step(conf, day(1))


def test_nothing_delivered_is_said(conf, lake):
    with pytest.raises(ConfigError, match="nothing was delivered up to"):
        backfill.planned(conf, day(-3), day(-2))
