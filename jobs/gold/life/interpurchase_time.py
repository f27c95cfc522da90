"""How often customers buy, each by their own rhythm: gaps between order days as gamma times, rates as gamma rates.

A customer's gaps are Gamma(shape, own rate) and the rates of all customers Gamma(r, alpha), fitted by maximum
likelihood on what is sufficient: gaps and their sum per customer, and the sum of all logarithms. The next gap of a
customer of n gaps that sum to T days then is (alpha + T) times a beta prime(shape, r + shape n), so that every
quantile of it is a factor that depends on n alone, times alpha + T. A customer of one order has the population's
rhythm, one of many orders their own.

Source: Colombo and Jiang, A stochastic RFM model, Journal of Interactive Marketing 13 (1999), for the gamma-gamma
mixture; Fader and Hardie for the marginal likelihood on sufficient statistics.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, digamma, gammaln, polygamma

from jobs.gold.value.newton import Floats, minimise


@dataclass(frozen=True)
class GapGroups:
    """Customers alike in gaps: number of gaps (at least 1), their sum in days, customers; and all logarithms' sum."""

    gap_count: Floats
    gap_days: Floats
    customers: Floats
    log_days: float

    @property
    def customer_count(self) -> int:
        """All customers."""
        return int(self.customers.sum())


@dataclass(frozen=True)
class InterpurchaseTimes:
    """The population's rhythm: shape and r have no unit, alpha_days is in days."""

    shape: float
    r: float
    alpha_days: float
    customer_count: int = 0
    gap_count: int = 0
    log_likelihood: float | None = None
    is_converged: bool = True
    note: str = ""


def assumed_interpurchase_times(gap_days: float, note: str) -> InterpurchaseTimes:
    """What is believed before enough is known: exponential gaps of this mean, rates that differ widely."""
    return InterpurchaseTimes(shape=1.0, r=2.0, alpha_days=gap_days, note=note)


def fit_interpurchase_times(groups: GapGroups) -> InterpurchaseTimes:
    """Maximum likelihood by Newton steps over the logarithms of the three parameters.

    Raises:
        ValueError: there is no gap at all.
    """
    gaps = float(groups.customers @ groups.gap_count)
    if gaps <= 0:
        raise ValueError("no gap between order days to fit a rhythm to")
    unit = float(groups.customers @ groups.gap_days) / gaps  # in mean gaps the parameters are near one
    scaled = GapGroups(
        groups.gap_count, groups.gap_days / unit, groups.customers, groups.log_days - gaps * np.log(unit)
    )
    optimum = minimise(lambda theta: mean_loss(theta, scaled), np.zeros(3))
    shape, r, alpha = np.exp(optimum.theta)
    likelihood = -optimum.value * gaps - gaps * np.log(unit)  # of the gaps in days
    return InterpurchaseTimes(
        float(shape),
        float(r),
        float(alpha * unit),
        groups.customer_count,
        int(gaps),
        float(likelihood),
        optimum.converged,
    )


def mean_loss(theta: Floats, groups: GapGroups) -> tuple[float, Floats, Floats]:
    """Negative log-likelihood per gap with gradient and Hessian in log(shape), log(r), log(alpha)."""
    k, r, alpha = np.exp(theta)
    n, w = groups.gap_count, groups.customers
    gaps, s, total = float(w @ n), r + k * n, alpha + groups.gap_days
    value = w @ (gammaln(s) - gammaln(r) + r * np.log(alpha) - s * np.log(total))
    value += (k - 1) * groups.log_days - gaps * gammaln(k)
    by_k = w @ (n * (digamma(s) - np.log(total))) + groups.log_days - gaps * digamma(k)
    by_r = w @ (digamma(s) - digamma(r) + np.log(alpha) - np.log(total))
    by_alpha = w @ (r / alpha - s / total)
    curve = polygamma(1, s)
    kk, kr, ka = w @ (n * n * curve) - gaps * polygamma(1, k), w @ (n * curve), -(w @ (n / total))
    rr, ra = w @ (curve - polygamma(1, r)), w @ (1 / alpha - 1 / total)
    aa = w @ (s / total**2 - r / alpha**2)
    by, scale = np.array([by_k, by_r, by_alpha]), np.array([k, r, alpha])
    gradient = scale * by
    hessian = np.outer(scale, scale) * np.array([[kk, kr, ka], [kr, rr, ra], [ka, ra, aa]]) + np.diag(gradient)
    return -float(value) / gaps, -gradient / gaps, -hessian / gaps


def gap_factors(interpurchase: InterpurchaseTimes, gap_counts: NDArray[np.int64], share: float) -> Floats:
    """What alpha + T is multiplied by to give the gap that a share of a customer's gaps are no longer than.

    Args:
        gap_counts: n of each customer.
        share: 0 to 1, both excluded.
    """
    at = betaincinv(interpurchase.shape, interpurchase.r + interpurchase.shape * gap_counts, share)
    return np.asarray(at / np.maximum(1.0 - at, 1e-300), dtype=np.float64)


def interpurchase_columns(interpurchase: InterpurchaseTimes) -> dict[str, Any]:
    """The fit as columns of gold.life_cycle_rhythm."""
    return {name: getattr(interpurchase, name) for name in InterpurchaseTimes.__dataclass_fields__}
