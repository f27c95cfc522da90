"""What a common word, a common number or a near price says, learned from the pairs that the lists give away.

Pairs that are assigned to each other count as right by their probability; whom their records would have gone to
otherwise are wrong. A logistic regression on both weighs what is compared; better weights give better pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from jobs.identity.text_lists import assignment, chances
from jobs.identity.text_lists.assignment import NOBODY, Floats, Integers, Pairs

ROUNDS = 4
LEAST_RIGHT = 20.0  # expected right pairs from which on weights are learned
PULL = 0.02  # towards the plain mean of what is compared: weights must earn their distance


@dataclass(frozen=True)
class Partners:
    """Numbers of the assigned pairs, how likely each is right, how many there should be, what all candidates score."""

    pairs: Integers
    probability: Floats
    expected_pairs: float
    score: Floats


def learned(pairs: Pairs, features: Floats, start: Floats) -> Partners:
    """Partners of two lists without doubles.

    Args:
        features: one row per candidate pair; start: score to begin with, one per pair.
    """
    partners = _partners(pairs, start)
    scaled = (features - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-9)
    for _ in range(ROUNDS):
        if partners.probability.sum() < LEAST_RIGHT:
            break
        partners = _partners(pairs, _rescored(pairs, scaled, partners))
    return partners


def _partners(pairs: Pairs, score: Floats) -> Partners:
    pair_of = assignment.assigned(pairs, score)
    numbers = np.unique(pair_of[pair_of != NOBODY])
    second, third = assignment.next_best(pairs, score, pair_of)
    # a pair by chance had the choice of both sides: the better of both records' next best is like it
    both = [_score(score, ends) for ends in (second, third)]
    ends = pairs.left[numbers], pairs.right[numbers]
    stronger = np.where(_first(both[0][ends[0]]) >= _first(both[0][ends[1]]), ends[0], ends[1])
    alone = min(pairs.sizes) - len(numbers)
    sure, should_be = chances.right(score[numbers], both[0][stronger], both[1][stronger], alone)
    return Partners(numbers, sure, should_be, score)


def _first(values: Floats) -> Floats:
    return np.where(np.isnan(values), -np.inf, values)


def _score(score: Floats, numbers: Integers) -> Floats:
    return np.where(numbers == NOBODY, np.nan, score[numbers])


def _rescored(pairs: Pairs, scaled: Floats, partners: Partners) -> Floats:
    """Scores in log odds by weights that tell right pairs from the next best."""
    pair_of = assignment.assigned(pairs, partners.score)
    certain = np.zeros(len(partners.score))
    certain[partners.pairs] = partners.probability
    second, _ = assignment.next_best(pairs, partners.score, pair_of)
    has_next = np.flatnonzero(second != NOBODY)
    rows = np.concatenate([partners.pairs, partners.pairs, second[has_next]])
    label = np.concatenate([np.ones(len(partners.pairs)), np.zeros(len(partners.pairs) + len(has_next))])
    weight = np.concatenate([partners.probability, 1 - partners.probability, certain[pair_of[has_next]]])
    return scaled @ _weights(scaled[rows], label, weight)


def _weights(rows: Floats, label: NDArray[np.float64], weight: Floats) -> Floats:
    """Logistic regression; no weight is negative, since agreement never speaks against a pair."""
    share = weight / weight.sum()

    def loss(at: Floats) -> tuple[float, Floats]:
        bits = rows @ at[1:] + at[0]
        sign = 2 * label - 1
        wrong = 1 / (1 + np.exp(np.clip(sign * bits, -50, 50)))
        slope = -share * sign * wrong
        value = float(share @ np.logaddexp(0, -sign * bits)) + PULL * float(at[1:] @ at[1:]) / 2
        return value, np.concatenate([[slope.sum()], slope @ rows + PULL * at[1:]])

    count = rows.shape[1]
    bounds = [(None, None), *[(0.0, None)] * count]
    return np.asarray(minimize(loss, np.zeros(count + 1), jac=True, bounds=bounds, method="L-BFGS-B").x[1:])
