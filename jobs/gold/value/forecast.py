"""Orders to come of each group of customers, by the model fitted to them: mean and variance of each figure.

Given that a customer still buys, all models know their rate as Gamma(r + x, alpha + t). In (M)BG/NBD the chance to
leave after an order is Beta(a, b + chances had); in Pareto/NBD the rate to leave is Gamma(s, beta + t). The rate at
which orders, and pairs of orders, are expected at an instant ahead is a closed form over the rate to buy; over the
chance to leave a Gauss-Jacobi rule integrates it.

Sources: as of the models; Golub and Welsch (1969) for the rule.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from jobs.gold.value import pareto_nbd
from jobs.gold.value.beta_rule import beta_rule
from jobs.gold.value.figures import Figure, Instants, instants
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.purchase_groups import PurchaseGroups

NODES = 24  # of the chance to leave; with the instants exact to 1e-6 nearby, to 1e-4 at ten times the time observed
CUBE = 1_000_000  # pairs x nodes x instants worked on at once: some 8 MB an array


@dataclass(frozen=True)
class Forecast:
    """For each group (rows) and figure (columns), given that the customer still buys.

    mean: expected orders; variance: of the number of orders; log_spread: variance of log(mean) that comes from not
    knowing the parameters; alive: chance to still buy, and its range's logit error.
    """

    alive: Floats
    alive_error: Floats
    mean: Floats
    variance: Floats
    log_spread: Floats


def forecast(fit: OrderFit, groups: PurchaseGroups, figures: tuple[Figure, ...]) -> Forecast:
    """Forecast groups whose times are in days; the fit must have parameters.

    What is not known of the parameters is carried by sigma points: as many vectors around the optimum as have
    together the mean and covariance of the estimate (Arasaratnam and Haykin, Cubature Kalman Filters, 2009).
    """
    at = instants(figures)
    alive = alive_at(fit.model, fit.parameters, groups)
    mean, second = moments(fit.model, fit.parameters, groups, at)
    around = sigma_points(fit)
    logits, logs = [], []
    for parameters in around:
        logits.append(logit(alive_at(fit.model, parameters, groups)))
        logs.append(np.log(np.maximum(moments(fit.model, parameters, groups, at, pairs=False)[0], 1e-300)))
    spread = (
        np.mean([(logarithm - np.log(np.maximum(mean, 1e-300))) ** 2 for logarithm in logs], axis=0) if around else 0.0
    )
    error = np.sqrt(np.mean([(logarithm - logit(alive)) ** 2 for logarithm in logits], axis=0)) if around else 0.0
    zero = np.zeros_like(mean)
    return Forecast(alive, zero[:, 0] + error, mean, np.maximum(second - mean**2, 0.0), zero + spread)


def logit(chance: Floats) -> Floats:
    """Log odds, finite."""
    inside = np.clip(chance, 1e-12, 1 - 1e-12)
    return np.log(inside) - np.log1p(-inside)


def sigma_points(fit: OrderFit) -> list[Any]:
    """Parameters around the optimum; none where nothing is known of their errors."""
    size = len(fit.covariance)
    free = np.flatnonzero(np.diag(fit.covariance) > 0) if size else np.empty(0, int)
    if not len(free):
        return []
    root = np.linalg.cholesky(fit.covariance[np.ix_(free, free)]) * np.sqrt(len(free))
    points: list[Any] = []
    made: Any = type(fit.parameters)
    for step in (*root.T, *-root.T):
        shift = np.zeros(size)
        shift[free] = np.clip(step, -3.0, 3.0)  # a parameter that the data hardly tell has no normal error
        points.append(made(*(np.array(fit.parameters) * np.exp(shift)).tolist()))
    return points


def alive_at(model: str, parameters: Any, groups: PurchaseGroups) -> Floats:
    """Chance that the customer still buys, 0 to 1."""
    if model == "pareto_nbd":
        return pareto_nbd.probability_alive(parameters, groups)
    r, alpha, a, b = parameters
    x = groups.frequency
    chances = x + (model == "mbg_nbd")
    stays = np.maximum(b + chances - 1.0, np.finfo(float).tiny)
    log_odds = np.log(a / stays) + (r + x) * np.log((alpha + groups.t) / (alpha + groups.t_x))
    return np.where(chances > 0, expit(-log_odds), 1.0)


def moments(
    model: str, parameters: Any, groups: PurchaseGroups, at: Instants, pairs: bool = True
) -> tuple[Floats, Floats]:
    """Mean and second moment of each figure's number of orders, given that the customer still buys."""
    if model == "pareto_nbd":
        r, alpha, s, beta = parameters
        shape, open_time = (r + groups.frequency)[:, None], (alpha + groups.t)[:, None]
        stays = np.exp(-s * np.log1p(at.days / (beta + groups.t)[:, None]))
        rate, pair_rate = shape / open_time, shape * (shape + 1) / open_time**2
        orders = rate * (stays @ at.orders)
        return orders, pair_rate * (stays @ at.pairs) + rate * (stays @ at.squares)
    x_values, x_of = np.unique(groups.frequency, return_inverse=True)
    t_values, t_of = np.unique(groups.t, return_inverse=True)
    keys, pair_of = np.unique(x_of * len(t_values) + t_of, return_inverse=True)
    x_of, t_of = np.divmod(keys, max(len(t_values), 1))
    r, alpha, a, b = parameters
    leaving = (r, alpha, a, b + float(model == "mbg_nbd"))  # MBG/NBD: a customer may also leave before the first order
    mean, second = beta_moments(leaving, x_values, x_of, t_values[t_of], at, pairs)
    return mean[pair_of], second[pair_of]


def beta_moments(
    parameters: Any, x_values: Floats, x_of: Any, t: Floats, at: Instants, pairs: bool
) -> tuple[Floats, Floats]:
    """The same for a chance to leave after each order, once per distinct pair of x and t."""
    r, alpha, a, b = parameters
    rules = [beta_rule(a, b + x, NODES) for x in x_values]
    nodes, weights = (np.array([rule[part] for rule in rules]).reshape(-1, NODES) for part in (0, 1))
    mean, second = np.zeros((len(t), at.orders.shape[1])), np.zeros((len(t), at.orders.shape[1]))
    block = max(1, CUBE // (NODES * len(at.days)))
    for start in range(0, len(t), block):
        some = slice(start, start + block)
        xs, open_time = x_of[some], (alpha + t[some])[:, None]
        shape = (r + x_values[xs])[:, None]
        leave, weight = nodes[xs], weights[xs]
        fall = np.log1p((leave / open_time)[:, :, None] * at.days)
        still = np.exp(-(shape[:, :, None] + 1) * fall)
        rate = shape / open_time * np.einsum("gn,gni->gi", weight, still)
        mean[some] = rate @ at.orders
        if pairs:
            still *= np.exp(-fall)
            pair_rate = shape * (shape + 1) / open_time**2 * np.einsum("gn,gni->gi", weight * (1 - leave), still)
            second[some] = pair_rate @ at.pairs + rate @ at.squares
    return mean, second
