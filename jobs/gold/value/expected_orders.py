"""What the BG/NBD model expects of each kind of customer: still there or not, and how many orders to come.

Given that a customer is still there, their rate is Gamma(r + x, alpha + t) and their chance p to leave after
an order Beta(a, b + x). Over the rate the expectations are closed; over p a Gauss-Jacobi rule integrates them.
The published form with the hypergeometric function is the same number, but divides by a - 1 and overflows
for frequent customers; this one does neither.

Source: Fader, Hardie and Lee (2005), equations 9 and 10; Golub and Welsch (1969) for the rule.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import expit

from jobs.gold.value.bg_nbd import BgNbd, PurchaseGroups
from jobs.gold.value.newton import Floats

OrdersGivenLeaving = Callable[[Floats, Floats, Floats], Floats]

NODES = 48  # orders to come are exact to 1e-10 up to a horizon of 100 times alpha + t
INSTANTS = 16  # Gauss-Legendre instants of the discounted horizon
MOST_PAIRS = 20_000  # pairs of (x, t) worked on at once, so that memory stays at some 10 MB


def probability_alive(parameters: BgNbd, groups: PurchaseGroups) -> Floats:
    """Chance that the customer still buys, 0 to 1; 1 without a repeat order: one leaves only after those."""
    r, alpha, a, b = parameters
    x = groups.frequency
    stays = np.maximum(b + x - 1.0, np.finfo(float).tiny)
    log_odds = np.log(a / stays) + (r + x) * np.log((alpha + groups.t) / (alpha + groups.t_x))
    return np.where(x > 0, expit(-log_odds), 1.0)


def expected_orders(parameters: BgNbd, groups: PurchaseGroups, horizon: float) -> Floats:
    """Orders expected within `horizon` after t (same time unit), the chance to have left included."""

    def orders(shape: Floats, open_time: Floats, leave: Floats) -> Floats:
        return -np.expm1(-shape * np.log1p(leave * horizon / open_time)) / leave

    return probability_alive(parameters, groups) * over_leaving(parameters, groups, orders)


def discounted_orders(parameters: BgNbd, groups: PurchaseGroups, horizon: float, rate: float) -> Floats:
    """Orders expected within `horizon`, each discounted continuously at `rate` per time unit."""
    points, weights = np.polynomial.legendre.leggauss(INSTANTS)
    instants, weights = (points + 1) * horizon / 2, weights * horizon / 2

    def orders(shape: Floats, open_time: Floats, leave: Floats) -> Floats:
        total = np.zeros(np.broadcast_shapes(shape.shape, open_time.shape, leave.shape))
        for instant, weight in zip(instants, weights * np.exp(-rate * instants), strict=True):
            total += weight * shape / open_time * np.exp(-(shape + 1) * np.log1p(leave * instant / open_time))
        return total

    return probability_alive(parameters, groups) * over_leaving(parameters, groups, orders)


def over_leaving(parameters: BgNbd, groups: PurchaseGroups, orders: OrdersGivenLeaving) -> Floats:
    """Mean of orders(shape, open time, chance to leave) over that chance, once per distinct (x, t)."""
    r, alpha, a, b = parameters
    x_values, x_of = np.unique(groups.frequency, return_inverse=True)
    t_values, t_of = np.unique(groups.t, return_inverse=True)
    pairs, pair_of = np.unique(x_of * len(t_values) + t_of, return_inverse=True)
    pair_x, pair_t = np.divmod(pairs, max(len(t_values), 1))
    rules = [beta_rule(a, b + x) for x in x_values]
    nodes, weights = (np.array([rule[part] for rule in rules]).reshape(-1, NODES) for part in (0, 1))
    means = np.empty(len(pairs))
    for start in range(0, len(pairs), MOST_PAIRS):
        some = slice(start, start + MOST_PAIRS)
        xs, ts = pair_x[some], pair_t[some]
        shape, open_time = (r + x_values[xs])[:, None], (alpha + t_values[ts])[:, None]
        means[some] = np.sum(orders(shape, open_time, nodes[xs]) * weights[xs], axis=1)
    return means[pair_of]


def beta_rule(a: float, b: float) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights (summing to 1) that integrate smooth functions over a Beta(a, b) chance."""
    k = np.arange(1, NODES, dtype=float)
    first, second, total = b - 1.0, a - 1.0, a + b - 2.0
    diagonal = np.empty(NODES)
    diagonal[0] = (second - first) / (total + 2.0)
    diagonal[1:] = (second**2 - first**2) / ((2 * k + total) * (2 * k + total + 2))
    squares = np.empty(NODES - 1)
    squares[0] = 4 * (1 + first) * (1 + second) / ((2 + total) ** 2 * (3 + total))
    k = k[1:]
    twice = 2 * k + total
    squares[1:] = 4 * k * (k + first) * (k + second) * (k + total) / (twice**2 * (twice**2 - 1))
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    inside = np.clip((nodes + 1) / 2, np.finfo(float).tiny, 1.0)
    return inside, vectors[0] ** 2
