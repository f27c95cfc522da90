"""Association rules from counted itemsets: who buys the antecedent buys the consequent, and how surely.

Source: Agrawal, Imielinski and Swami (SIGMOD 1993) for support and confidence; Brin, Motwani, Ullman and Tsur
(SIGMOD 1997) for lift and conviction; Piatetsky-Shapiro (1991) for leverage.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

Itemset = tuple[int, ...]


class Rule(NamedTuple):
    """Shares are of all baskets, 0 to 1. Conviction is None where the rule never fails (confidence 1)."""

    antecedent: Itemset
    consequent: int
    basket_count: int
    support: float
    confidence: float
    lift: float
    leverage: float
    conviction: float | None


def association_rules(
    itemsets: Mapping[Itemset, int], basket_count: int, min_confidence: float, min_lift: float = 0.0
) -> Iterator[Rule]:
    """Every rule with one consequent and a non-empty antecedent that reaches the confidence and the lift.

    Args:
        itemsets: frequent itemset (ascending item numbers) -> baskets that hold it; with each subset of each.
        basket_count: baskets in all.
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
                found = rule(antecedent, consequent, itemsets, count, basket_count)
                if found.lift >= min_lift:
                    yield found


def rule(antecedent: Itemset, consequent: int, itemsets: Mapping[Itemset, int], both: int, basket_count: int) -> Rule:
    """The measures of one rule, from whole counts: equal counts give equal measures to the last digit."""
    with_antecedent, with_consequent = itemsets[antecedent], itemsets[(consequent,)]
    expected, failures = with_antecedent * with_consequent, with_antecedent - both
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
