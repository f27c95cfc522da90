"""How far a column moves by itself between two dates: a tenure grows every month, a season comes and goes."""

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import metrics

Floats = NDArray[np.float64]
MOST_PAIRS, MOST_MOMENTS = 12, 400


def largest(values: Floats, moments: Floats, pairs: list[tuple[float, float]]) -> float:
    """The largest PSI of a column between two moments."""
    moved = [metrics.psi(values[moments == older], values[moments == newer]) for older, newer in pairs]
    return max(moved, default=0.0)


def pairs_of(moments: Floats, horizon_days: int) -> list[tuple[float, float]]:
    """Pairs of moments so far apart as a champion's examples are behind tonight's: one to two horizons and a bit."""
    known = np.unique(moments)
    least, most = max(horizon_days, 1), 2 * max(horizon_days, 1) + 31
    if not 2 < len(known) < MOST_MOMENTS:
        return []
    pairs = [(one, other) for one in known for other in known if least <= other - one <= most]
    return pairs[:: max(1, -(-len(pairs) // MOST_PAIRS))]
