"""The Gamma-Gamma model of spend per order, fitted by maximum likelihood on grouped customers.

An order's value varies around the customer's own mean (shape p), and the means vary between customers (q, v).
Source: Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013).
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln, polygamma, stdtr

from jobs.gold.value.newton import Floats, covariance, minimise
from jobs.gold.value.order_fit import limit_reason

SURE = 0.05  # p-value below which a correlation is taken to be there
NOTABLE = 0.1  # and from this size on it is worth a sentence: of a million customers every one is sure


class GammaGamma(NamedTuple):
    """The three parameters; v is in the unit of money of the data, the others have none."""

    p: float
    q: float
    v: float


@dataclass(frozen=True)
class SpendGroups:
    """Customers alike in repeat orders and (nearly) in mean spend per repeat order, and how many they are.

    mean_spend is the mean and log_spend the mean logarithm over the group's customers; all spend is positive.
    """

    frequency: Floats
    mean_spend: Floats
    log_spend: Floats
    customers: Floats


@dataclass(frozen=True)
class GammaGammaFit:
    """A fit, or why there is none (`parameters` is None and `reason` says what is missing).

    Attributes:
        first_weight: part of a repeat order that a customer's first order counts as, 0 to 1.
    """

    parameters: GammaGamma | None
    standard_errors: GammaGamma | None
    log_likelihood: float | None
    customers: int
    groups: int
    mean_spend: float | None
    passes: int
    converged: bool
    reason: str
    correlation: float | None = None
    correlation_p_value: float | None = None
    first_weight: float = 0.0

    @property
    def note(self) -> str:
        """The reason, and whether the model's assumption holds: spend per order does not go with the number of them."""
        if self.correlation is None or self.correlation_p_value is None:
            return self.reason
        goes = self.correlation_p_value < SURE and abs(self.correlation) >= NOTABLE
        text = (
            f"spend per order {'rises' if self.correlation > 0 else 'falls'} with the number of orders: correlation "
            f"{self.correlation:.2f}, p {self.correlation_p_value:.2g}; Gamma-Gamma takes it as independent"
        )
        return "; ".join(part for part in (self.reason, text if goes else "") if part)


def example_fit() -> GammaGammaFit:
    """A fit for a check of the query that uses one: that of the CDNOW customers in Fader and Hardie's note."""
    return GammaGammaFit(GammaGamma(6.25, 3.74, 15.44), None, None, 946, 946, 35.0, 1, True, "", first_weight=0.5)


def one_group_each(frequency: Floats, mean_spend: Floats) -> SpendGroups:
    """Groups of one customer; those without a repeat order or without positive mean spend are left out."""
    usable = (frequency > 0) & (mean_spend > 0)
    x, spend = frequency[usable].astype(float), mean_spend[usable].astype(float)
    return SpendGroups(x, spend, np.log(spend), np.ones(len(x)))


def fit_gamma_gamma(groups: SpendGroups, min_customers: int) -> GammaGammaFit:
    """Fit by maximum likelihood; never raises on poor data.

    Args:
        groups: only customers with a repeat order and positive mean spend.
        min_customers: with fewer there is no fit, with the reason.

    Returns:
        Parameters and standard errors with v in the money unit of the data; `mean_spend` is the plain mean
        over customers.
    """
    customers, needed = int(groups.customers.sum()), max(min_customers, 2)
    mean_spend = float(groups.customers @ groups.mean_spend) / customers if customers else None
    alike = customers >= needed and bool(np.ptp(groups.mean_spend) == 0)
    wanted = "all with the same mean spend" if alike else f"a fit needs at least {needed}"
    reason = f"{customers} customers ordered again with positive spend; {wanted}"
    nothing = GammaGammaFit(None, None, None, customers, len(groups.frequency), mean_spend, 0, False, reason)
    if mean_spend is None or customers < needed or alike:
        return nothing
    likelihood = GammaGammaLikelihood(groups, mean_spend)
    best = minimise(likelihood.mean_negative, np.log(np.array([2.0, 3.0, 1.0])))
    parameters = np.exp(best.theta) * np.array([1.0, 1.0, mean_spend])
    errors = covariance(best, customers)[1] * parameters
    correlation, p_value = independence(groups)
    return replace(
        nothing,
        parameters=GammaGamma(*parameters.tolist()),
        standard_errors=GammaGamma(*errors.tolist()),
        log_likelihood=-best.value * customers - customers * float(np.log(mean_spend)),
        passes=best.passes,
        converged=best.converged,
        reason=limit_reason(best, GammaGamma._fields),
        correlation=correlation,
        correlation_p_value=p_value,
    )


def independence(groups: SpendGroups) -> tuple[float | None, float | None]:
    """Correlation of repeat orders with the logarithm of mean spend over customers, and its two-sided p-value.

    None where all have the same. The p-value is that of Student's t with customers - 2 degrees of freedom.
    """
    n, x, spend = groups.customers, groups.frequency, groups.log_spend
    count = float(n.sum())
    x, spend = x - (n @ x) / count, spend - (n @ spend) / count
    spreads = float(np.sqrt((n @ x**2) * (n @ spend**2)))
    if count < 3 or not spreads > 0:
        return None, None
    correlation = float(np.clip((n @ (x * spend)) / spreads, -1.0, 1.0))
    slack = max(1.0 - correlation**2, 1e-300)
    return correlation, float(2 * stdtr(count - 2, -abs(correlation) * np.sqrt((count - 2) / slack)))


class GammaGammaLikelihood:
    """Mean negative log-likelihood per customer with gradient and Hessian in log p, q, v; money is scaled."""

    def __init__(self, groups: SpendGroups, money_scale: float) -> None:
        self.customers = float(groups.customers.sum())
        self.x, x_of = np.unique(groups.frequency, return_inverse=True)
        self.n = np.bincount(x_of, groups.customers)
        log_spend = groups.log_spend - np.log(money_scale)
        self.sum_log = float(groups.customers @ log_spend)
        self.sum_x_log = float((groups.customers * groups.frequency) @ log_spend)
        self.x_log_x = float(self.n @ (self.x * np.log(self.x)))
        self.weights = np.stack([groups.customers, groups.customers * groups.frequency])
        self.total = groups.frequency * groups.mean_spend / money_scale

    def mean_negative(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at theta = log of the (scaled) parameters."""
        p, q, v = natural = np.exp(theta)
        n, x = self.n, self.x
        spent = self.total + v
        (log_1, log_x), inverse = self.weights @ np.log(spent), 1.0 / spent
        (inv_1, inv_x), (sq_1, sq_x) = self.weights @ inverse, self.weights @ inverse**2
        count = self.customers
        value = n @ (gammaln(p * x + q) - gammaln(p * x) - gammaln(q)) + count * q * np.log(v)
        value += p * (self.sum_x_log + self.x_log_x - log_x) - self.sum_log - q * log_1
        gradient = np.array(
            [
                n @ (x * (digamma(p * x + q) - digamma(p * x))) + self.sum_x_log + self.x_log_x - log_x,
                n @ (digamma(p * x + q) - digamma(q)) + count * np.log(v) - log_1,
                count * q / v - p * inv_x - q * inv_1,
            ]
        )
        both, alone = polygamma(1, p * x + q), polygamma(1, p * x)
        hessian = np.array(
            [
                [n @ (x**2 * (both - alone)), n @ (x * both), -inv_x],
                [n @ (x * both), n @ (both - polygamma(1, q)), count / v - inv_1],
                [-inv_x, count / v - inv_1, -count * q / v**2 + p * sq_x + q * sq_1],
            ]
        )
        gradient = gradient * natural
        hessian = hessian * np.outer(natural, natural) + np.diag(gradient)
        return -float(value) / count, -gradient / count, -hessian / count


def first_part(fit: GammaGammaFit, frequency: Floats) -> Floats:
    """The part of a repeat order that a first order counts as: the fewer, the more of these there are."""
    return fit.first_weight / (1.0 + frequency)


def spend_spread(fit: GammaGammaFit, frequency: Floats) -> tuple[Floats, float]:
    """Squared relative spreads: of what is not known of a customer's mean spend per order, and of one order around it.

    The mean's own spread exists from shape 2 on; below, that of shape 2.5 stands in.
    """
    if fit.parameters is None:
        return np.full(len(frequency), np.nan), float("nan")
    p, q, _ = fit.parameters
    return 1.0 / np.maximum(p * (frequency + first_part(fit, frequency)) + q - 2.0, 0.5), 1.0 / p


def expected_spend(fit: GammaGammaFit, frequency: Floats, mean_spend: Floats, first_spend: Floats) -> Floats:
    """Expected spend per order of each customer, in the money unit of the fit; NaN without a fit.

    A customer who took everything back has a mean of zero or less: it counts as zero, so they are expected to
    spend less than anyone. A first day that ended at nothing or less says nothing.
    """
    if fit.parameters is None:
        return np.full(len(frequency), np.nan)
    p, q, v = fit.parameters
    first = np.where(first_spend > 0, first_part(fit, frequency), 0.0)
    spent = frequency * np.maximum(mean_spend, 0.0) + first * first_spend
    shape = p * (frequency + first) + q - 1.0
    return p * (v + spent) / (shape if q > 1.0 else np.maximum(shape, p / 2))
