"""Shapley values of channels: what each adds on average to the sales per path, over all orders in which they may join.

The worth of a set of channels is the sales per path of the paths that touch no other. Source: Shapley (1953);
Dalessandro et al. (ADKDD 2012) for channels as players.
"""

from math import factorial

import numpy as np

from jobs.gold.attributing.paths import Floats, Ints, Paths


def shapley_values(paths: Paths, exact_up_to: int, samples: int, seed: int = 0) -> Floats:
    """The value of each channel; together they are the sales per path of all paths.

    A channel that draws paths without orders may have a value below zero.
    """
    sets, cents, counts = _sets(paths)
    used = np.unique(paths.channel)
    values = np.zeros(paths.channels)
    if not len(used):
        return values
    packed = np.zeros_like(sets)
    for place, channel in enumerate(used):
        packed |= ((sets >> channel) & 1) << place
    if len(used) <= exact_up_to:
        values[used] = _exact(packed, cents, counts, len(used))
    else:
        values[used] = _sampled(packed, cents, counts, len(used), samples, seed)
    return values


def _sets(paths: Paths) -> tuple[Ints, Floats, Floats]:
    """Different sets of channels as bits, with the cents and the count of their paths."""
    if not len(paths.starts):
        none = np.zeros(0)
        return none.astype(np.int64), none, none
    bits = np.bitwise_or.reduceat(np.int64(1) << paths.channel, paths.starts)
    sets, at = np.unique(bits, return_inverse=True)
    return (
        sets,
        np.bincount(at, paths.cents, len(sets)).astype(float),
        np.bincount(at, minlength=len(sets)).astype(float),
    )


def _worth(cents: Floats, counts: Floats) -> Floats:
    return np.divide(cents, counts, out=np.zeros_like(cents), where=counts > 0)


def _exact(sets: Ints, cents: Floats, counts: Floats, n: int) -> Floats:
    """By the worth of all 2^n sets: sums over subsets by the zeta transform, one channel at a time."""
    whole = [np.bincount(sets, weights, minlength=2**n).astype(float) for weights in (cents, counts)]
    every = np.arange(2**n)
    for place in range(n):
        has = (every >> place) & 1 == 1
        for sums in whole:
            sums[has] += sums[every[has] ^ (1 << place)]
    worth = _worth(*whole)
    size = np.array([int(one).bit_count() for one in every])
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    values = np.empty(n)
    for place in range(n):
        without = every[(every >> place) & 1 == 0]
        values[place] = (weight[size[without]] * (worth[without | (1 << place)] - worth[without])).sum()
    return values


def _sampled(sets: Ints, cents: Floats, counts: Floats, n: int, samples: int, seed: int) -> Floats:
    """By drawn orders of joining, each with its reverse: the values add up to the whole for each order."""
    chance, values = np.random.default_rng(seed), np.zeros(n)
    drawn = 0
    for _ in range((samples + 1) // 2):
        one = chance.permutation(n)
        for order in (one, one[::-1]):
            joined = np.bitwise_or.accumulate(np.int64(1) << order.astype(np.int64))
            inside = (sets[None, :] & ~joined[:, None]) == 0
            worth = _worth(inside @ cents, (inside @ counts).astype(float))
            values[order] += np.diff(np.r_[0.0, worth])
            drawn += 1
    return values / drawn
