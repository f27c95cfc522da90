"""How well probabilities rank and fit: the figures a churn model is judged by, over plain arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scorer = Callable[[Floats], Floats]  # raw feature rows to probabilities


@dataclass(frozen=True)
class Evaluation:
    """The figures of one model on one set of held-out examples."""

    auc: float
    auc_low: float  # 95 % bootstrap interval over the examples
    auc_high: float
    auc_deviation: float
    average_precision: float
    brier: float
    brier_of_base_rate: float  # what predicting the overall share for everyone would get
    lift_top_decile: float  # churners among the tenth most at risk, over their share of all
    churn_rate: float
    example_count: int
    churner_count: int


def evaluate(is_churned: Floats, probability: Floats, bootstrap_rounds: int, seed: int) -> Evaluation:
    """Judge probabilities; both kinds of customers must be there.

    Args:
        is_churned: 0 or 1.
        probability: 0 to 1, same order.
    """
    resampled = bootstrap_auc(is_churned, probability, bootstrap_rounds, seed)
    low, high = np.quantile(resampled, [0.025, 0.975])
    rate = float(is_churned.mean())
    return Evaluation(
        auc=float(weighted_auc(is_churned, probability, np.ones((1, len(is_churned))))[0]),
        auc_low=float(low),
        auc_high=float(high),
        auc_deviation=float(resampled.std()),
        average_precision=average_precision(is_churned, probability),
        brier=float(np.mean((probability - is_churned) ** 2)),
        brier_of_base_rate=rate * (1 - rate),
        lift_top_decile=lift(is_churned, probability, 0.1),
        churn_rate=rate,
        example_count=len(is_churned),
        churner_count=int(is_churned.sum()),
    )


def weighted_auc(is_churned: Floats, probability: Floats, weights: Floats) -> Floats:
    """Area under the ROC curve, one per row of weights (rounds x examples); ties count half.

    Source: the Mann-Whitney form; an example of weight 2 stands for two equal ones.
    """
    order = np.argsort(probability, kind="stable")
    starts = np.unique(probability[order], return_index=True)[1]
    churners = np.add.reduceat(weights[:, order] * is_churned[order], starts, axis=1)
    stayers = np.add.reduceat(weights[:, order] * (1 - is_churned[order]), starts, axis=1)
    stayers_below = np.cumsum(stayers, axis=1) - stayers / 2
    pairs = churners.sum(axis=1) * stayers.sum(axis=1)
    with np.errstate(invalid="ignore"):  # a resample of one kind only has no AUC
        return np.asarray((churners * stayers_below).sum(axis=1) / pairs)


def bootstrap_auc(is_churned: Floats, probability: Floats, rounds: int, seed: int) -> Floats:
    """AUCs of `rounds` resamples with replacement, drawn as counts per example."""
    random = np.random.default_rng(seed)
    size = len(is_churned)
    block = max(1, 4_000_000 // size)  # 32 MB of counts at a time
    even, areas = np.full(size, 1 / size), []
    for done in range(0, rounds, block):
        counts = random.multinomial(size, even, min(block, rounds - done)).astype(float)
        areas.append(weighted_auc(is_churned, probability, counts))
    resampled = np.concatenate(areas)
    return resampled[~np.isnan(resampled)]


def average_precision(is_churned: Floats, probability: Floats) -> float:
    """Mean of the precision at each recall step, equal probabilities taken together."""
    order = np.argsort(-probability, kind="stable")
    ends = np.r_[np.nonzero(np.diff(probability[order]))[0], len(order) - 1]
    hits = np.cumsum(is_churned[order])[ends]
    gained = np.diff(np.r_[0.0, hits]) / hits[-1]
    return float(np.sum(gained * hits / (ends + 1)))


def lift(is_churned: Floats, probability: Floats, share: float) -> float:
    """Churn rate among the `share` most at risk, over the churn rate of all."""
    top = np.argsort(-probability, kind="stable")[: max(1, round(share * len(probability)))]
    return float(is_churned[top].mean() / is_churned.mean())


def roc_points(is_churned: Floats, probability: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates, from (0, 0) to (1, 1)."""
    order = np.argsort(-probability, kind="stable")
    ends = np.r_[np.nonzero(np.diff(probability[order]))[0], len(order) - 1]
    true, all_so_far = np.cumsum(is_churned[order])[ends], ends + 1
    return (
        np.r_[0.0, (all_so_far - true) / (len(order) - is_churned.sum())],
        np.r_[0.0, true / is_churned.sum()],
    )


def importances(is_churned: Floats, values: Floats, score: Scorer, rounds: int, seed: int) -> Floats:
    """AUC lost when one feature is shuffled among the customers, mean over rounds; one per column of values."""
    random = np.random.default_rng(seed)
    even = np.ones((1, len(is_churned)))
    whole = weighted_auc(is_churned, score(values), even)[0]
    lost = np.zeros((rounds, values.shape[1]))
    for turn in range(rounds):
        for column in range(values.shape[1]):
            shuffled = values.copy()
            shuffled[:, column] = random.permutation(shuffled[:, column])
            lost[turn, column] = whole - weighted_auc(is_churned, score(shuffled), even)[0]
    return np.asarray(lost.mean(axis=0))
