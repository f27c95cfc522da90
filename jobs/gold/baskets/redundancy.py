"""Rules that say nothing a more general one does not: fewer conditions, and at least as sure.

Source: Bayardo, Agrawal and Gunopulos (Data Mining and Knowledge Discovery 2000): improvement, here above zero, over
every proper subset of the antecedent, none at all (the consequent's own share) included. R's arules marks the same.
"""

from collections.abc import Mapping

from jobs.gold.baskets.itemsets import Itemset

ROUNDING = 1e-12  # sums of weights that are equal may differ in their last digits
Share = tuple[float, float]  # confidence as baskets that hold both, and baskets that hold the antecedent


class Redundancy:
    """Judges rules over one set of counts; what it finds for one rule serves all larger ones.

    Args:
        counts: itemset -> what its baskets are worth; with each subset of each.
        basket_count: what all baskets are worth.
    """

    def __init__(self, counts: Mapping[Itemset, float], basket_count: float) -> None:
        self.counts, self.basket_count = counts, basket_count
        self.surest: dict[tuple[Itemset, int], Share] = {}

    def is_redundant(self, antecedent: Itemset, consequent: int) -> bool:
        """Whether a part of the antecedent alone gives the consequent at least as surely."""
        return at_least(self._surest_part(antecedent, consequent), self._share(antecedent, consequent))

    def _share(self, antecedent: Itemset, consequent: int) -> Share:
        both = self.counts[tuple(sorted((*antecedent, consequent)))]
        return both, self.counts[antecedent] if antecedent else self.basket_count

    def _surest_part(self, antecedent: Itemset, consequent: int) -> Share:
        parts = (antecedent[:i] + antecedent[i + 1 :] for i in range(len(antecedent)))
        return surest([self._surest(part, consequent) for part in parts])

    def _surest(self, antecedent: Itemset, consequent: int) -> Share:
        known = (antecedent, consequent)
        if known not in self.surest:
            own = self._share(antecedent, consequent)
            self.surest[known] = surest([own, self._surest_part(antecedent, consequent)]) if antecedent else own
        return self.surest[known]


def at_least(one: Share, other: Share) -> bool:
    """Whether the first share is as large as the second; whole numbers are compared exactly."""
    left, right = one[0] * other[1], other[0] * one[1]
    return left >= right if isinstance(right, int) else left >= right * (1 - ROUNDING)


def surest(shares: list[Share]) -> Share:
    """The largest of some shares."""
    best = shares[0]
    for share in shares[1:]:
        best = best if at_least(best, share) else share
    return best
