"""Whether what came tonight looks as it did in the weeks before, and whether anything came at all.

A feature over a month takes a week to show that prices are in another currency since yesterday; the day's own values
show it the next morning. Values are counted by size (a quarter of a doubling each), so that a day is a handful of rows.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from lakehouse.modelling import evaluation, metrics
from lakehouse.modelling.health import FEWEST_ROWS, SURE, Measure

Floats = metrics.Floats
STEPS_PER_DOUBLING = 4
ODD = -100  # the place of values that have no size: missing, zero, negative
FEWEST_DAYS = 14  # of the weeks before, with rows enough: fewer say nothing of what a day is like
POOLED_DAYS = 7  # so many days are taken together at most where one has few rows
MOST_GROUPS = 10
SILENT_DAYS = 2  # behind, beyond what is usual, is an alarm


@dataclass(frozen=True)
class Daily:
    """One column's values by day and size: rows are days, columns are sizes."""

    days: list[date]
    sizes: Floats
    counts: Floats


def daily(rows: pd.DataFrame) -> Daily:
    """From rows with order_date, size and row_count."""
    wide = rows.pivot_table(index="order_date", columns="size", values="row_count", aggfunc="sum", fill_value=0)
    days = [pd.Timestamp(day).date() for day in wide.index]
    return Daily(days, wide.columns.to_numpy(dtype="float64"), wide.to_numpy(dtype="float64"))


@dataclass(frozen=True)
class Before:
    """What the night before knew: the newest day that had come, and how far behind it usually is."""

    newest: date
    usual: float


def arrival(days: list[date], night: date, before: Before | None) -> Measure:
    """How far the newest day is behind the night; an alarm when nothing has come for longer than ever before.

    Args:
        days: with a row, ascending.
    """
    newest = max(days)
    behind = float((night - newest).days)
    gaps = [float((later - earlier).days - 1) for earlier, later in itertools.pairwise(days)]
    has_come = has_arrived(days, before)
    usual = max([*gaps, behind], default=behind) if has_come or before is None else before.usual
    line = usual + SILENT_DAYS
    sentence = f"nothing has arrived since {newest}: what customers did in the {behind:.0f} days after it is not known"
    return Measure("arrival", "", behind, line, not has_come and behind >= line, sentence, usual, len(days))


def has_arrived(days: list[date], before: Before | None) -> bool:
    """Whether a day has come that the night before did not have."""
    return before is None or not days or max(days) > before.newest


def sources(
    columns: Mapping[str, Daily], features: Mapping[str, list[str]], gate: float, since: Mapping[str, date]
) -> Iterator[Measure]:
    """A measure per column with enough days.

    Args:
        columns: by table.column, up to tonight.
        features: by table.column those that are made of it.
        since: by table.column the night since which it is an alarm: what came from then on is no measure of the usual.
    """
    for name, of in columns.items():
        if (found := source(name, of, features.get(name, []), gate, since.get(name))) is not None:
            yield found


def source(name: str, of: Daily, features: list[str], gate: float, since: date | None = None) -> Measure | None:
    """The newest day (or days, where it has few rows) against the weeks before."""
    per_day = of.counts.sum(axis=1)
    pooled = 1
    while pooled < min(POOLED_DAYS, len(per_day)) and per_day[-pooled:].sum() < FEWEST_ROWS:
        pooled += 1
    newest, before = of.counts[-pooled:].sum(axis=0), of.counts[:-pooled]
    if since is not None:
        before = before[[day < since for day in of.days[:-pooled]]]
    if newest.sum() < FEWEST_ROWS or len(before) < FEWEST_DAYS:
        return None
    groups = _groups(before.sum(axis=0))
    usual = _shares(before.sum(axis=0), groups)
    blocks = [before[place : place + pooled].sum(axis=0) for place in range(0, len(before) - pooled + 1, pooled)]
    moved = [metrics.psi_of_shares(usual, _shares(one, groups)) for one in blocks if one.sum() >= FEWEST_ROWS]
    value, most = metrics.psi_of_shares(usual, _shares(newest, groups)), max(moved, default=0.0)
    free = max(int(groups.max()), 1)
    chance = (free + SURE * np.sqrt(2 * free)) * (1 / newest.sum() + 1 / before.sum())
    line = float(max(gate, chance, evaluation.BEYOND_USUAL * most))
    times = 2 ** ((_middle(of.sizes, newest) - _middle(of.sizes, before.sum(axis=0))) / STEPS_PER_DOUBLING)
    sentence = (
        f"the newest values of {name} are not as in the weeks before (PSI {value:.2f}, {line:.2f} is the line; "
        f"the middle one is {times:.2g} times as large); it is in {', '.join(features[:3]) or 'no feature'}"
    )
    return Measure("source_psi", name, value, line, value > line, sentence, most, int(newest.sum()))


def _groups(counts: Floats) -> Floats:
    """The group of each size: at most so many, of about equal rows; odd values stay by themselves."""
    share = (np.cumsum(counts) - counts / 2) / max(counts.sum(), 1.0)
    return np.asarray(np.minimum((share * MOST_GROUPS).astype(int), MOST_GROUPS - 1), dtype=np.float64)


def _shares(counts: Floats, groups: Floats) -> Floats:
    summed = np.bincount(groups.astype(int), weights=counts, minlength=MOST_GROUPS)
    return np.asarray((summed + 0.5) / (summed.sum() + 0.5 * MOST_GROUPS))


def _middle(sizes: Floats, counts: Floats) -> float:
    """The size of the middle row, between the steps, odd values aside."""
    known = sizes > ODD
    if not counts[known].sum():
        return 0.0
    share = np.cumsum(counts[known]) - counts[known] / 2
    return float(np.interp(counts[known].sum() / 2, share, sizes[known]))
