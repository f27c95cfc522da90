"""Shares of an order by rule: first, last, linear, position and time decay."""

import numpy as np

from jobs.gold.attributing.paths import Floats, Ints, Paths


def credits_by_rule(paths: Paths, position_ends: float, half_life_days: float) -> dict[str, Floats]:
    """Model -> cents of each channel, as fractions of cents; each path's shares add up to its order."""
    n, lengths, owner = paths.channels, paths.lengths, paths.owner
    cents = paths.cents.astype(float)
    if not len(lengths):
        return {name: np.zeros(n) for name in ("first", "last", "linear", "position", "time_decay")}
    ends = paths.starts + lengths - 1
    return {
        "first": _summed(paths.channel[paths.starts], cents, n),
        "last": _summed(paths.channel[ends], cents, n),
        "linear": _summed(paths.channel, (cents / lengths)[owner], n),
        "position": _summed(paths.channel, _positions(paths, position_ends) * cents[owner], n),
        "time_decay": _summed(paths.channel, _decayed(paths, half_life_days) * cents[owner], n),
    }


def _summed(channel: Ints, weight: Floats, n: int) -> Floats:
    return np.bincount(channel, weight, minlength=n).astype(float)


def _positions(paths: Paths, ends: float) -> Floats:
    """The first and the last touch have `ends` each, those between share the rest; of two each has a half."""
    lengths, owner = paths.lengths, paths.owner
    between = np.where(lengths > 2, (1 - 2 * ends) / np.maximum(lengths - 2, 1), 0.0)[owner]
    outer = np.where(lengths > 2, ends, np.where(lengths == 2, 0.5, 1.0))
    between[paths.starts] = outer
    between[paths.starts + lengths - 1] = outer
    return between


def _decayed(paths: Paths, half_life_days: float) -> Floats:
    """Weights that halve with each half-life, made to add up to one per path."""
    newest = np.minimum.reduceat(paths.age, paths.starts)[paths.owner]  # keeps old paths from vanishing
    weight = 0.5 ** ((paths.age - newest) / half_life_days)
    return weight / np.add.reduceat(weight, paths.starts)[paths.owner]
