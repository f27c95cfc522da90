"""Histories of many kinds of companies: rows per day, shares, middles, each with its own noise; from fixed seeds."""

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np

from lakehouse.quality.unusual import Series

START = date(2024, 1, 1)
Volume = Callable[[int, np.random.Generator], float | None]


def steady(day: int, rng: np.random.Generator) -> float:
    """A web shop: a weekly pattern, overdispersed orders."""
    return rng.negative_binomial(20, 20 / (20 + (300, 250, 240, 260, 350, 500, 450)[day % 7]))


def weekdays(day: int, rng: np.random.Generator) -> float | None:
    """An office: closed on weekends."""
    return None if day % 7 >= 5 else float(rng.poisson(120))


def growing(day: int, rng: np.random.Generator) -> float:
    """A start-up: one per cent more each day."""
    return float(rng.poisson(40 * math.exp(0.01 * day) * (1.3 if day % 7 == 5 else 1.0)))


def shrinking(day: int, rng: np.random.Generator) -> float:
    """A brand that is given up."""
    return float(rng.poisson(4000 * math.exp(-0.012 * day)))


def monthly(day: int, rng: np.random.Generator) -> float | None:
    """A list that comes on the first of each month."""
    return float(rng.poisson(5000)) if (START + timedelta(days=day)).day == 1 else None


def weekly(day: int, rng: np.random.Generator) -> float | None:
    """A report of each Monday."""
    return float(rng.poisson(800)) if day % 7 == 0 else None


def tiny(day: int, rng: np.random.Generator) -> float:
    """A village shop: a handful a day."""
    return float(rng.poisson(4))


def bursty(day: int, rng: np.random.Generator) -> float:
    """Campaigns: mostly little, a wave every now and then."""
    return float(rng.poisson(60 * (15 if rng.random() < 0.07 else 1)))


def seasonal(day: int, rng: np.random.Generator) -> float:
    """An ice cream parlour: ten times as much in summer."""
    return float(rng.poisson(30 + 150 * (1 - math.cos(2 * math.pi * day / 365))))


def holidays(day: int, rng: np.random.Generator) -> float:
    """A toy shop: five times as much before Christmas, slowly rising."""
    left = (date((START + timedelta(days=day)).year, 12, 24) - START).days - day
    peak = 4 * math.exp(-((left / 12) ** 2)) if left > -3 else 0.0
    return float(rng.poisson(200 * (1 + peak)))


def heavy(day: int, rng: np.random.Generator) -> float:
    """Wholesale: days differ by much, with heavy tails."""
    return float(math.exp(4 + 0.6 * rng.standard_t(3)))


def level_change(day: int, rng: np.random.Generator) -> float:
    """A second shop opens: twice as much from one day on."""
    return float(rng.poisson(150 if day < 130 else 300))


COMPANIES = {
    volume.__name__: volume
    for volume in (
        *(steady, weekdays, growing, shrinking, monthly, weekly),
        *(tiny, bursty, seasonal, holidays, heavy, level_change),
    )
}


def nights(volume: Volume, days: int, seed: int, columns: int = 8) -> Iterator[list[Series]]:
    """Night after night the series of one export: rows, and of each column empty values, different ones, a middle."""
    rng = np.random.default_rng(seed)
    rates = rng.beta(0.4, 4, columns)  # share of empty values: mostly none, sometimes many
    words = rng.integers(3, 2000, columns)
    past: dict[tuple[str, ...], tuple[list[date], list[float]]] = {}
    for day in range(days):
        rows = volume(day, rng)
        if rows is None:
            continue
        looked_at = max(1, min(int(rows), 250))
        yield [
            _with(past, ("shop", "", "rows"), day, math.log1p(rows), 1 / math.sqrt(max(rows, 1)), math.log(1.6), True),
            *(one for c in range(columns) for one in _column(past, c, day, looked_at, rates[c], int(words[c]), rng)),
        ]


def _column(
    past: dict[tuple[str, ...], tuple[list[date], list[float]]],
    number: int,
    day: int,
    rows: int,
    rate: float,
    words: int,
    rng: np.random.Generator,
) -> Iterator[Series]:
    name = f"c{number}"
    share = min(1.0, max(0.0, rate * math.exp(rng.normal(0, 0.15))))
    empty = rng.binomial(rows, share)
    yield _with(past, ("shop", name, "empty"), day, math.asin(math.sqrt(empty / rows)), 0.75 / math.sqrt(rows), 0.15)
    filled = rows - empty
    if filled >= 20:
        different = len(set((words * rng.random(filled) ** 2).astype(int)))
        yield _with(
            past, ("shop", name, "different"), day, math.log(different), 1 / math.sqrt(different), math.log(1.6)
        )
        sizes = np.sort(rng.lognormal(3, 0.8, filled))
        middle, spread = sizes[filled // 2], math.log(sizes[int(filled * 0.9)] / sizes[int(filled * 0.1)])
        noise = 0.5 * spread / math.sqrt(filled)
        yield _with(past, ("shop", name, "middle"), day, math.log(middle), noise, math.log(1.3))


def _with(
    past: dict[tuple[str, ...], tuple[list[date], list[float]]],
    name: tuple[str, ...],
    day: int,
    value: float,
    noise: float,
    least: float,
    has_trend: bool = False,
) -> Series:
    days, values = past.setdefault(name, ([], []))
    days.append(START + timedelta(days=day))
    values.append(value)
    return Series(name, list(days), list(values), noise, least, has_trend)
