"""Which of many measures are unusual tonight: each against its own past, by median and MAD, with weekdays and a trend.

A value is called unusual when it is both far off (by `least`) and improbable among all that were looked at tonight
(Benjamini and Hochberg's rule), given how this measure varied before and how few rows it is of.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEAST_HISTORY = 8  # days with a value before one is judged
OF_A_WEEKDAY = 4  # days of one weekday before weekdays are told apart
NEAR_DAYS = 84  # what is longer ago counts where there are too few days since
LEVEL_DAYS = 35  # the usual level is that of so many last days
YEAR_DAYS = 364  # the same weekday a year ago
FALSE_SHARE = 0.01  # of the alarms may be false, as a rule
MAD_TO_DEVIATION, P90_TO_DEVIATION = 1.4826, 1.645


@dataclass(frozen=True)
class Series:
    """One measure over days, in a scale on which its differences mean the same everywhere (logarithm, arc sine).

    Args:
        name: what it is of, for whoever asked.
        days: ascending, the last one is tonight.
        values: one per day.
        noise: deviation of a value that comes from the few rows that it is of.
        least: a smaller difference does not matter.
        has_trend: whether it may grow steadily.
    """

    name: tuple[str, ...]
    days: Sequence[date]
    values: Sequence[float]
    noise: float
    least: float
    has_trend: bool = False


@dataclass(frozen=True)
class Unusual:
    """A measure that is unusual tonight.

    Args:
        expected: in the series' scale.
        deviations: how many deviations off, with sign.
        chance: how likely so much is by chance.
    """

    series: Series
    value: float
    expected: float
    scale: float
    deviations: float
    chance: float


def unusual(many: Sequence[Series]) -> list[Unusual]:
    """The unusual ones, the least likely first."""
    judged = sorted((j for series in many if (j := judge(series))), key=lambda j: j.chance)
    last = 0
    for rank, one in enumerate(judged, start=1):
        if one.chance <= FALSE_SHARE * rank / len(judged):
            last = rank
    return [one for one in judged[:last] if abs(one.value - one.expected) >= one.series.least]


def judge(series: Series) -> Unusual | None:
    """A series' last value against those before; None where there are too few of them."""
    values = np.asarray(series.values, dtype=np.float64)
    days = np.array([day.toordinal() for day in series.days], dtype=np.int64)
    past, ages = values[:-1], days[-1] - days[:-1]
    if len(past) < LEAST_HISTORY:
        return None
    off_last_year = past, ages
    near = ages <= NEAR_DAYS
    if near.sum() >= LEAST_HISTORY:
        past, ages = past[near], ages[near]
    past = past + slope(past, ages) * ages if series.has_trend else past
    level = float(np.median(past[ages <= LEVEL_DAYS] if (ages <= LEVEL_DAYS).sum() >= LEAST_HISTORY else past))
    rests, effect, wider = _of_weekdays(past, ages, level)
    deviation = wider * max(
        MAD_TO_DEVIATION * float(np.median(np.abs(rests))), float(np.quantile(np.abs(rests), 0.9)) / P90_TO_DEVIATION
    )
    scale, expected = math.hypot(deviation, series.noise) or 1e-9, level + effect
    deviations = (float(values[-1]) - expected) / scale
    if _was_so_last_year(*off_last_year, float(values[-1]) - expected):
        return None
    return Unusual(series, float(values[-1]), expected, scale, deviations, chance_of(deviations, len(past) - 1))


def slope(past: Floats, ages: npt.NDArray[np.int64]) -> float:
    """The median slope of all pairs of values (Theil and Sen), per day; 0 where most pairs do not agree on its sign."""
    recent = ages <= 8 * 7
    values, at = past[recent], ages[recent]
    if len(values) < 2 * LEAST_HISTORY:
        return 0.0
    i, j = np.triu_indices(len(values), 1)
    apart = at[i] - at[j]
    far = (apart >= 7) & (apart % 7 == 0) if (apart % 7 == 0).sum() > len(values) else apart >= 7
    slopes = (values[j] - values[i])[far] / apart[far]
    agree = max((slopes > 0).mean(), (slopes < 0).mean()) if len(slopes) else 0.0
    return float(np.median(slopes)) if agree >= 0.75 else 0.0


def _of_weekdays(past: Floats, ages: npt.NDArray[np.int64], level: float) -> tuple[Floats, float, float]:
    """What is left of the values without their weekday's usual; tonight's weekday's; by how much that is uncertain."""
    same = [ages % 7 == weekday for weekday in range(7)]
    if same[0].sum() < OF_A_WEEKDAY:
        return past - level, 0.0, 1.0 + 1.0 / len(past)
    rests = past - level
    for days in same:
        if days.sum() >= OF_A_WEEKDAY:
            rests[days] = past[days] - np.median(past[days])
    count = int(same[0].sum())
    effect = float(np.median(past[same[0]])) - level
    if np.median(np.abs(rests)) > 0.8 * np.median(np.abs(past - level)):  # weekdays do not matter here
        return past - level, 0.0, 1.0 + 1.0 / len(past)
    return rests, effect, math.sqrt((count + 1) / (count - 1))


def _was_so_last_year(past: Floats, ages: npt.NDArray[np.int64], off: float) -> bool:
    """Whether the same week of last year was off as well, to the same side and half as far: a season, and no fault."""
    then = past[(ages >= YEAR_DAYS - 4) & (ages <= YEAR_DAYS + 4)]
    around = past[(ages >= YEAR_DAYS - 45) & (ages <= YEAR_DAYS + 45)]
    if not len(then) or len(around) < 2 * LEAST_HISTORY:
        return False
    before = then - np.median(around)
    return bool((before >= off / 2).any() if off > 0 else (before <= off / 2).any())


def chance_of(deviations: float, freedom: int) -> float:
    """How likely a value so far off is, either side: Student's distribution, by Wallace's approximation."""
    if not math.isfinite(deviations):
        return 0.0
    bent = freedom * math.log1p(deviations * deviations / freedom)
    normal = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(bent)
    return math.erfc(normal / math.sqrt(2))
