"""Rules and their measures: by hand on five baskets, and the number of rules published for two real sets."""

import pytest

from jobs.gold.baskets.association import Rule, association_rules
from jobs.gold.baskets.itemsets import Bounds, frequent_itemsets, least_count
from tests.gold import reference_baskets

# 10 baskets: bread 8, butter 4, both 4; jam 1, always with butter
COUNTS = {(0,): 8, (1,): 4, (0, 1): 4, (2,): 1, (1, 2): 1}


def test_the_measures_of_a_rule_that_fails_half_of_the_time():
    rules = {(r.antecedent, r.consequent): r for r in association_rules(COUNTS, 10, min_confidence=0.5)}

    bread_butter = rules[(0,), 1]

    assert bread_butter == Rule((0,), 1, 4, 0.4, 0.5, 1.25, pytest.approx(0.08), pytest.approx(1.2))


def test_a_rule_that_never_fails_has_no_conviction():
    rules = {(r.antecedent, r.consequent): r for r in association_rules(COUNTS, 10, min_confidence=1.0)}

    assert set(rules) == {((1,), 0), ((2,), 1)}
    assert all(rule.confidence == 1.0 and rule.conviction is None for rule in rules.values())


def test_a_lift_below_the_bar_is_left_out():
    assert not list(association_rules(COUNTS, 10, min_confidence=0.5, min_lift=3.0))


def test_single_items_make_no_rule():
    assert not list(association_rules({(0,): 10}, 10, min_confidence=0.0))


@pytest.mark.parametrize(("min_confidence", "rule_count"), [(0.5, 3_200), (0.6, 2_173)])
def test_complete_journey_by_category_gives_the_reference_number_of_rules(min_confidence, rule_count):
    basket_of, item_of, basket_count = reference_baskets.complete_journey()
    itemsets = frequent_itemsets(basket_of, item_of, basket_count, least_count(0.01, basket_count), Bounds(4))

    assert sum(1 for _ in association_rules(itemsets, basket_count, min_confidence)) == rule_count


def test_adult_gives_the_52_rules_of_the_arules_help_page():
    basket_of, item_of, basket_count = reference_baskets.adult()
    itemsets = frequent_itemsets(basket_of, item_of, basket_count, least_count(0.5, basket_count))

    rules = list(association_rules(itemsets, basket_count, min_confidence=0.9))
    # arules also counts "everybody has it" as a rule with an empty antecedent; such a rule says nothing to a shop
    without_antecedent = [s for s, n in itemsets.items() if len(s) == 1 and n >= 0.9 * basket_count]

    assert (basket_count, len(set(item_of.tolist()))) == (48_842, 115)
    assert len(rules) + len(without_antecedent) == 52


@pytest.mark.parametrize(("min_confidence", "rule_count"), [(0.5, 86), (0.8, 20)])
def test_msweb_gives_the_number_of_rules_measured_on_it(min_confidence, rule_count):
    basket_of, item_of, basket_count = reference_baskets.msweb()
    itemsets = frequent_itemsets(basket_of, item_of, basket_count, least_count(0.01, basket_count))

    assert sum(1 for _ in association_rules(itemsets, basket_count, min_confidence)) == rule_count
