"""How good lists of recommendations are: found again in what was bought, spread over items, not only the obvious."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.gold.recommending.purchases import Floats, Ints

LENGTH = 10


@dataclass(frozen=True)
class Measured:
    """recall_at_10 and ndcg_at_10: means over customers who bought something of the kind, 0 to 1.

    coverage: share of the items that anybody is shown; novelty_bits: mean of -log2 of an item's share of customers;
    gini_of_exposure: 0 where all items are shown equally often, towards 1 where few are; long_tail_share: of places.
    """

    customer_count: int
    recall_at_10: float
    ndcg_at_10: float
    coverage: float
    novelty_bits: float
    gini_of_exposure: float
    long_tail_share: float


def measured(
    lists: Ints, is_hit: NDArray[np.bool_], wanted: Ints, buyers: Floats, customers: int, tail: NDArray[np.bool_]
) -> Measured:
    """Judge lists.

    Args:
        lists: customers x 10 item numbers, best first, -1 for an empty place.
        is_hit: of the same shape: bought within the horizon (and of the kind that is judged).
        wanted: how many such items each customer bought within the horizon.
        buyers: per item, who had bought it by then; `customers` are all of them.
        tail: per item, whether it is of the long tail.
    Source: Järvelin and Kekäläinen 2002 for NDCG with binary gain; recall is over all items bought.
    """
    judged = wanted > 0
    gain = 1.0 / np.log2(np.arange(2, lists.shape[1] + 2))
    best = np.cumsum(gain)[np.minimum(np.maximum(wanted, 1), lists.shape[1]) - 1]
    shown = lists[lists >= 0]
    share = np.maximum(buyers, 1.0) / max(1, customers)
    return Measured(
        int(judged.sum()),
        mean((is_hit.sum(axis=1) / np.maximum(wanted, 1))[judged]),
        mean(((is_hit * gain).sum(axis=1) / best)[judged]),
        len(np.unique(shown)) / max(1, len(buyers)),
        mean(-np.log2(share[shown])),
        gini(np.bincount(shown, minlength=len(buyers)).astype(float)),
        mean(tail[shown].astype(float)),
    )


def gini(amounts: Floats) -> float:
    """Gini coefficient of amounts that are not negative; 0 where there are none."""
    total, count = amounts.sum(), len(amounts)
    if total <= 0:
        return 0.0
    ranked = np.sort(amounts)
    return float((2 * np.arange(1, count + 1) - count - 1) @ ranked / (count * total))


def mean(values: Floats) -> float:
    """The mean, 0 of nothing."""
    return float(values.mean()) if len(values) else 0.0
