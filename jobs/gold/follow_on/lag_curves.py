"""Which share of A's buyers has bought B by each day after, where some were bought A too recently to tell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class LagCurve:
    """share[t]: bought B within t days of A, 0 at t = 0; variance of the last; buyers at the start; followers seen."""

    share: Floats
    variance: float
    buyers: int
    followers: int

    @property
    def confidence(self) -> float:
        """The share at the window's end."""
        return float(self.share[-1])

    def interval(self, z: float) -> tuple[float, float]:
        """Wilson's interval at the size that a sample without censoring would need for this variance.

        Source: Wilson (JASA 1927); Cutler and Ederer (J. Chronic Dis. 1958) for the effective sample size.
        """
        p = self.confidence
        size = p * (1 - p) / self.variance if self.variance > 0 and 0 < p < 1 else float(self.buyers)
        return wilson(p, max(size, 1.0), z)

    def expected(self, lags: Longs, seen_days: Longs, last_days: int) -> float:
        """Followers in the last days that are known, had each buyer's chance on each day been the curve's."""
        hazard = -np.log(1 - np.minimum(self.share, 0.999))
        window = len(self.share) - 1
        until = np.minimum(np.minimum(lags, seen_days), window)
        before = np.minimum(np.clip(seen_days - last_days, 0, window), until)
        return float((hazard[until] - hazard[before]).sum())

    def lag_days(self, part: float) -> int:
        """The day by which this part of those who follow within the window have done so."""
        return int(np.searchsorted(self.share, part * self.confidence - 1e-12, side="left"))


def wilson(share: float, size: float, z: float) -> tuple[float, float]:
    """Wilson's score interval of a share of `size`, 0 to 1."""
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def lag_curve(lags: Longs, seen_days: Longs, window_days: int) -> LagCurve:
    """Kaplan and Meier's estimate of the share that follows (JASA 1958), with Greenwood's variance.

    Args:
        lags: days from A to B of each buyer of A who had no B yet, at least 1; large where there was no B.
        seen_days: days from A to the last day that is known.
    """
    events, at_risk = risk_table(lags, seen_days, window_days)
    left = np.cumprod(1 - events / np.maximum(at_risk, 1))
    terms = np.divide(events, at_risk * (at_risk - events), where=at_risk > events, out=np.zeros(len(events)))
    return LagCurve(
        share=np.concatenate([[0.0], 1 - left]),
        variance=float(left[-1] ** 2 * terms.sum()),
        buyers=len(lags),
        followers=int(events.sum()),
    )


def risk_table(lags: Longs, seen_days: Longs, window_days: int) -> tuple[Floats, Floats]:
    """Per day 1 to window_days: who bought B then, and who had not before and is seen on that day."""
    follows = lags <= np.minimum(seen_days, window_days)
    events = np.bincount(lags[follows], minlength=window_days + 1)[1 : window_days + 1]
    last = np.minimum(np.where(follows, lags, seen_days), window_days)
    at_risk = np.bincount(last, minlength=window_days + 1)[::-1].cumsum()[::-1]
    return events.astype(float), at_risk[1 : window_days + 1].astype(float)
