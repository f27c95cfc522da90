"""How far each model was off when it had to forecast weeks that are known by now, and what that says of the next ones.

The models of all series are judged together: what a few weeks say about one series is mostly noise.
Source of the intervals: split conformal prediction (Lei et al., J. of the American Statistical Association 2018), the
errors in units of each series' own usual error.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jobs.gold.forecasting.candidates import NAIVE, SEASONAL_NAIVE

CUSHION, MOST_GROWN = 0.25, 4.0
FEW = 30  # with fewer errors at a distance those of all distances are looked at together


@dataclass(frozen=True)
class Backtest:
    """Past forecasts beside what came.

    actual: series x cuts x weeks ahead; forecasts: the same per model; step: how much each series usually changes from
    one week to the next; changes: by how much it did, series x weeks, which sums of series need: where one item rises
    as another falls, their sum hardly moves.
    """

    actual: np.ndarray
    forecasts: Mapping[str, np.ndarray]
    step: np.ndarray
    changes: np.ndarray | None = None

    def summed(self, group: np.ndarray, groups: int) -> "Backtest":
        """The same of sums of series: `group` numbers the sum that each series goes into."""
        if self.changes is None:
            raise ValueError("the step of sums follows from the series' changes from week to week, which are not here")
        changes = sums(self.changes, group, groups)
        return Backtest(
            sums(self.actual, group, groups),
            {name: sums(values, group, groups) for name, values in self.forecasts.items()},
            np.abs(changes).mean(axis=1),
            changes,
        )


def sums(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Sums over series by group: groups x whatever else `values` has."""
    total = np.zeros((groups, *values.shape[1:]))
    np.add.at(total, group, values)
    return total


def cuts(weeks: int, horizon: int, most: int, least: int) -> list[int]:
    """After how many weeks the past forecasts are made, ascending; with few weeks one alone, earlier than `least`."""
    last = max(weeks - horizon, 1)
    return list(range(min(max(least, last - most + 1), last), last + 1))


def backtest(sales: np.ndarray, at: list[int], forecasts: Mapping[str, np.ndarray], horizon: int) -> Backtest:
    """Past forecasts beside what came.

    Args:
        sales: series x weeks, NaN before the first sale.
        at: the cuts, in weeks.
        forecasts: per model what it said at each cut (more cuts may follow): series x cuts x weeks ahead.
    """
    actual = np.stack([sales[:, cut : cut + horizon] for cut in at], axis=1)
    changes = np.diff(np.nan_to_num(sales), axis=1)
    known = {name: values[:, : len(at)] for name, values in forecasts.items()}
    return Backtest(np.nan_to_num(actual), known, np.abs(changes).mean(axis=1), changes)


def baseline(test: Backtest) -> str:
    """The seasonal naive forecast: last year's week, or last week where there is not a year yet."""
    return SEASONAL_NAIVE if SEASONAL_NAIVE in test.forecasts else NAIVE


def mase(test: Backtest, model: str) -> float:
    """Mean absolute error in steps of each series (Hyndman and Koehler, Int. J. of Forecasting 2006)."""
    off = np.abs(test.actual - test.forecasts[model]).mean(axis=(1, 2))
    moves = test.step > 0
    return float(np.mean(off[moves] / test.step[moves])) if moves.any() else 0.0


def wape(test: Backtest, model: str) -> float:
    """Sum of absolute errors by sum of absolute sales."""
    sold = np.abs(test.actual).sum()
    return float(np.abs(test.actual - test.forecasts[model]).sum() / sold) if sold else 0.0


def best(test: Backtest) -> str:
    """The model with the smallest error, counted by series and by money alike; the earlier name of equals."""
    return min(test.forecasts, key=lambda name: (round(mase(test, name) * wape(test, name), 12), name))


def interval(
    test: Backtest, model: str, forecast: np.ndarray, share: float, beside: Backtest | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Between which figures the given share of outcomes should be: low and high, series x weeks ahead.

    Args:
        beside: past forecasts of the items, where this is a level of their sums. Its few series have hardly any errors
            that have nothing to do with each other, so that their quantiles alone held 53 to 84 % in place of 80. In
            units of what was usual for each series, the errors of both levels are looked at together.
    """
    past = Past(test, model)
    return _around(forecast, past.unit(test.actual.shape[1], forecast), _quantiles(_ratios(test, beside, model), share))


def coverage(test: Backtest, model: str, share: float, beside: Backtest | None = None) -> float:
    """Share of past outcomes within the interval that the errors known by then gave; NaN where there were none."""
    past, horizon = Past(test, model), test.actual.shape[2]
    inside = []
    for cut in range(2 * horizon, test.actual.shape[1]):
        known, forecast = cut - horizon + 1, test.forecasts[model][:, cut]
        ratios = _ratios(test, beside, model, known)
        low, high = _around(forecast, past.unit(known, forecast), _quantiles(ratios, share))
        inside.append((test.actual[:, cut] >= low) & (test.actual[:, cut] <= high))
    return float(np.mean(inside)) if inside else float("nan")


class Past:
    """The errors of one model, measured in what was usual for each series when the forecast was made."""

    def __init__(self, test: Backtest, model: str) -> None:
        self.forecasts, self.step = test.forecasts[model], test.step
        self.error = test.actual - self.forecasts
        self.off = np.abs(self.error).mean(axis=2)
        self.level = np.abs(self.forecasts).mean(axis=2)

    def unit(self, known: int, forecast: np.ndarray) -> np.ndarray:
        """The usual error of each series in its first `known` cuts, larger or smaller as the forecast now is.

        Errors grow with what is sold. A quarter of the level is added on both sides, so that a few sales after
        none do not make the unit endless.
        """
        off, level = self.off[:, :known].mean(axis=1), self.level[:, :known].mean(axis=1)
        before, now = level * (1 + CUSHION), np.abs(forecast).mean(axis=1) + level * CUSHION
        grown = np.where(before > 0, now / np.where(before > 0, before, 1.0), 1.0)
        scale: np.ndarray = np.where(off > 0, off, self.step) * np.clip(grown, 1 / MOST_GROWN, MOST_GROWN)
        return scale

    def ratios(self, known: int | None = None) -> np.ndarray:
        """Errors by the unit that was known at each cut: series x cuts x weeks ahead."""
        count, horizon = known or self.error.shape[1], self.error.shape[2]
        by_cut = []
        for cut in range(min(horizon, count - 1), count):
            unit = self.unit(max(cut - horizon + 1, 1), self.forecasts[:, cut])[:, None]
            by_cut.append(np.where(unit > 0, self.error[:, cut] / np.where(unit > 0, unit, 1.0), 0.0))
        return np.stack(by_cut, axis=1)


def _ratios(test: Backtest, beside: Backtest | None, model: str, known: int | None = None) -> np.ndarray:
    """The errors of a level's series, and of the series beside it."""
    levels = [test] if beside is None else [test, beside]
    return np.concatenate([Past(level, model).ratios(known) for level in levels])


def _quantiles(ratios: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Low and high error per week ahead."""
    horizon = ratios.shape[2]
    columns = [ratios[:, :, week].ravel() for week in range(horizon)]
    if len(columns[0]) < FEW:
        columns = [ratios.ravel()] * horizon
    tail = (1.0 - share) / 2
    return (
        np.array([np.quantile(column, tail, method="lower") for column in columns]),
        np.array([np.quantile(column, 1.0 - tail, method="higher") for column in columns]),
    )


def _around(
    forecast: np.ndarray, unit: np.ndarray, quantiles: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    low, high = (forecast + unit[:, None] * quantile for quantile in quantiles)
    return np.maximum(np.minimum(low, forecast), 0.0), np.maximum(high, forecast)
