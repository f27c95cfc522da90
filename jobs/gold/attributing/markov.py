"""Removal effects of a Markov chain over paths, of order 1 to 3, solved exactly as a linear system.

Source: Anderl, Becker, von Wangenheim and Schumann (IJRM 2016): a channel's effect is the share of conversions that are
lost when every path that comes to it ends there. States are the last k channels of a path.
"""

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from jobs.gold.attributing.paths import Floats, Ints, Paths

START = 0
COUNTED_UP_TO = 2**24  # codes below this are counted, others are sorted


def removal_effects(paths: Paths, order: int) -> Floats:
    """Of each channel the share of conversions that go without it, 0 to 1; 0 for one without touches."""
    effects = np.zeros(paths.channels)
    if not len(paths.starts):
        return effects
    states, source, target, weight, to_order = _transitions(paths, order)
    whole = _conversion(len(states), source, target, weight, to_order)
    if whole <= 0:
        return effects
    last = states % (paths.channels + 1) - 1  # the channel that a state stands at, -1 for the start
    for channel in np.unique(paths.channel):
        stays = last[target] != channel
        left = _conversion(len(states), source[stays], target[stays], weight[stays], to_order)
        effects[channel] = max(0.0, 1 - left / whole)
    return effects


def _transitions(paths: Paths, order: int) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """The chain: source, target and weight of its moves.

    Returns:
        codes of the states, of which the first is the start; source, target and probability of each move; and, of each
        state, the probability of going over to an order.
    """
    base = paths.channels + 1
    code = np.zeros(len(paths.channel), np.int64)
    place = np.arange(len(paths.channel)) - paths.starts[paths.owner]
    for back in range(order):
        shifted = np.r_[np.zeros(back, np.int64), paths.channel + 1][: len(place)]
        code += np.where(place >= back, shifted, 0) * base**back
    states, at, _ = _different(np.r_[np.int64(START), code])
    at = at[1:]
    before = np.r_[0, at[:-1]]
    before[paths.starts] = START
    moves, _, counts = _different(before * len(states) + at)
    ends = at[paths.starts + paths.lengths - 1]
    orders = np.bincount(ends, paths.is_order, minlength=len(states))
    source, target = moves // len(states), moves % len(states)
    leaving = np.bincount(source, counts, minlength=len(states)) + np.bincount(ends, minlength=len(states))
    return states, source, target, counts / leaving[source], orders / np.maximum(leaving, 1)


def _different(codes: Ints) -> tuple[Ints, Ints, Ints]:
    """The different codes in order, the place of each among them, and how often each of them comes."""
    if codes.max() >= COUNTED_UP_TO:
        found = np.unique(codes, return_inverse=True, return_counts=True)
        return found[0], found[1].astype(np.int64), found[2].astype(np.int64)
    counts = np.bincount(codes)
    different = np.flatnonzero(counts)
    places = np.zeros(len(counts), np.int64)
    places[different] = np.arange(len(different))
    return different, places[codes], counts[different]


def _conversion(n: int, source: Ints, target: Ints, weight: Floats, to_order: Floats) -> float:
    """The probability that a path from the start ends in an order."""
    moves = sparse.csc_matrix((weight, (source, target)), shape=(n, n))
    system = sparse.identity(n, format="csc") - moves
    return float(linalg.spsolve(system, to_order)[START]) if n > 1 else float(to_order[START])
