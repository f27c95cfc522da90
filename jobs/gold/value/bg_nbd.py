"""The BG/NBD and MBG/NBD models of repeat buying: their likelihood with derivatives, on grouped customers.

A customer buys at random times at their own rate (Gamma: r, alpha) and may leave for good after an order with
their own probability (Beta: a, b): in BG/NBD after any repeat order, in MBG/NBD also after the first one, so that
customers who never came back need not be still there. Customers with the same frequency, t_x and t are alike to
the model, so groups with a count carry everything: a million customers are some hundred thousand groups, and the
dear functions are evaluated on the distinct values of each column alone.

Sources: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005); Batislam,
Denizel and Filiztekin, Empirical validation and comparison of models for customer base analysis, International
Journal of Research in Marketing 24 (2007).
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderFit, OrderModel, fit_orders
from jobs.gold.value.purchase_groups import PurchaseGroups, distinct

BLOCK = 2048  # groups worked on at once: they stay in the cache, and too few for BLAS to wake other threads


class BgNbd(NamedTuple):
    """The four parameters; alpha is in the time unit of the data, the others have none."""

    r: float
    alpha: float
    a: float
    b: float


def starts(rate: float) -> list[tuple[float, ...]]:
    """Starting points where rates match the data: much, little and hardly any leaving."""
    return [(1.0, 1.0 / rate, 1.0, 3.0), (0.2, 0.2 / rate, 0.5, 5.0), (3.0, 3.0 / rate, 0.1, 0.5)]


def fit_bg_nbd(groups: PurchaseGroups, min_repeat_customers: int, time_unit: str = "day") -> OrderFit:
    """BG/NBD by `fit_orders`."""
    return fit_orders(BG_NBD, groups, min_repeat_customers, time_unit)


class BgNbdLikelihood:
    """Mean negative log-likelihood per customer with gradient and Hessian in log r, alpha, a, b.

    Time is divided by `time_scale`, so that all four logarithms are of order one. A customer with x repeat orders
    has had x chances to leave, or x + 1 when the first order was one too.
    """

    def __init__(self, groups: PurchaseGroups, time_scale: float, first_chances: int = 0) -> None:
        self.customers = float(groups.customers.sum())
        self.x, x_of = distinct(groups.frequency)
        self.x_customers = np.bincount(x_of, groups.customers)
        self.t, t_of = distinct(groups.t)
        self.t_customers = np.bincount(t_of, groups.customers)
        self.t_orders = np.bincount(t_of, groups.customers * groups.frequency)
        self.t = self.t / time_scale
        self.chances = self.x + first_chances
        again = groups.frequency + first_chances > 0
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
        counts = ((r, x), (b, self.chances), (a + b, self.chances))
        rising_r, rising_b, rising_ab = (n @ (gammaln(c + k) - gammaln(c)) for c, k in counts)
        value = rising_r + rising_b - rising_ab + self.customers * r * np.log(alpha) - shape @ log_time
        of_r, of_b, of_ab = (n @ (digamma(c + k) - digamma(c)) for c, k in counts)
        gradient = np.array(
            [
                of_r + self.customers * np.log(alpha) - self.t_customers @ log_time,
                self.customers * r / alpha - np.sum(shape / open_time),
                -of_ab,
                of_b - of_ab,
            ]
        )
        rr, bb, ab = (n @ (polygamma(1, c + k) - polygamma(1, c)) for c, k in counts)
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
        """What the chance of having left after the last order adds: log(1 + odds), over customers who could."""
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
        self.last_stay = 1.0 / (b + np.maximum(likelihood.chances, 1.0) - 1.0)
        self.log_base = np.log(a * self.last_stay)
        self.since, self.until = 1.0 / (alpha + likelihood.t_x), 1.0 / (alpha + likelihood.t)
        self.log_since, self.log_until = -np.log(self.since), -np.log(self.until)


TIMED = (False, True, False, False)
BG_NBD = OrderModel("bg_nbd", BgNbd, TIMED, starts, BgNbdLikelihood)
MBG_NBD = OrderModel("mbg_nbd", BgNbd, TIMED, starts, partial(BgNbdLikelihood, first_chances=1))
