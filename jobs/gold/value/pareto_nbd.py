"""The Pareto/NBD model of repeat buying: its likelihood with derivatives, on grouped customers.

A customer buys at random times at their own rate (Gamma: r, alpha) and leaves for good at a random time by their
own rate (Gamma: s, beta), whether they order or not. The chance to have left at some instant between the last
order and now is an integral that the paper writes with hypergeometric functions, which overflow and cancel. Here it
is a sum over instants of positive terms in logarithms; an instant and "still there" together are the outcomes of one
distribution, whose means give value, gradient and Hessian.

Source: Schmittlein, Morrison and Colombo, Counting Your Customers, Management Science 33 (1987); parameters as in
Fader and Hardie, A Note on Deriving the Pareto/NBD Model (2005).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderModel
from jobs.gold.value.purchase_groups import PurchaseGroups, distinct

INSTANTS = 32  # Gauss-Legendre instants of having left; the likelihood is exact to 1e-10 with them
NEGLIGIBLE = 40.0  # instants after which the integrand has fallen by e to this power are left out
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(INSTANTS)
POINTS, LOG_WEIGHTS = (_NODES + 1) / 2, np.log(_WEIGHTS / 2)
BLOCK = 256  # groups worked on at once, so that their instants stay in the cache


class ParetoNbd(NamedTuple):
    """The four parameters; alpha and beta are in the time unit of the data, the others have none."""

    r: float
    alpha: float
    s: float
    beta: float


class Outcomes:
    """When each group's customers may have left, the last column being that they have not, and how likely each is.

    time: (groups, INSTANTS + 1), the instant or now; share: the same form, rows summing to 1; log_total: (groups,),
    logarithm of the sum before it was made 1.
    """

    def __init__(self, parameters: ParetoNbd, x: Floats, t_x: Floats, t: Floats) -> None:
        r, alpha, s, beta = parameters
        self.left = np.append(np.ones(INSTANTS), 0.0)
        self.time, log_width = instants(parameters, x, t_x, t)
        self.open_buying, self.open_leaving = alpha + self.time, beta + self.time
        self.log_buying, self.log_leaving = np.log(self.open_buying), np.log(self.open_leaving)
        log_share = log_width - (r + x)[:, None] * self.log_buying - (s + self.left) * self.log_leaving
        log_share += self.left * np.log(s)
        top = log_share.max(axis=1, keepdims=True)
        share = np.exp(log_share - top)
        total = share.sum(axis=1, keepdims=True)
        self.share = share / total
        self.log_total = (top + np.log(total))[:, 0]


def instants(parameters: ParetoNbd, x: Floats, t_x: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Instants from t_x to t and logarithms of their weights; the last column is t itself with weight 1.

    They are even in log(m + time), m the smaller of alpha and beta: there the integrand falls at least as fast as at
    its start, which tells where it can be cut off, and has no singularity nearby.
    """
    r, alpha, s, beta = parameters
    m = min(alpha, beta)
    fall = ((r + x) / (alpha + t_x) + (s + 1) / (beta + t_x)) * (m + t_x) - 1.0
    span = np.minimum(np.log((m + t) / (m + t_x)), NEGLIGIBLE / np.maximum(fall, 1e-9))
    shifted = (m + t_x)[:, None] * np.exp(span[:, None] * POINTS)
    log_width = np.log(shifted) + np.log(np.maximum(span, 1e-300))[:, None] + LOG_WEIGHTS
    now = np.zeros((len(t), 1))
    return np.hstack([shifted - m, t[:, None]]), np.hstack([log_width, now])


class ParetoNbdLikelihood:
    """Mean negative log-likelihood per customer with gradient and Hessian in log r, alpha, s, beta.

    Time is divided by `time_scale`, so that all four logarithms are of order one.
    """

    def __init__(self, groups: PurchaseGroups, time_scale: float) -> None:
        self.customers = float(groups.customers.sum())
        self.x, x_of = distinct(groups.frequency)
        self.x_customers = np.bincount(x_of, groups.customers)
        self.columns = (groups.frequency, groups.t_x / time_scale, groups.t / time_scale, groups.customers)

    def mean_negative(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at theta = log of the (scaled) parameters."""
        natural = np.exp(theta)
        value, gradient, hessian = self.shared(*natural)
        for start in range(0, len(self.columns[0]), BLOCK):
            some = [column[start : start + BLOCK] for column in self.columns]
            more = self.leaving(ParetoNbd(*natural), *some)
            value, gradient, hessian = value + more[0], gradient + more[1], hessian + more[2]
        gradient = gradient * natural
        hessian = hessian * np.outer(natural, natural) + np.diag(gradient)
        return -value / self.customers, -gradient / self.customers, -hessian / self.customers

    def shared(self, r: float, alpha: float, s: float, beta: float) -> tuple[float, Floats, Floats]:
        """What depends on nobody's times."""
        n, x, count = self.x_customers, self.x, self.customers
        value = n @ (gammaln(r + x) - gammaln(r)) + count * (r * np.log(alpha) + s * np.log(beta))
        gradient = np.array(
            [
                n @ (digamma(r + x) - digamma(r)) + count * np.log(alpha),
                count * r / alpha,
                count * np.log(beta),
                count * s / beta,
            ]
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = n @ (polygamma(1, r + x) - polygamma(1, r))
        hessian[0, 1] = hessian[1, 0] = count / alpha
        hessian[2, 3] = hessian[3, 2] = count / beta
        hessian[1, 1], hessian[3, 3] = -count * r / alpha**2, -count * s / beta**2
        return float(value), gradient, hessian

    def leaving(
        self, parameters: ParetoNbd, x: Floats, t_x: Floats, t: Floats, customers: Floats
    ) -> tuple[float, Floats, Floats]:
        """The sum over outcomes; its derivatives are means and covariances of those of its terms."""
        r, _, s, _ = parameters
        seen = Outcomes(parameters, x, t_x, t)
        shape, per_buying, per_leaving = (r + x)[:, None], 1.0 / seen.open_buying, 1.0 / seen.open_leaving
        slopes = np.stack(
            [-seen.log_buying, -shape * per_buying, seen.left / s - seen.log_leaving, -(s + seen.left) * per_leaving]
        )
        weight = customers[:, None] * seen.share
        means = (slopes * seen.share).sum(axis=2)
        flat = slopes.reshape(4, -1)
        hessian = (flat * weight.ravel()) @ flat.T - (means * customers) @ means.T
        r_alpha, s_beta = -np.sum(weight * per_buying), -np.sum(weight * per_leaving)
        hessian[0, 1] += r_alpha
        hessian[1, 0] += r_alpha
        hessian[2, 3] += s_beta
        hessian[3, 2] += s_beta
        hessian[1, 1] += np.sum(weight * shape * per_buying**2)
        hessian[2, 2] -= np.sum(weight * seen.left) / s**2
        hessian[3, 3] += np.sum(weight * (s + seen.left) * per_leaving**2)
        return float(customers @ seen.log_total), means @ customers, hessian


def probability_alive(parameters: ParetoNbd, groups: PurchaseGroups) -> Floats:
    """Chance that the customer still buys, 0 to 1."""
    alive = np.empty(len(groups.t))
    for start in range(0, len(alive), BLOCK):
        some = groups.some(slice(start, start + BLOCK))
        alive[start : start + BLOCK] = Outcomes(parameters, some.frequency, some.t_x, some.t).share[:, -1]
    return alive


def starts(rate: float) -> list[tuple[float, ...]]:
    """Starting points where rates match the data: much, little and hardly any leaving."""
    return [(1.0, 1.0 / rate, 1.0, 1.0), (0.3, 0.3 / rate, 0.3, 0.5), (3.0, 3.0 / rate, 0.5, 5.0)]


PARETO_NBD = OrderModel("pareto_nbd", ParetoNbd, (False, True, False, True), starts, ParetoNbdLikelihood)
