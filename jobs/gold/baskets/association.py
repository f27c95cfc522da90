"""Association rules from counted itemsets: who buys the antecedent buys the consequent, and how surely.

Source: Agrawal, Imielinski and Swami (SIGMOD 1993) for support and confidence; Brin, Motwani, Ullman and Tsur
(SIGMOD 1997) for lift and conviction; Piatetsky-Shapiro (1991) for leverage.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

Itemset = tuple[int, ...]
ROUNDING = 1e-12  # sums of weights that are equal may differ in their last digits


class Rule(NamedTuple):
    """Shares are of all baskets, 0 to 1; with weights basket_count is their sum.

    Conviction is None where the rule never fails (confidence 1).
    """

    antecedent: Itemset
    consequent: int
    basket_count: float
    support: float
    confidence: float
    lift: float
    leverage: float
    conviction: float | None


def association_rules(
    itemsets: Mapping[Itemset, float], basket_count: float, min_confidence: float, min_lift: float = 0.0
) -> Iterator[Rule]:
    """Every rule with one consequent and a non-empty antecedent that reaches the confidence and the lift.

    Args:
        itemsets: frequent itemset (ascending item numbers) -> baskets that hold it, or the sum of their weights; with
            each subset of each.
        basket_count: baskets in all, or the sum of their weights.
        min_confidence: smallest share of the antecedent's baskets that hold the consequent, 0 to 1.
        min_lift: smallest confidence divided by the consequent's own share of all baskets.

    Raises:
        ValueError: min_confidence is outside 0 to 1.
    """
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence is {min_confidence}: give a share between 0 and 1")
    for itemset, count in itemsets.items():
        if len(itemset) < 2:
            continue
        for place, consequent in enumerate(itemset):
            antecedent = itemset[:place] + itemset[place + 1 :]
            if count >= min_confidence * itemsets[antecedent]:
                candidate = rule(antecedent, consequent, itemsets, count, basket_count)
                if candidate.lift >= min_lift:
                    yield candidate


def rule(
    antecedent: Itemset, consequent: int, itemsets: Mapping[Itemset, float], both: float, basket_count: float
) -> Rule:
    """The measures of one rule, from whole counts: equal counts give equal measures to the last digit."""
    with_antecedent, with_consequent = itemsets[antecedent], itemsets[(consequent,)]
    expected, failures = with_antecedent * with_consequent, with_antecedent - both
    failures = failures if failures > ROUNDING * with_antecedent else 0
    return Rule(
        antecedent=antecedent,
        consequent=consequent,
        basket_count=both,
        support=both / basket_count,
        confidence=both / with_antecedent,
        lift=both * basket_count / expected,
        leverage=(both * basket_count - expected) / basket_count**2,
        conviction=(with_antecedent * basket_count - expected) / (basket_count * failures) if failures else None,
    )
