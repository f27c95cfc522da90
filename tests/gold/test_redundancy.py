"""A rule is redundant where any part of its antecedent is at least as sure: against every part, one by one."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from jobs.gold.baskets.association import association_rules
from jobs.gold.baskets.itemsets import frequent_itemsets, least_count
from jobs.gold.baskets.redundancy import Redundancy
from tests.gold import reference_baskets


def is_redundant_slowly(antecedent, consequent, counts, basket_count) -> bool:
    def confidence(part):
        return Fraction(counts[tuple(sorted((*part, consequent)))], counts[part] if part else basket_count)

    parts = [part for size in range(len(antecedent)) for part in combinations(antecedent, size)]
    return any(confidence(part) >= confidence(antecedent) for part in parts)


@pytest.mark.parametrize("seed", range(6))
def test_the_judgement_is_that_of_a_look_at_every_part(seed):
    draw = np.random.default_rng(seed)
    basket_of, item_of = np.nonzero(draw.random((60, 7)) < 0.6)
    counts = frequent_itemsets(basket_of, item_of, 60, 3)
    rules = list(association_rules(counts, 60, 0.0))
    redundancy = Redundancy(counts, 60)

    judged = [redundancy.is_redundant(rule.antecedent, rule.consequent) for rule in rules]

    assert judged == [is_redundant_slowly(rule.antecedent, rule.consequent, counts, 60) for rule in rules]
    assert 0 < sum(judged) < len(rules)


def test_adult_has_redundant_rules_and_they_are_those_of_a_look_at_every_part():
    basket_of, item_of, basket_count = reference_baskets.adult()
    counts = frequent_itemsets(basket_of, item_of, basket_count, least_count(0.5, basket_count))
    rules = list(association_rules(counts, basket_count, 0.9))
    redundancy = Redundancy(counts, basket_count)

    judged = [redundancy.is_redundant(rule.antecedent, rule.consequent) for rule in rules]

    assert judged == [is_redundant_slowly(r.antecedent, r.consequent, counts, basket_count) for r in rules]
    assert sum(judged) > 0


def test_equal_weights_summed_in_another_order_are_equal():
    tenth = {(0,): 0.3, (1,): 0.1 + 0.2, (2,): 0.3, (0, 1): 0.3, (0, 2): 0.3, (1, 2): 0.3, (0, 1, 2): 0.1 + 0.2}

    assert Redundancy(tenth, 1.0).is_redundant((0, 1), 2)
