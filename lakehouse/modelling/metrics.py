"""How well answers rank and fit: the figures that models are judged by, over plain arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figure = Callable[[Floats], float]  # of weights per example
GROUPS = 10
BLOCK = 4_000_000  # counts in memory at a time: 32 MB


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % bootstrap interval over subjects."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


def weighted_auc(is_positive: Floats, score: Floats, weights: Floats) -> Floats:
    """Area under the ROC curve, one per row of weights (rounds x examples); ties count half.

    Source: the Mann-Whitney form; an example of weight 2 stands for two equal ones.
    """
    order = np.argsort(score, kind="stable")
    starts = np.unique(score[order], return_index=True)[1]
    positives = np.add.reduceat(weights[:, order] * is_positive[order], starts, axis=1)
    others = np.add.reduceat(weights[:, order] * (1 - is_positive[order]), starts, axis=1)
    others_below = np.cumsum(others, axis=1) - others / 2
    pairs = positives.sum(axis=1) * others.sum(axis=1)
    with np.errstate(invalid="ignore"):  # a resample of one kind only has no AUC
        return np.asarray((positives * others_below).sum(axis=1) / pairs)


def auc(is_positive: Floats, score: Floats) -> float:
    """Area under the ROC curve; NaN where there is one kind only."""
    return float(weighted_auc(is_positive, score, np.ones((1, len(score))))[0]) if len(score) else float("nan")


def resampled(subjects: Ints, rounds: int, seed: int) -> Floats:
    """Weights per example (rounds x examples) of resamples of whole subjects with replacement."""
    random = np.random.default_rng(seed)
    count = int(subjects.max()) + 1
    drawn = random.multinomial(count, np.full(count, 1 / count), rounds)
    return np.asarray(drawn[:, subjects], dtype=np.float64)


def blocks(rounds: int, examples: int) -> list[int]:
    """Rounds per block, so that a block's weights stay within bounds."""
    most = max(1, BLOCK // max(1, examples))
    return [min(most, rounds - done) for done in range(0, rounds, most)]


def bootstrap_auc(is_positive: Floats, scores: list[Floats], subjects: Ints, rounds: int, seed: int) -> Floats:
    """AUCs of the same resamples for each of several models (rounds x models), NaN rows left out."""
    parts = []
    for number, size in enumerate(blocks(rounds, len(is_positive))):
        weights = resampled(subjects, size, seed + number)
        parts.append(np.column_stack([weighted_auc(is_positive, score, weights) for score in scores]))
    areas = np.concatenate(parts)
    return np.asarray(areas[~np.isnan(areas).any(axis=1)])


def interval(value: float, draws: Floats) -> Interval:
    """A figure with the middle 95 % of its draws."""
    if not len(draws):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(draws, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def average_precision(is_positive: Floats, score: Floats) -> float:
    """Mean of the precision at each recall step, equal scores taken together."""
    order = np.argsort(-score, kind="stable")
    ends = np.r_[np.nonzero(np.diff(score[order]))[0], len(order) - 1]
    hits = np.cumsum(is_positive[order])[ends]
    gained = np.diff(np.r_[0.0, hits]) / hits[-1]
    return float(np.sum(gained * hits / (ends + 1)))


def lift(is_positive: Floats, score: Floats, share: float) -> float:
    """Rate among the `share` with the highest scores, over the rate of all."""
    top = np.argsort(-score, kind="stable")[: max(1, round(share * len(score)))]
    return float(is_positive[top].mean() / is_positive.mean())


def ece(is_positive: Floats, probability: Floats, groups: int = GROUPS) -> float:
    """Expected calibration error: mean distance between said and happened over equal groups by probability.

    Source: Naeini, Cooper and Hauskrecht (AAAI 2015), with groups of equal size.
    """
    parts = np.array_split(np.argsort(probability, kind="stable"), min(groups, len(probability)))
    distance = [len(part) * abs(probability[part].mean() - is_positive[part].mean()) for part in parts if len(part)]
    return float(sum(distance) / len(probability))


def log_loss(is_positive: Floats, probability: Floats) -> float:
    """Mean of minus the logarithm of what was said of what happened."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return float(-np.mean(is_positive * np.log(p) + (1 - is_positive) * np.log(1 - p)))


def due_line(truth: Floats, said: Floats, due: float) -> float:
    """The line at or below which what is said counts as due, by the best harmonic mean of precision and recall."""
    is_due = truth <= due
    lines = np.unique(np.r_[due, np.quantile(said, np.linspace(0.001, min(1.0, 3 * is_due.mean() + 0.01), 200))])
    found = [due_figures(truth, said, due, line) for line in lines]
    harmonic = [2 * p * r / (p + r) if p + r > 0 else 0.0 for p, r in found]
    return float(lines[int(np.argmax(harmonic))])


def due_figures(truth: Floats, said: Floats, due: float, line: float) -> tuple[float, float]:
    """Precision and recall of what is at or below the line."""
    is_due, is_said = truth <= due, said <= line
    hits = float((is_due & is_said).sum())
    return hits / max(1, int(is_said.sum())), hits / max(1, int(is_due.sum()))


def roc_points(is_positive: Floats, score: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates, from (0, 0) to (1, 1)."""
    order = np.argsort(-score, kind="stable")
    ends = np.r_[np.nonzero(np.diff(score[order]))[0], len(order) - 1]
    true, all_so_far = np.cumsum(is_positive[order])[ends], ends + 1
    return (
        np.r_[0.0, (all_so_far - true) / (len(order) - is_positive.sum())],
        np.r_[0.0, true / is_positive.sum()],
    )


def psi(before: Floats, after: Floats, groups: int = GROUPS) -> float:
    """Population stability index between two columns, missing values a group of their own.

    Source: Siddiqi, Credit Risk Scorecards (2006); above 0.25 is held a change of population.
    """
    at = edges(before, groups)
    return psi_of_shares(shares(before, at), shares(after, at))


def edges(values: Floats, groups: int = GROUPS) -> Floats:
    """Between groups of equal size of a column; fewer where values repeat."""
    known = values[~np.isnan(values)]
    return np.unique(np.quantile(known, np.linspace(0, 1, groups + 1)[1:-1])) if len(known) else np.array([])


def shares(values: Floats, at: Floats) -> Floats:
    """Of the rows between the edges, and of the missing ones last; a group without a row counts half a row."""
    place = np.where(np.isnan(values), len(at) + 1, np.searchsorted(at, values, side="left"))
    counts = np.bincount(place.astype(int), minlength=len(at) + 2)
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))


def psi_of_shares(was: Floats, became: Floats) -> float:
    """The index of the shares of the same groups."""
    return float(np.sum((became - was) * np.log(became / was)))
