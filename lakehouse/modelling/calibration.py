"""From a model's margin to a probability that comes true: two numbers fitted on the newest labels that are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling.logistic import ridge_logistic
from lakehouse.modelling.metrics import auc, ece

Floats = NDArray[np.float64]
FEWEST_OF_EACH = 10  # fewer positives (or others) move the intercept alone


@dataclass(frozen=True)
class Calibration:
    """probability = 1 / (1 + exp(-(slope * margin + intercept))); the slope is never negative: it keeps the ranking."""

    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, margin: Floats) -> Floats:
        """Probabilities of margins."""
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.slope * margin + self.intercept, -500, 500))))


def fit(margin: Floats, label: Floats) -> Calibration:
    """Platt's scaling; where it would turn the ranking round, or labels are few, the intercept alone moves.

    Source: Platt (1999), with Newton's method in place of his search.
    """
    if not len(label) or label.min() == label.max():
        return Calibration()
    if min(label.sum(), len(label) - label.sum()) >= FEWEST_OF_EACH and auc(label, margin) > 0.5:
        spread = max(float(margin.std()), 1e-9)
        centre = float(margin.mean())
        rows = np.column_stack([np.ones(len(margin)), (margin - centre) / spread])
        intercept, weight = ridge_logistic(rows, label, 1e-4)
        if weight > 0:
            return Calibration(float(weight / spread), float(intercept - weight * centre / spread))
    return Calibration(1.0, shift(margin, label))


def shift(margin: Floats, label: Floats) -> float:
    """What to add to every margin so that the mean probability is the rate."""
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        said = float(Calibration(1.0, middle).probability(margin).mean())
        low, high = (middle, high) if said < label.mean() else (low, middle)
    return (low + high) / 2


def followed(margin: Floats, label: Floats, start: Calibration, window: int, step: int) -> Floats:
    """Probabilities of rows in order of time, fitted anew every `step` rows on the `window` labels known by then.

    Args:
        start: serves until a window's labels are known.
    """
    said = np.empty(len(margin))
    now = start
    for at in range(0, len(margin), step):
        if at >= step:
            known = slice(max(0, at - window), at)
            now = fit(margin[known], label[known])
        said[at : at + step] = now.probability(margin[at : at + step])
    return said


def error_after_following(margin: Floats, label: Floats, start: Calibration, window: int, step: int) -> float:
    """Calibration error of `followed`."""
    return ece(label, followed(margin, label, start, window, step))
