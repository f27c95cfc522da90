"""Shapley values of channels: what each adds on average to the sales per path, over all orders in which they may join.

The worth of a set of channels is the sales per path of the paths that touch no other. Source: Shapley (1953);
Dalessandro et al. (ADKDD 2012) for channels as players.
"""

from math import factorial

import numpy as np

from jobs.gold.attributing.paths import Floats, Ints, Paths

WORD = 62  # channels in a word of bits


def shapley_values(paths: Paths, exact_up_to: int, samples: int, seed: int = 0) -> Floats:
    """The value of each channel; together they are the sales per path of all paths.

    A channel that draws paths without orders may have a value below zero.
    """
    used = np.unique(paths.channel)
    values = np.zeros(paths.channels)
    if not len(used):
        return values
    sets, cents, counts = _sets(paths, used)
    if len(used) <= min(exact_up_to, WORD):
        values[used] = _exact(sets[:, 0], cents, counts, len(used))
    else:
        values[used] = _sampled(sets, cents, counts, len(used), samples, seed)
    return values


def _sets(paths: Paths, used: Ints) -> tuple[Ints, Floats, Floats]:
    """Different sets of the used channels as bits of as many words as it takes; cents and count of their paths."""
    place = np.searchsorted(used, paths.channel)
    words = [
        np.bitwise_or.reduceat(np.where(place // WORD == word, np.int64(1) << (place % WORD), 0), paths.starts)
        for word in range((len(used) - 1) // WORD + 1)
    ]
    if len(words) == 1:
        sets, at = np.unique(words[0], return_inverse=True)
        sets = sets[:, None]
    else:
        sets, at = np.unique(np.stack(words, axis=1), axis=0, return_inverse=True)
    at = at.ravel()
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
    """By drawn orders of joining, each with its reverse: the values add up to the whole for each order.

    A set is whole once the last of its channels has joined.
    """
    every = np.arange(n)
    owner, member = np.nonzero((sets[:, every // WORD] >> (every % WORD)) & 1)
    starts = np.searchsorted(owner, np.arange(len(sets)))
    chance, values = np.random.default_rng(seed), np.zeros(n)
    pairs, turn = (samples + 1) // 2, np.empty(n, np.int64)
    for _ in range(pairs):
        one = chance.permutation(n)
        for order in (one, one[::-1]):
            turn[order] = every
            last = np.maximum.reduceat(turn[member], starts)
            inside = [np.cumsum(np.bincount(last, weights, n)).astype(float) for weights in (cents, counts)]
            worth = _worth(inside[0], inside[1])
            values[order] += np.diff(np.r_[0.0, worth])
    return values / (2 * pairs)
