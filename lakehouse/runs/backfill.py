"""Nights of past days, run in their order whatever the order they are asked for in.

A day is asked for; the nights before it that are missing run first, those that were published stay. Where later nights
were published already, the lake goes back to the night before the first missing one, and all run again from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.ops.history import History
from lakehouse.runs import going_back, graph, object_store, steps
from lakehouse.runs.night import Listener

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Backfill:
    """What a backfill does: the night that the lake goes back to first (None: it need not), then the days that run."""

    back_to: date | None
    days: tuple[date, ...]


def planned(conf: Conf, first: date, last: date) -> Backfill:
    """What is to be done so that each of these days has a night, as if all had run in their order.

    Raises:
        ConfigError: the days are the wrong way round, nothing was delivered, or they are before the lake's first night.
    """
    if last < first:
        raise ConfigError(f"{last} is before {first}", "--to", "name the earlier day as --from")
    root = conf.profile.path(conf.profile.lake)
    object_store.reach(root)
    nights = History(root).nights()
    missing = [day for day in days_between(first, last) if day not in nights]
    if not missing:
        return Backfill(None, ())
    if not nights:
        return Backfill(None, days_between(_first_delivery(conf, last), last))
    if missing[0] > nights[-1]:
        return Backfill(None, days_between(nights[-1] + DAY, last))
    before = [night for night in nights if night < missing[0]]
    if not before:
        raise ConfigError(
            f"{missing[0]} is before the lake's first night, {nights[0]}",
            "--from",
            "files of earlier days come in with the next night; for nights of their own begin a new lake (--lake)",
        )
    return Backfill(before[-1], days_between(before[-1] + DAY, max(last, nights[-1])))


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Each day from the first to the last, both included."""
    return tuple(first + n * DAY for n in range((last - first).days + 1))


def _first_delivery(conf: Conf, last: date) -> date:
    drop = conf.profile.path(conf.profile.drop)
    days = [day for day in steps.delivered_days(drop) if day <= last]
    if not days:
        raise ConfigError(f"nothing was delivered up to {last}", drop, "put files into drop/<YYYY-MM-DD>/")
    return days[0]


def run(conf: Conf, plan: Backfill, listener: Listener | None, ended: Callable[[steps.Result], None]) -> bool:
    """Do it; it stops with the first night that is not good.

    Args:
        ended: told of each night.

    Returns:
        whether all nights were good.
    """
    if plan.back_to:
        going_back.to_night(conf, plan.back_to)
    for day in plan.days:
        result = steps.run(conf, list(graph.STEPS), day, listener=listener)
        ended(result)
        if not result.is_good:
            return False
    return True


def before_step(conf: Conf, run_date: date) -> Backfill | None:
    """What a step of one day's night needs first, when nights come in any order; None where that night is published.

    Raises:
        ConfigError: later nights were published without it: only a backfill of all of them puts it in its place.
    """
    nights = History(conf.profile.path(conf.profile.lake)).nights()
    if run_date in nights:
        return None
    if nights and run_date < nights[-1]:
        raise ConfigError(
            f"later nights were published without {run_date}",
            "--run-date",
            f"lakehouse backfill --from {run_date} --to {nights[-1]}",
        )
    plan = planned(conf, run_date, run_date)
    return Backfill(None, plan.days[:-1])
