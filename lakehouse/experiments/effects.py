"""What a treatment changed: difference, ratio, CUPED, with intervals; and whether the arms have the sizes they should.

Sources: Welch (1947) for the difference; the delta method for the ratio; Deng, Xu, Kohavi and Walker (WSDM 2013) for
CUPED; Fabijan et al. (KDD 2019) for the sample-ratio check; Benjamini and Hochberg (1995) for q-values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import NamedTuple, Protocol

import numpy as np
from scipy import stats

from lakehouse.experiments.moments import Moments


class Arm(Protocol):
    """One group of an experiment: Moments, or figures that are known otherwise."""

    @property
    def n(self) -> float:
        """Units."""

    @property
    def mean(self) -> float:
        """Mean of the metric."""

    @property
    def variance(self) -> float:
        """Sample variance of the metric."""


class Measured(NamedTuple):
    """An arm whose figures are at hand."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True)
class Effect:
    """An estimate with its standard error, interval and two-sided p-value; NaN-free: without units all is 0 and inf."""

    estimate: float
    error: float
    low: float
    high: float
    p_value: float


def sample_ratio(counts: Sequence[float], shares: Sequence[float]) -> float:
    """The p-value of the arms' sizes: below 0.0005 they are not as assigned, and nothing else may be read.

    Args:
        shares: of the arms, in any scale.
    """
    total, whole = sum(counts), sum(shares)
    if not total:
        return 1.0
    expected = [total * share / whole for share in shares]
    statistic = sum((n - e) ** 2 / e for n, e in zip(counts, expected, strict=True) if e)
    return float(stats.chi2.sf(statistic, len(counts) - 1))


def difference(control: Arm, treated: Arm, level: float = 0.95) -> Effect:
    """Treated less control: Welch's interval."""
    parts = [one.variance / one.n if one.n else inf for one in (control, treated)]
    return _effect(treated.mean - control.mean, parts, [control.n, treated.n], level)


def cuped(control: Moments, treated: Moments, level: float = 0.95) -> tuple[Effect, float]:
    """The difference without what the past explains, and the share of the variance that this takes away, 0 to 1."""
    within = [(m.n - 1, m) for m in (control, treated) if m.n > 1]
    weight = sum(n * m.variance_before for n, m in within)
    theta = sum(n * m.covariance for n, m in within) / weight if weight > 0 else 0.0
    spread = {id(m): m.variance + theta**2 * m.variance_before - 2 * theta * m.covariance for m in (control, treated)}
    parts = [max(0.0, spread[id(m)]) / m.n if m.n else inf for m in (control, treated)]
    estimate = treated.mean - control.mean - theta * (treated.mean_before - control.mean_before)
    plain = sum(m.variance / m.n if m.n else 0.0 for m in (control, treated))
    cut = 1 - sum(parts) / plain if plain > 0 and np.isfinite(sum(parts)) else 0.0
    return _effect(estimate, parts, [control.n, treated.n], level), cut


def ratio(control: Moments, treated: Moments, level: float = 0.95) -> Effect:
    """Treated mean over control mean, with an interval on the log scale; (inf, inf) where a mean is not above zero."""
    if control.mean <= 0 or treated.mean <= 0 or min(control.n, treated.n) < 2:
        return Effect(1.0, inf, 0.0, inf, 1.0)
    error = sqrt(sum(m.variance / m.n / m.mean**2 for m in (control, treated)))
    center, z = log(treated.mean / control.mean), float(stats.norm.ppf((1 + level) / 2))
    p_value = float(2 * stats.norm.sf(abs(center) / error)) if error else float(center == 0)
    return Effect(exp(center), error, exp(center - z * error), exp(center + z * error), p_value)


def _effect(estimate: float, parts: Sequence[float], counts: Sequence[float], level: float) -> Effect:
    """Parts: each arm's variance over its size."""
    variance = sum(parts)
    if not np.isfinite(variance) or min(counts) < 2:
        return Effect(estimate, inf, -inf, inf, 1.0)
    if variance == 0:
        return Effect(estimate, 0.0, estimate, estimate, float(estimate == 0))
    degrees = variance**2 / sum(part**2 / (n - 1) for part, n in zip(parts, counts, strict=True))
    error = sqrt(variance)
    half = float(stats.t.ppf((1 + level) / 2, degrees)) * error
    p_value = float(2 * stats.t.sf(abs(estimate) / error, degrees))
    return Effect(estimate, error, estimate - half, estimate + half, p_value)


def q_values(p_values: Sequence[float]) -> list[float]:
    """For each p-value the smallest false-discovery rate at which it counts."""
    p = np.asarray(p_values, float)
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    stepped = np.minimum.accumulate(p[order] * len(p) / ranks) if len(p) else p
    q = np.empty(len(p))
    q[order] = np.minimum(1.0, stepped)
    return [float(one) for one in q]


def novelty(early: tuple[Moments, Moments], late: tuple[Moments, Moments]) -> float:
    """The p-value of the effect being the same in the first and in the second half: small means that it wears off."""
    first, second = difference(*early), difference(*late)
    error = sqrt(first.error**2 + second.error**2)
    return float(2 * stats.norm.sf(abs(first.estimate - second.estimate) / error)) if 0 < error < inf else 1.0
