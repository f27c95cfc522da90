"""The Gauss-Jacobi rule over a chance that is Beta distributed.

The hypergeometric functions of the papers are such integrals; in that form they divide by a - 1 and overflow for
frequent customers, and as a rule they do neither.
"""

import numpy as np
from scipy.linalg import eigh_tridiagonal

from jobs.gold.value.newton import Floats


def beta_rule(a: float, b: float, nodes: int) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights (summing to 1) that integrate smooth functions over a Beta(a, b) chance.

    Source: Golub and Welsch, Calculation of Gauss Quadrature Rules, Mathematics of Computation 23 (1969).
    """
    k = np.arange(1, nodes, dtype=float)
    first, second, total = b - 1.0, a - 1.0, a + b - 2.0
    diagonal = np.empty(nodes)
    diagonal[0] = (second - first) / (total + 2.0)
    diagonal[1:] = (second**2 - first**2) / ((2 * k + total) * (2 * k + total + 2))
    squares = np.empty(nodes - 1)
    squares[0] = 4 * (1 + first) * (1 + second) / ((2 + total) ** 2 * (3 + total))
    k = k[1:]
    twice = 2 * k + total
    squares[1:] = 4 * k * (k + first) * (k + second) * (k + total) / (twice**2 * (twice**2 - 1))
    places, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    inside = np.clip((places + 1) / 2, np.finfo(float).tiny, 1.0)
    return inside, vectors[0] ** 2
