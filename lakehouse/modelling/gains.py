"""What an experiment shows: the effect, whether the groups were alike before, and what a ranking gains of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lakehouse.experiments import effects
from lakehouse.modelling.metrics import Interval

Floats = NDArray[np.float64]
ROUNDS = 200
NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Effect:
    """Difference of the groups' means, with its standard error by Welch."""

    treated: int
    others: int
    difference: float
    error: float

    @property
    def interval(self) -> Interval:
        """95 %."""
        reach = NORMAL_95 * self.error
        return Interval(self.difference, self.difference - reach, self.difference + reach)

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return bool(self.interval.low > 0 or self.interval.high < 0)


def effect(treated: Floats, outcome: Floats) -> Effect:
    """What the treatment made of the outcome."""
    control, acted_on = (
        effects.Measured(len(group), float(group.mean()), float(group.var(ddof=1)))
        for group in (outcome[treated == 0], outcome[treated == 1])
    )
    found = effects.difference(control, acted_on)
    return Effect(acted_on.n, control.n, found.estimate, found.error)


def gains_curve(uplift: Floats, treated: Floats, outcome: Floats) -> tuple[Floats, Floats]:
    """Share acted on, best first, and what that gained per head of all; equal uplifts are acted on together.

    Source: Radcliffe, Using control groups to target on predicted lift (2007): the treated's outcomes less the others',
    scaled to as many.
    """
    order = np.argsort(-uplift, kind="stable")
    ends = np.r_[np.nonzero(np.diff(uplift[order]))[0], len(order) - 1]
    is_treated, gained = treated[order], outcome[order]
    counts = [np.cumsum(is_treated == value)[ends] for value in (0, 1)]
    sums = [np.cumsum(gained * (is_treated == value))[ends] for value in (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.where(counts[0] > 0, sums[1] - sums[0] * counts[1] / counts[0], sums[1])
    scaled = difference / max(counts[1][-1], 1)  # per treated: what acting on everybody gains is the effect
    return np.r_[0.0, (ends + 1) / len(order)], np.r_[0.0, scaled]


def auuc(uplift: Floats, treated: Floats, outcome: Floats) -> float:
    """Area under the curve of gains."""
    share, gained = gains_curve(uplift, treated, outcome)
    return float(np.trapezoid(gained, share))


def qini(uplift: Floats, treated: Floats, outcome: Floats) -> float:
    """Area between the curve of gains and a random order's; 0 where the ranking says nothing."""
    share, gained = gains_curve(uplift, treated, outcome)
    return float(np.trapezoid(gained - share * gained[-1], share))


@dataclass(frozen=True)
class Ranking:
    """What a ranking gains, with intervals by resampling rows."""

    name: str
    qini: Interval
    auuc: Interval

    @property
    def is_shown(self) -> bool:
        """Whether it ranks better than chance."""
        return self.qini.low > 0


def ranking(name: str, uplift: Floats, treated: Floats, outcome: Floats, sureness: float, seed: int = 7) -> Ranking:
    """Qini and AUUC of a ranking.

    Args:
        sureness: of the intervals, as 0.95; more where the best of several rankings is chosen.
    """
    random, drawn = np.random.default_rng(seed), []
    for _ in range(ROUNDS):
        rows = random.integers(0, len(uplift), len(uplift))
        if 0 < treated[rows].mean() < 1:
            drawn.append([of(uplift[rows], treated[rows], outcome[rows]) for of in (qini, auuc)])
    ends = np.quantile(np.array(drawn), [(1 - sureness) / 2, (1 + sureness) / 2], axis=0)
    values = [of(uplift, treated, outcome) for of in (qini, auuc)]
    made = [Interval(value, float(low), float(high)) for value, low, high in zip(values, ends[0], ends[1], strict=True)]
    return Ranking(name, made[0], made[1])


def unlike(rows: Floats, treated: Floats, names: tuple[str, ...]) -> dict[str, float]:
    """Columns in which the groups differ before the treatment by more than chance: name -> standardised difference.

    Chance alone passes the line once in about a hundred experiments of twenty columns.
    """
    found = {}
    for place, name in enumerate(names):
        groups = [rows[(treated == value) & ~np.isnan(rows[:, place]), place] for value in (0, 1)]
        if min(map(len, groups)) < 2:
            continue
        pooled = float(np.sqrt((groups[0].var(ddof=1) + groups[1].var(ddof=1)) / 2))
        difference = float(groups[1].mean() - groups[0].mean()) / pooled if pooled > 0 else 0.0
        if abs(difference) > 3.5 * np.sqrt(1 / len(groups[0]) + 1 / len(groups[1])):
            found[name] = difference
    return found
