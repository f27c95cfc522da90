"""How many units and days an experiment needs, by the company's own past.

Source: the normal approximation of the power of a two-sided test of two means (Kohavi, Tang and Xu 2020, chapter 15).
"""

from dataclasses import dataclass
from math import ceil, inf, sqrt

from scipy import stats

from lakehouse.experiments.moments import Moments


@dataclass(frozen=True)
class Design:
    """What it takes to see a relative change of a metric.

    units: in both arms; cuped_units: with the past taken out; error: standard error at the planned end.
    """

    relative_effect: float
    units: int
    cuped_units: int
    error: float


def design(
    past: Moments, relative_effect: float, shares: tuple[float, float], power: float = 0.8, alpha: float = 0.05
) -> Design:
    """Units for a relative change with some power.

    Args:
        past: the metric of comparable units, y in a window of the horizon's length and x in the one before.
        shares: of control and treatment among the units of both.

    Raises:
        ValueError: nothing was measured, or the metric does not vary.
    """
    if past.n < 2 or past.mean == 0 or past.variance == 0:
        raise ValueError("the metric does not vary in the past: there is nothing to plan by")
    z = needed_errors(power, alpha)
    change = abs(relative_effect * past.mean)
    inverse = 1 / shares[0] + 1 / shares[1]
    units = z**2 * past.variance * inverse / change**2 * (shares[0] + shares[1])
    explained = past.covariance**2 / (past.variance * past.variance_before) if past.variance_before > 0 else 0.0
    return Design(relative_effect, ceil(units), ceil(units * (1 - explained)), change / z)


def needed_errors(power: float, alpha: float) -> float:
    """How many standard errors an effect must be for this power: 2.8 for 80 % at 5 %."""
    return float(stats.norm.isf(alpha / 2) + stats.norm.ppf(power))


def detectable(
    past: Moments, units: float, shares: tuple[float, float], power: float = 0.8, alpha: float = 0.05
) -> float:
    """The smallest relative change that so many units show with some power."""
    z = needed_errors(power, alpha)
    both = shares[0] + shares[1]
    error = sqrt(past.variance * both * (1 / shares[0] + 1 / shares[1]) / units) if units else inf
    return z * error / abs(past.mean) if past.mean else inf


def units_to_see(
    reading: tuple[float, float, float], counts: tuple[float, float], change: float, share: float, power: float = 0.8
) -> int:
    """Units in both arms that show a change with some power, by what a reading says of the metric's spread.

    Args:
        reading: low and high of the interval of the difference, and its level.
        counts: units of control and treatment that it is made of.
        change: of the metric, in its unit.
        share: of the control among the units of both.
    """
    low, high, level = reading
    error = (high - low) / 2 / float(stats.norm.ppf((1 + level) / 2))
    variance = error**2 / (1 / counts[0] + 1 / counts[1])
    return ceil((needed_errors(power, 1 - level) / change) ** 2 * variance * (1 / share + 1 / (1 - share)))
