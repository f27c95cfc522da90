"""Parameters of the match model from counts of comparison patterns: expectation maximisation without any truth.

Splink's own sessions train one blocking rule at a time and average; on the sample company that left birth dates with
wrong parameters. Here all sessions share one set of m, each with its own prior for each pair of channels, on counts of
patterns, so that an iteration costs milliseconds. The prior for each pair of channels is kept: bought leads that are
nobody else's customers get no false friends.

Source: Fellegi and Sunter 1969; Winkler 1988 for the EM; pattern counts as in fastLink (Enamorado et al. 2019).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
DEFAULT_PAIRS = 20.0  # the default m counts as this many pairs: a field that never meets itself keeps it
LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Patterns:
    """Counted comparison patterns.

    gamma: one row per pattern, one column per comparison; -1 not known, 0 differs, the highest is equality.
    channels: code of the pair of channels per pattern.
    tf_bits: rounded sum of the term-frequency adjustments.
    count: pairs with that pattern.
    """

    gamma: Integers
    channels: Integers
    tf_bits: Floats
    count: Floats


@dataclass(frozen=True)
class Parameters:
    """m and u per comparison (index = gamma), matches expected per pair of channels."""

    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    matches: Floats


def u_of(patterns: Patterns, levels: list[int]) -> tuple[Floats, ...]:
    """How often two random records agree at each level, from random pairs."""
    seen = [_counts(patterns.gamma[:, i], patterns.count, k) for i, k in enumerate(levels)]
    return tuple(_shares(counts + _strangers(k)) for counts, k in zip(seen, levels, strict=True))


def _strangers(levels: int) -> Floats:
    """What strangers do when a field was hardly ever seen twice: as if this many pairs had been."""
    counts = np.full(levels, 0.5)
    counts[0] = 500.0
    return counts


def default_m(levels: int) -> Floats:
    """Where training starts: mostly equal, sometimes nearly, seldom different."""
    m = np.full(levels, 0.1 / max(levels - 2, 1))
    m[0], m[-1] = 0.1, 0.8
    return _shares(m)


def train(patterns: Patterns, u: tuple[Floats, ...], sessions: list[tuple[int, ...]], possible: Floats,
          iterations: int) -> Parameters:  # fmt: skip
    """Fit m over all sessions together, then the prior of each pair of channels.

    Args:
        patterns: candidate pairs.
        u: from random pairs, kept as it is.
        sessions: comparisons (column numbers) on whose equality a session's pairs were chosen; it trains the others.
        possible: all pairs there are, per pair of channels.
        iterations: passes of each of the two fits.
    """
    m = tuple(default_m(len(levels)) for levels in u)
    parts = [_session(patterns, equal, u) for equal in sessions]
    priors = [np.full(len(possible), 0.3) for _ in parts]
    for _ in range(iterations):
        told = [default_m(len(levels)) * DEFAULT_PAIRS for levels in u]
        for i, (rows, used) in enumerate(parts):
            probability, priors[i] = _expect(rows, m, u, used, priors[i])
            for c in used:
                told[c] = told[c] + _counts(rows.gamma[:, c], rows.count * probability, len(u[c]))
        m = tuple(_shares(levels) for levels in told)
    return Parameters(m, u, _matches(patterns, m, u, possible, iterations))


def _session(patterns: Patterns, equal: tuple[int, ...], u: tuple[Floats, ...]) -> tuple[Patterns, list[int]]:
    chosen = np.all([patterns.gamma[:, c] == len(u[c]) - 1 for c in equal], axis=0)
    used = [c for c in range(patterns.gamma.shape[1]) if c not in equal]
    return Patterns(patterns.gamma[chosen], patterns.channels[chosen], patterns.tf_bits[chosen],
                    patterns.count[chosen]), used  # fmt: skip


def _expect(rows: Patterns, m: tuple[Floats, ...], u: tuple[Floats, ...], used: list[int],
            prior: Floats) -> tuple[Floats, Floats]:  # fmt: skip
    bits = evidence(rows.gamma, m, u, used) + np.log2(prior / (1 - prior))[rows.channels]
    probability = 1 / (1 + np.exp2(-bits))
    matched = np.bincount(rows.channels, rows.count * probability, len(prior)) + 0.01
    pairs = np.bincount(rows.channels, rows.count, len(prior)) + 1
    return probability, np.clip(matched / pairs, LEAST_SHARE, 1 - LEAST_SHARE)


def evidence(gamma: Integers, m: tuple[Floats, ...], u: tuple[Floats, ...], used: list[int]) -> Floats:
    """Sum of log2(m/u) over the comparisons; what is not known says nothing."""
    bits = np.zeros(len(gamma))
    for c in used:
        bits += np.append(np.log2(m[c] / u[c]), 0.0)[gamma[:, c]]  # -1 takes the appended 0
    return bits


def _matches(patterns: Patterns, m: tuple[Floats, ...], u: tuple[Floats, ...], possible: Floats,
             iterations: int) -> Floats:  # fmt: skip
    """Expected matches per pair of channels: the prior that reproduces itself over all candidates."""
    base = evidence(patterns.gamma, m, u, list(range(len(m)))) + patterns.tf_bits
    prior = np.full(len(possible), 1 / max(np.sqrt(2 * possible.sum()), 2.0))
    for i in range(iterations):
        bits = base + np.log2(prior / (1 - prior))[patterns.channels]
        matched = np.bincount(patterns.channels, patterns.count / (1 + np.exp2(-bits)), len(possible))
        if i < 5:  # one prior for all first, or a channel pair with little evidence starts too low
            matched = possible * (matched.sum() / possible.sum())
        prior = np.clip(matched / possible, 1e-9, 0.5)
    return prior * possible


def _counts(gamma: Integers, weight: Floats, levels: int) -> Floats:
    known = gamma >= 0
    return np.bincount(gamma[known], weight[known], levels).astype(np.float64)


def _shares(counts: Floats) -> Floats:
    return np.maximum(counts / counts.sum(), LEAST_SHARE)
