"""Where two records count as one, from the model alone: weights are log odds, so each says how often it is wrong.

The sum of the probabilities above a threshold is the number of matches expected there; precision, recall and F1
follow without any truth. They are about pairs and as good as the model is: pairs that blocking never met are missing
from the expected recall, and grouping still corrects what pairs get wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jobs.identity.matching.training import Floats

MOST_SHIFT_BITS = 6.0  # a threshold further from even odds would say that the weights are no odds at all


@dataclass(frozen=True)
class Expectation:
    """What the model expects of joining pairs from `join_weight_bits` on; shares 0 to 1."""

    join_weight_bits: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of expected precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def expectations(bits: Floats, count: Floats) -> list[Expectation]:
    """One per threshold near even odds that divides the pairs, the lowest first.

    Args:
        bits: match weights, each the middle of a bin; count: pairs in it.
    """
    order = np.argsort(bits)[::-1]
    bits, count = bits[order], count[order]
    matches = np.cumsum(count / (1 + np.exp2(-bits)))
    pairs = np.cumsum(count)
    near_even = [
        Expectation(float(b), float(m / p), float(m / matches[-1]))
        for b, m, p in zip(bits, matches, pairs, strict=True)
        if abs(b) <= MOST_SHIFT_BITS
    ]
    return near_even[::-1]


def chosen(candidates: Sequence[Expectation], least_precision: float) -> Expectation:
    """The most expected F1 among thresholds with at least this expected precision; even odds where nothing is known."""
    if not candidates:
        return Expectation(0.0, 1.0, 1.0)
    sure = [one for one in candidates if one.precision >= least_precision]
    return max(sure, key=lambda one: one.f1) if sure else candidates[-1]
