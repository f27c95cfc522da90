"""Intervals that hold however often one looks, with little loss of power where there is a planned end.

Up to the planned information the estimate's path is a Brownian motion, whose greatest distance from zero passes c with
a probability of at most 4(1 - normal cdf(c)) (reflection principle): bounds of O'Brien and Fleming, at every moment.
Beyond the plan, and without one, the mixture of Robbins (1970; Johari et al. 2017) holds for ever. Each has its part of
the error.
"""

from math import inf, log, sqrt

from scipy import stats

from lakehouse.experiments.effects import Effect

PLANNED_SHARE = 0.9  # of the error that the time up to the plan may use
BEST_RATIO = 8.0  # prior variance over the planned variance of the estimate: narrowest near the plan at 5 %


def planned(effect: Effect, planned_error: float, level: float = 0.95) -> tuple[float, float]:
    """The always-valid interval of an estimate with a planned end.

    Args:
        planned_error: standard error that the estimate is to have at the planned end, known before the first look.
    """
    if not 0 < effect.error < inf:
        return effect.low, effect.high
    alpha, information = 1 - level, (planned_error / effect.error) ** 2  # share of the planned
    if information <= 1:
        half = float(stats.norm.isf(alpha * PLANNED_SHARE / 4)) * effect.error / sqrt(information)
    else:
        half = _mixture(effect.error, BEST_RATIO * planned_error**2, alpha * (1 - PLANNED_SHARE))
    return effect.estimate - half, effect.estimate + half


def of_cohort(effect: Effect, planned_error: float, level: float = 0.95) -> tuple[float, float]:
    """The always-valid interval of one cohort whose metric adds up day by day to a planned end.

    The difference of the sums so far moves as a symmetric walk: Levy's inequality bounds its greatest distance from
    zero by twice the tail of its end, whatever the number of looks.

    Args:
        planned_error: standard error that the difference is to have at the end, known before the first look.
    """
    if not 0 < effect.error < inf:
        return effect.low, effect.high
    half = float(stats.norm.isf((1 - level) / 4)) * max(effect.error, planned_error)
    return effect.estimate - half, effect.estimate + half


def unplanned(effect: Effect, likely_effect: float, level: float = 0.95) -> tuple[float, float]:
    """The always-valid interval of an estimate that goes on without an end.

    Args:
        likely_effect: size that an effect may well have, known before the first look; the interval holds for any, and
            is narrowest where the error is about a third of it.
    """
    if not 0 < effect.error < inf:
        return effect.low, effect.high
    if likely_effect <= 0:
        return -inf, inf
    half = _mixture(effect.error, likely_effect**2, 1 - level)
    return effect.estimate - half, effect.estimate + half


def _mixture(error: float, prior: float, alpha: float) -> float:
    """Half the width for a prior variance of the effect."""
    variance = error**2
    return sqrt(variance * (variance + prior) / prior * log((variance + prior) / (variance * alpha**2)))
