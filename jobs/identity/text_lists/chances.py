"""How likely a pair is right, from the lists alone: its score beside the scores that records get by chance.

A record that has its partner shows, with whom it would go without it, what a record without one gets. For a record
without a partner the one that it got is itself such a chance score, and the next best ones say how far above them the
best of chance lies: gaps between the largest of many values grow as 1, 1/2, 1/3 (Renyi).

Source: Efron, Large-scale inference (2010), for local false discovery rates; Storey 2002 for the share of chance.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

Floats = NDArray[np.float64]
ROUNDS = 12
NEXT_GAP = 2.0  # the gap above the second best of chance is so many times the gap below it
LEAST_SHARE = 0.1  # of chance scores below a bound, for their share to be counted
MOST = 0.999  # no probability is surer
# How far the partner's score and that of chance go their own ways: 1 where they do, 0 where a record with much to say
# scores high with everybody, so that chance seldom beats a partner. Between, as made-up lists have it.
RIVALS = 0.3


def right(score: Floats, second: Floats, third: Floats, alone: int) -> tuple[Floats, float]:
    """Probability of each pair, and how many of the records have a partner at all, found or not.

    Args:
        score: of assigned pairs.
        second: of each, the next that one of its records would have; NaN where there is none.
        third: the one after that.
        alone: records of the shorter list that were assigned to nobody.
    """
    if not len(score):
        return score, 0.0
    lowest = min(np.nanmin(np.concatenate([score, second, third])), float(score.min())) - 1.0
    without = np.where(np.isnan(second), lowest, second)
    gap = NEXT_GAP * (second - third)
    gaps = gap[np.isfinite(gap)]
    typical = float(np.median(gaps)) if len(gaps) else 0.0
    by_chance = np.where(np.isnan(second), lowest, without + np.where(np.isfinite(gap), gap, typical))
    probability = np.zeros(len(score))
    every, chance = (
        np.append(score, np.full(alone, lowest)),
        np.concatenate([without, by_chance, np.full(alone, lowest)]),
    )
    for _ in range(ROUNDS):
        weight = np.concatenate([probability, 1 - probability, np.ones(alone)])
        probability = (probability + _against(every, chance, weight / weight.sum())[: len(score)]) / 2
    has_partner = 1 - float(_without_partner(every, chance, weight / weight.sum()).min())
    return np.minimum(probability, MOST), max(has_partner * len(every), float(probability.sum()))


def _against(score: Floats, chance: Floats, weight: Floats) -> Floats:
    """1 less the local false discovery rate; weights of chance scores sum to 1."""
    both = np.concatenate([score, chance])
    label = np.concatenate([np.ones(len(score)), np.zeros(len(chance))])
    weights = np.concatenate([np.full(len(score), 1 / len(score)), weight]) + 1e-12
    order = np.lexsort((label, both))
    fit = isotonic_regression(label[order], weights=weights[order]).x
    share = np.empty(len(both))
    share[order] = fit
    odds = (1 - share[: len(score)]) / np.maximum(share[: len(score)], 1e-9)
    return np.clip(1 - _without_partner(score, chance, weight) * odds, 0.0, 1.0)


def _without_partner(score: Floats, chance: Floats, weight: Floats) -> Floats:
    """Per score, the share of records whose partner is not there or scores less: what it takes for chance to win.

    A score is the larger of the partner's and of chance's, so that the shares below a bound multiply.
    """
    bounds = np.quantile(chance, np.linspace(0, 1, 41))
    below = np.searchsorted(np.sort(score), bounds, side="right") / len(score)
    order = np.argsort(chance)
    sums = np.concatenate([[0.0], np.cumsum(weight[order])])
    expected = sums[np.searchsorted(chance[order], bounds, side="right")]
    counted = expected >= LEAST_SHARE
    ratio = np.minimum.accumulate((below / np.maximum(expected, LEAST_SHARE))[counted][::-1])[::-1]
    if not counted.any():
        return np.ones(len(score))
    local = np.clip(np.interp(score, bounds[counted], ratio), 1e-6, 1.0)
    return np.asarray(local**RIVALS * local.min() ** (1 - RIVALS))
