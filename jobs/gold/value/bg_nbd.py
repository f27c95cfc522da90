"""The BG/NBD model of repeat buying, fitted by maximum likelihood on grouped customers.

A customer buys at random times at their own rate (Gamma: r, alpha) and may leave for good after any repeat
order with their own probability (Beta: a, b). Customers with the same frequency, t_x and t are alike to the
model, so groups with a count carry everything: a million customers are some hundred thousand groups, and the
dear functions are evaluated on the distinct values of each column alone.

Source: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from jobs.gold.value.newton import Floats, Optimum, minimise, standard_errors

Ints = NDArray[np.int64]

BLOCK = 2048  # groups worked on at once: they stay in the cache, and too few for BLAS to wake other threads
MOST_COUNTED = 1_000_000  # whole numbers up to this are counted instead of sorted


class BgNbd(NamedTuple):
    """The four parameters; alpha is in the time unit of the data, the others have none."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class PurchaseGroups:
    """Customers alike in repeat orders, time of the last one and time observed, and how many they are.

    frequency counts repeat orders (the first is none); t_x and t are times since the first order, t_x <= t.
    """

    frequency: Floats
    t_x: Floats
    t: Floats
    customers: Floats


@dataclass(frozen=True)
class BgNbdFit:
    """A fit, or why there is none (`parameters` is None and `reason` says what is missing)."""

    parameters: BgNbd | None
    standard_errors: BgNbd | None
    log_likelihood: float | None
    customers: int
    repeat_customers: int
    groups: int
    passes: int
    converged: bool
    reason: str
    time_unit: str = "day"


def grouped_by_day(frequency: Ints, t_x_days: Ints, t_days: Ints) -> PurchaseGroups:
    """Count customers per distinct (frequency, t_x_days, t_days); three arrays, one entry a customer."""
    if not len(frequency):
        nothing = np.empty(0)
        return PurchaseGroups(nothing, nothing, nothing, nothing)
    span = int(t_days.max()) + 1
    keys = (frequency * span + t_x_days) * span + t_days
    keys.sort()
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    counts = np.diff(np.append(first, len(keys)))
    rest, t = np.divmod(keys[first], span)
    x, t_x = np.divmod(rest, span)
    return PurchaseGroups(x.astype(float), t_x.astype(float), t.astype(float), counts.astype(float))


def fit_bg_nbd(groups: PurchaseGroups, min_repeat_customers: int, time_unit: str = "day") -> BgNbdFit:
    """Fit by maximum likelihood; never raises on poor data.

    Args:
        groups: times in `time_unit`.
        min_repeat_customers: with fewer customers who came back there is no fit, with the reason.
    Returns:
        Parameters and standard errors with alpha in `time_unit`; the log-likelihood is of data in that unit.
    """
    customers = int(groups.customers.sum())
    repeat = int(groups.customers[groups.frequency > 0].sum())
    time_scale = float(np.sum(groups.customers * groups.t)) / customers if customers else 0.0
    needed = max(min_repeat_customers, 1)
    reason = f"{repeat} of {customers} customers ordered again; a fit needs at least {needed}"
    nothing = BgNbdFit(None, None, None, customers, repeat, len(groups.t), 0, False, reason, time_unit)
    if repeat < needed or not time_scale > 0:
        return nothing
    likelihood = BgNbdLikelihood(groups, time_scale)
    best = best_optimum(likelihood)
    scale = np.array([1.0, time_scale, 1.0, 1.0])
    parameters = np.exp(best.theta) * scale
    errors = standard_errors(best, customers) * parameters
    orders = float(np.sum(groups.customers * groups.frequency))
    return replace(
        nothing,
        parameters=BgNbd(*parameters.tolist()),
        standard_errors=BgNbd(*errors.tolist()),
        log_likelihood=-best.value * customers - orders * float(np.log(time_scale)),
        passes=best.passes,
        converged=best.converged,
        reason=limit_reason(best, BgNbd._fields),
    )


def limit_reason(best: Optimum, names: tuple[str, ...]) -> str:
    """What a reader should know of a fit that ended on the edge or did not settle; empty when all is well."""
    edge = [name for name, at_limit in zip(names, best.at_limit, strict=True) if at_limit]
    if edge:
        return f"{', '.join(edge)} ran to the limit: the data do not tell customers apart in it"
    return "" if best.converged else f"not settled after {best.passes} passes"


def best_optimum(likelihood: "BgNbdLikelihood") -> Optimum:
    """One search from where rates match the data; more from afar when it ends on the edge or unsettled."""
    rate = likelihood.mean_frequency
    starts = [(1.0, 1.0 / rate, 1.0, 3.0), (0.2, 0.2 / rate, 0.5, 5.0), (3.0, 3.0 / rate, 0.1, 0.5)]
    found: list[Optimum] = []
    for start in starts:
        found.append(minimise(likelihood.mean_negative, np.log(np.array(start))))
        if found[-1].converged and not found[-1].at_limit.any():
            break
    return min(found, key=lambda optimum: optimum.value)


class BgNbdLikelihood:
    """Mean negative log-likelihood per customer with gradient and Hessian in log r, alpha, a, b.

    Time is divided by `time_scale`, so that all four logarithms are of order one.
    """

    def __init__(self, groups: PurchaseGroups, time_scale: float) -> None:
        self.customers = float(groups.customers.sum())
        self.mean_frequency = float(np.sum(groups.customers * groups.frequency)) / self.customers
        self.x, x_of = distinct(groups.frequency)
        self.x_customers = np.bincount(x_of, groups.customers)
        self.t, t_of = distinct(groups.t)
        self.t_customers = np.bincount(t_of, groups.customers)
        self.t_orders = np.bincount(t_of, groups.customers * groups.frequency)
        self.t = self.t / time_scale
        again = groups.frequency > 0
        t_x, t_x_of = distinct(groups.t_x[again])
        self.t_x = t_x / time_scale
        self.repeat = (x_of[again], t_x_of, t_of[again], groups.customers[again])

    def mean_negative(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at theta = log of the (scaled) parameters."""
        natural = np.exp(theta)
        value, gradient, hessian = self.counting(*natural)
        left_value, left_gradient, left_hessian = self.leaving(*natural)
        value, gradient, hessian = value + left_value, gradient + left_gradient, hessian + left_hessian
        gradient = gradient * natural
        hessian = hessian * np.outer(natural, natural) + np.diag(gradient)
        return -value / self.customers, -gradient / self.customers, -hessian / self.customers

    def counting(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Floats, Floats]:
        """Log-likelihood of customers as if none had left: sums over distinct x and distinct t alone."""
        n, x, open_time = self.x_customers, self.x, alpha + self.t
        log_time = np.log(open_time)
        shape = self.t_customers * r + self.t_orders
        rising_r, rising_b, rising_ab = (n @ (gammaln(c + x) - gammaln(c)) for c in (r, b, a + b))
        value = rising_r + rising_b - rising_ab + self.customers * r * np.log(alpha) - shape @ log_time
        of_r, of_b, of_ab = (n @ (digamma(c + x) - digamma(c)) for c in (r, b, a + b))
        gradient = np.array(
            [
                of_r + self.customers * np.log(alpha) - self.t_customers @ log_time,
                self.customers * r / alpha - np.sum(shape / open_time),
                -of_ab,
                of_b - of_ab,
            ]
        )
        rr, bb, ab = (n @ (polygamma(1, c + x) - polygamma(1, c)) for c in (r, b, a + b))
        r_alpha = self.customers / alpha - np.sum(self.t_customers / open_time)
        alpha_alpha = -self.customers * r / alpha**2 + np.sum(shape / open_time**2)
        hessian = np.array(
            [
                [rr, r_alpha, 0.0, 0.0],
                [r_alpha, alpha_alpha, 0.0, 0.0],
                [0.0, 0.0, -ab, -ab],
                [0.0, 0.0, -ab, bb - ab],
            ]
        )
        return float(value), gradient, hessian

    def leaving(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Floats, Floats]:
        """What the chance of having left after the last order adds: log(1 + odds), over repeat customers."""
        once = OncePerValue(self, r, alpha, a, b)
        value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
        for start in range(0, len(self.repeat[0]), BLOCK):
            x_of, t_x_of, t_of, customers = (column[start : start + BLOCK] for column in self.repeat)
            shape, last_stay = once.shape[x_of], once.last_stay[x_of]
            silence = once.log_until[t_of] - once.log_since[t_x_of]
            log_odds = once.log_base[x_of] + shape * silence
            tail = np.exp(-np.abs(log_odds))
            value += float(customers @ (np.maximum(log_odds, 0.0) + np.log1p(tail)))
            left = np.where(log_odds >= 0, 1.0, tail) / (1.0 + tail)
            by_alpha = once.until[t_of] - once.since[t_x_of]
            slopes = np.stack([silence, shape * by_alpha, np.full_like(silence, 1.0 / a), -last_stay])
            weight = customers * left
            gradient += slopes @ weight
            hessian += (slopes * (weight * (1.0 - left))) @ slopes.T
            bends = np.stack([by_alpha, shape * (once.since[t_x_of] ** 2 - once.until[t_of] ** 2), last_stay**2])
            r_alpha, alpha_alpha, b_b = bends @ weight
            hessian += [[0, r_alpha, 0, 0], [r_alpha, alpha_alpha, 0, 0], [0, 0, 0, 0], [0, 0, 0, b_b]]
        hessian[2, 2] -= gradient[2] / a
        return value, gradient, hessian


class OncePerValue:
    """The logarithms and quotients that depend on one column alone, evaluated once per distinct value."""

    def __init__(self, likelihood: BgNbdLikelihood, r: float, alpha: float, a: float, b: float) -> None:
        self.shape = r + likelihood.x
        self.last_stay = 1.0 / (b + np.maximum(likelihood.x, 1.0) - 1.0)
        self.log_base = np.log(a * self.last_stay)
        self.since, self.until = 1.0 / (alpha + likelihood.t_x), 1.0 / (alpha + likelihood.t)
        self.log_since, self.log_until = -np.log(self.since), -np.log(self.until)


def distinct(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values in order, and for each entry the position of its value."""
    whole = values.astype(np.int64)
    if not len(values) or whole.max() > MOST_COUNTED or (whole != values).any():
        return np.unique(values, return_inverse=True)
    present = np.bincount(whole) > 0
    return np.flatnonzero(present).astype(float), (np.cumsum(present) - 1)[whole]
