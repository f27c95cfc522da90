"""Sums from which every figure of an experiment follows: counts, sums and products of a metric and its past."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Moments:
    """Of the units of one arm: y is the metric, x the same metric before the experiment."""

    n: float = 0
    y: float = 0
    yy: float = 0
    x: float = 0
    xx: float = 0
    xy: float = 0

    @classmethod
    def of(cls, y: ArrayLike, x: ArrayLike | None = None) -> Self:
        """The sums of values in memory."""
        ys = np.asarray(y, float)
        xs = np.zeros_like(ys) if x is None else np.asarray(x, float)
        return cls(len(ys), ys.sum(), (ys * ys).sum(), xs.sum(), (xs * xs).sum(), (xs * ys).sum())

    def __add__(self, other: Self) -> Self:
        """The sums of both."""
        return type(self)(*(getattr(self, k) + getattr(other, k) for k in ("n", "y", "yy", "x", "xx", "xy")))

    @property
    def mean(self) -> float:
        """Mean of the metric; 0 without units."""
        return self.y / self.n if self.n else 0.0

    @property
    def mean_before(self) -> float:
        """Mean of the metric before."""
        return self.x / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """Sample variance of the metric."""
        return _variance(self.n, self.y, self.yy)

    @property
    def variance_before(self) -> float:
        """Sample variance of the metric before."""
        return _variance(self.n, self.x, self.xx)

    @property
    def covariance(self) -> float:
        """Sample covariance of both."""
        return (self.xy - self.x * self.y / self.n) / (self.n - 1) if self.n > 1 else 0.0


def _variance(n: float, total: float, squares: float) -> float:
    return max(0.0, (squares - total * total / n) / (n - 1)) if n > 1 else 0.0
