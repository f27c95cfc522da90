"""Parameters of the match model from counts of comparison patterns: expectation maximisation without any truth.

Splink's own sessions train one blocking rule at a time and average; on the sample company that left birth dates with
wrong parameters. Here all sessions share one set of m, each with its own prior for each pair of channels, on counts of
patterns, so that an iteration costs milliseconds. The prior for each pair of channels is kept: bought leads that are
nobody else's customers get no false friends.

Two records of different things may agree on more than chance gives: people of one home share address, phone and mostly
the family name, people of one town its postcode. Such neighbours are classes of their own (cohorts) beside matches and
random pairs, or else every family would be one person.

Source: Fellegi and Sunter 1969; Winkler 1988 for the EM; pattern counts as in fastLink (Enamorado et al. 2019). The
cohorts are a latent class model, as in Larsen and Rubin 2001.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shares = tuple[Floats, ...]
DEFAULT_PAIRS = 20.0  # the default m counts as this many pairs: a field that never meets itself keeps it
LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Cohort:
    """Neighbours: pairs that are no match and agree on the tied columns as matches do.

    learned: columns on which they agree in a way of their own (the family name of a home).
    """

    name: str
    tied: tuple[int, ...]
    learned: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        """All columns on which they agree more often than by chance."""
        return (*self.tied, *self.learned)


@dataclass(frozen=True)
class Patterns:
    """Counted comparison patterns.

    gamma: one row per pattern, one column per comparison; -1 not known, 0 differs, the highest is equality.
    channels: code of the pair of channels per pattern.
    tf_bits: rounded sum of the term-frequency adjustments.
    count: pairs with that pattern.
    cohort_bits: the same sum over each cohort's columns, one column per cohort.
    """

    gamma: Integers
    channels: Integers
    tf_bits: Floats
    count: Floats
    cohort_bits: Floats | None = None

    def without_frequencies(self) -> "Patterns":
        """Patterns that differ in the frequency of their values alone become one."""
        keys = np.column_stack([self.gamma, self.channels])
        _, first, of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        count = np.bincount(of.ravel(), self.count).astype(np.float64)
        return Patterns(self.gamma[first], self.channels[first], np.zeros(len(first)), count)

    def where(self, chosen: NDArray[np.bool_]) -> "Patterns":
        """Some of the patterns."""
        bits = None if self.cohort_bits is None else self.cohort_bits[chosen]
        return Patterns(self.gamma[chosen], self.channels[chosen], self.tf_bits[chosen], self.count[chosen], bits)


@dataclass(frozen=True)
class Classes:
    """How often pairs agree at each level, per comparison (index = gamma): matches, random pairs, and each cohort."""

    m: Shares
    u: Shares
    cohorts: tuple[Shares, ...] = ()


@dataclass(frozen=True)
class Neighbours:
    """Cohorts that are expected, and random pairs: they tell how common a cohort is that blocking does not look for."""

    cohorts: Sequence[Cohort] = ()
    random_pairs: Patterns | None = None


NO_NEIGHBOURS = Neighbours()


@dataclass(frozen=True)
class Parameters:
    """m and u per comparison (index = gamma), matches expected per pair of channels; per cohort its shares and odds."""

    m: Shares
    u: Shares
    matches: Floats
    cohort_shares: tuple[Shares, ...] = ()
    cohort_bits: Floats | None = None


def u_of(patterns: Patterns, levels: list[int]) -> Shares:
    """How often two random records agree at each level, from random pairs."""
    seen = [_counts(patterns.gamma[:, i], patterns.count, k) for i, k in enumerate(levels)]
    return tuple(_shares(counts + _random_pair_counts(k)) for counts, k in zip(seen, levels, strict=True))


def _random_pair_counts(levels: int) -> Floats:
    """What random pairs do when a field was hardly ever seen twice: as if this many pairs had been."""
    counts = np.full(levels, 0.5)
    counts[0] = 500.0
    return counts


def default_m(levels: int) -> Floats:
    """Where training starts: mostly equal, sometimes nearly, seldom different."""
    m = np.full(levels, 0.1 / max(levels - 2, 1))
    m[0], m[-1] = 0.1, 0.8
    return _shares(m)


def train(
    patterns: Patterns,
    u: Shares,
    sessions: list[tuple[int, ...]],
    possible: Floats,
    iterations: int,
    neighbours: Neighbours = NO_NEIGHBOURS,
) -> Parameters:
    """Fit m over all sessions together, then the prior of each pair of channels.

    Args:
        patterns: candidate pairs.
        u: from random pairs, kept as it is.
        sessions: comparisons (column numbers) on whose equality a session's pairs were chosen; it trains the others.
        possible: all pairs there are, per pair of channels.
        iterations: passes of each of the two fits.
        neighbours: without cohorts the model is the plain one of two classes.
    """
    cohorts, m = neighbours.cohorts, tuple(default_m(len(levels)) for levels in u)
    own: list[dict[int, Floats]] = [{c: default_m(len(u[c])) for c in cohort.learned} for cohort in cohorts]
    plain = patterns.without_frequencies()  # sessions do not look at them
    parts = [_session(plain, equal, u) for equal in sessions]
    priors = [np.full(len(possible), 0.3) for _ in parts]
    near = [np.full(len(cohorts), 0.1) for _ in parts]
    for _ in range(iterations):
        level_counts = [default_m(len(levels)) * DEFAULT_PAIRS for levels in u]
        cohort_counts = [{c: default_m(len(u[c])) * DEFAULT_PAIRS for c in cohort.learned} for cohort in cohorts]
        classes = Classes(m, u, _cohort_shares(cohorts, m, u, own))
        for i, (rows, used) in enumerate(parts):
            probability, of_cohorts, priors[i], near[i] = _expect(rows, classes, used, priors[i], near[i])
            for c in used:
                level_counts[c] = level_counts[c] + _counts(rows.gamma[:, c], rows.count * probability, len(u[c]))
                for k, counts in enumerate(cohort_counts):
                    if c in counts:
                        counts[c] = counts[c] + _counts(rows.gamma[:, c], rows.count * of_cohorts[:, k], len(u[c]))
        m = tuple(_shares(levels) for levels in level_counts)
        own = [{c: _shares(counts) for c, counts in kind.items()} for kind in cohort_counts]
    classes = Classes(m, u, _cohort_shares(cohorts, m, u, own))
    return _with_priors(patterns, classes, possible, iterations, neighbours.random_pairs)


def _cohort_shares(cohorts: Sequence[Cohort], m: Shares, u: Shares, own: list[dict[int, Floats]]) -> tuple[Shares, ...]:
    return tuple(
        tuple(m[c] if c in cohort.tied else own[k].get(c, u[c]) for c in range(len(u)))
        for k, cohort in enumerate(cohorts)
    )


def _session(patterns: Patterns, equal: tuple[int, ...], u: Shares) -> tuple[Patterns, list[int]]:
    chosen = np.all([patterns.gamma[:, c] == len(u[c]) - 1 for c in equal], axis=0)
    used = [c for c in range(patterns.gamma.shape[1]) if c not in equal]
    return patterns.where(chosen), used


def _expect(
    rows: Patterns, classes: Classes, used: list[int], prior: Floats, near: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Probability of a match and of each cohort per pattern, and the priors that follow."""
    strange = np.maximum(1 - prior - near.sum(), 0.05)[rows.channels]
    u = classes.u
    match_odds = np.exp2(evidence(rows.gamma, classes.m, u, used)) * prior[rows.channels] / strange
    near_odds = (
        np.stack(
            [np.exp2(evidence(rows.gamma, s, u, used)) * n for s, n in zip(classes.cohorts, near, strict=True)], axis=1
        )
        / strange[:, None]
        if len(near)
        else np.zeros((len(strange), 0))
    )
    total = 1 + match_odds + near_odds.sum(axis=1)
    probability, neighbours = match_odds / total, near_odds / total[:, None]
    matched = np.bincount(rows.channels, rows.count * probability, len(prior)) + 0.01
    pairs = np.bincount(rows.channels, rows.count, len(prior)) + 1
    neighbour_counts = (rows.count[:, None] * neighbours).sum(axis=0) + 0.01
    limits = LEAST_SHARE, 1 - LEAST_SHARE
    return (
        probability,
        neighbours,
        np.clip(matched / pairs, *limits),
        np.clip(neighbour_counts / (rows.count.sum() + 1), *limits),
    )


def evidence(gamma: Integers, m: Shares, u: Shares, used: Sequence[int]) -> Floats:
    """Sum of log2(m/u) over the comparisons; what is not known says nothing."""
    bits = np.zeros(len(gamma))
    for c in used:
        bits += np.append(np.log2(m[c] / u[c]), 0.0)[gamma[:, c]]  # -1 takes the appended 0
    return bits


def _with_priors(
    patterns: Patterns, classes: Classes, possible: Floats, iterations: int, random_pairs: Patterns | None
) -> Parameters:
    """Expected matches per pair of channels, and how common each cohort is: what reproduces itself over all pairs."""
    m, u, shares = classes.m, classes.u, classes.cohorts
    base = evidence(patterns.gamma, m, u, range(len(m))) + patterns.tf_bits
    near = _neighbour_bits(patterns, classes)
    prior = np.full(len(possible), 1 / max(np.sqrt(2 * possible.sum()), 2.0))
    odds = np.full(len(shares), prior[0])
    least = _shares_among_random_pairs(random_pairs, classes, iterations)
    for i in range(iterations):
        match_odds = np.exp2(base + np.log2(prior / (1 - prior))[patterns.channels])
        near_odds = np.exp2(near) * odds
        total = 1 + match_odds + near_odds.sum(axis=1)
        matched = np.bincount(patterns.channels, patterns.count * match_odds / total, len(possible))
        if i < 5:  # one prior for all first, or a channel pair with little evidence starts too low
            matched = possible * (matched.sum() / possible.sum())
        prior = np.clip(matched / possible, 1e-9, 0.5)
        neighbour_shares = (patterns.count[:, None] * near_odds / total[:, None]).sum(axis=0) / possible.sum()
        odds = np.clip(np.maximum(neighbour_shares, least), 1e-12, 0.5)
    return Parameters(m, u, prior * possible, shares, np.log2(odds))


def _neighbour_bits(patterns: Patterns, classes: Classes) -> Floats:
    bits = np.zeros((len(patterns.count), len(classes.cohorts)))
    for k, own in enumerate(classes.cohorts):
        bits[:, k] = evidence(patterns.gamma, own, classes.u, range(len(own)))
        if patterns.cohort_bits is not None:
            bits[:, k] += patterns.cohort_bits[:, k]
    return bits


def _shares_among_random_pairs(random_pairs: Patterns | None, classes: Classes, iterations: int) -> Floats:
    """How common each cohort is among random pairs; nearly 0 where fewer than ten of them can be seen."""
    if random_pairs is None or not classes.cohorts:
        return np.zeros(len(classes.cohorts))
    near = _neighbour_bits(random_pairs, classes)
    matched = evidence(random_pairs.gamma, classes.m, classes.u, range(len(classes.m))) + random_pairs.tf_bits
    odds, pairs = np.full(len(classes.cohorts) + 1, 1e-4), random_pairs.count.sum()
    for _ in range(iterations):
        all_odds = np.exp2(np.column_stack([near, matched])) * odds
        class_counts = (random_pairs.count[:, None] * all_odds / (1 + all_odds.sum(axis=1))[:, None]).sum(axis=0)
        odds = np.maximum(class_counts / pairs, 1e-9)
    return np.where(odds[:-1] * pairs >= 10, odds[:-1], 0.0)


def _counts(gamma: Integers, weight: Floats, levels: int) -> Floats:
    known = gamma >= 0
    return np.bincount(gamma[known], weight[known], levels).astype(np.float64)


def _shares(counts: Floats) -> Floats:
    shares: Floats = np.maximum(counts / counts.sum(), LEAST_SHARE)
    return shares
