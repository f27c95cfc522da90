"""P-values and false-discovery control against SciPy's, and baskets in which nothing goes with anything."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control, hypergeom

from jobs.gold.baskets.association import association_rules
from jobs.gold.baskets.itemsets import Bounds, frequent_itemsets
from jobs.gold.baskets.significance import fisher_greater, harmonic, q_values, rules_looked_at

LEAST = 12  # baskets of an itemset


def tables(basket_count: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(basket_count)
    antecedent, consequent = draw.integers(0, basket_count + 1, (2, size))
    both = draw.integers(np.maximum(0, antecedent + consequent - basket_count), np.minimum(antecedent, consequent) + 1)
    return both, antecedent, consequent


@pytest.mark.parametrize("basket_count", [2, 7, 60, 400])
def test_the_upper_tail_is_scipys_down_to_the_smallest_chances(basket_count):
    both, antecedent, consequent = tables(basket_count, 2_000)

    actual = fisher_greater(both, antecedent, consequent, basket_count)

    expected = hypergeom.sf(both - 1, basket_count, antecedent, consequent)
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-300)


def test_one_basket_says_nothing():
    both, antecedent, consequent = (np.array(n) for n in ([0, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]))
    assert fisher_greater(both, antecedent, consequent, 1).tolist() == [1, 1, 1, 1]


def test_millions_of_baskets_lose_no_more_than_a_few_digits():
    both, antecedent, consequent = (np.array(n) for n in ([2_100, 2_000, 1_900], [200_000] * 3, [50_000] * 3))

    actual = fisher_greater(both, antecedent, consequent, 5_000_000)

    np.testing.assert_allclose(actual, hypergeom.sf(both - 1, 5_000_000, antecedent, consequent), rtol=1e-6)


@pytest.mark.parametrize(("any_dependence", "method"), [(False, "bh"), (True, "by")])
def test_q_values_are_scipys_where_every_test_is_at_hand(any_dependence, method):
    p_values = np.random.default_rng(3).beta(0.3, 1, 500)

    actual = q_values(p_values, 0, any_dependence)

    np.testing.assert_allclose(actual, false_discovery_control(p_values, method=method), rtol=1e-9)


def test_tests_that_were_made_and_not_kept_count_as_worth_nothing():
    kept = np.array([0.001, 0.02])
    all_of_them = np.concatenate([kept, np.ones(98)])

    np.testing.assert_allclose(q_values(kept, 100, False), false_discovery_control(all_of_them)[:2])


def test_the_harmonic_sum_is_exact_where_it_is_approximated():
    assert harmonic(5_000) == pytest.approx(np.sum(1 / np.arange(1, 5_001)), rel=1e-14)


def test_every_rule_that_the_search_looked_at_is_a_test():
    # 3 items: 3 pairs of 2 rules; (0, 1) and (0, 2) share all but their last item: one triple of 3 rules
    itemsets = [(0,), (1,), (2,), (0, 1), (0, 2)]

    assert rules_looked_at(itemsets, None) == 3 * 2 + 3
    assert rules_looked_at(itemsets, 2) == 3 * 2


def independent_baskets(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """2,000 baskets of 40 items, each item drawn for itself with its own share of them."""
    draw = np.random.default_rng(seed)
    shares = draw.uniform(0.01, 0.3, 40)
    return np.nonzero(draw.random((2_000, 40)) < shares)


@pytest.mark.parametrize("any_dependence", [False, True])
def test_baskets_without_any_association_give_no_rule_beyond_chance(any_dependence):
    """At q 0.05 no more than a twentieth of data sets without any association may give a rule at all."""
    with_a_rule = 0
    for seed in range(60):
        basket_of, item_of = independent_baskets(seed)
        counts = frequent_itemsets(basket_of, item_of, 2_000, LEAST, Bounds(3))
        rules = list(association_rules(counts, 2_000, 0.0))
        sides = [(r.basket_count, counts[r.antecedent], counts[(r.consequent,)]) for r in rules]
        p_values = fisher_greater(*np.array(sides).T, 2_000)
        q = q_values(p_values, rules_looked_at(counts, 3), any_dependence)
        with_a_rule += bool((q <= 0.05).any())
    assert with_a_rule <= 7  # 3 expected at most; more than 7 of 60 would have a chance of 1.4 %


def test_a_planted_association_is_found_among_the_baskets_without():
    basket_of, item_of = independent_baskets(1)
    planted = np.random.default_rng(2).choice(2_000, 60, replace=False)
    basket_of = np.concatenate([basket_of, planted, planted])
    item_of = np.concatenate([item_of, np.full(60, 50), np.full(60, 51)])
    counts = frequent_itemsets(basket_of, item_of, 2_000, LEAST, Bounds(2))
    rules = list(association_rules(counts, 2_000, 0.0))
    sides = [(r.basket_count, counts[r.antecedent], counts[(r.consequent,)]) for r in rules]
    q = q_values(fisher_greater(*np.array(sides).T, 2_000), rules_looked_at(counts, 2), any_dependence=True)

    assert {(r.antecedent, r.consequent) for r, value in zip(rules, q, strict=True) if value < 0.05} == {
        ((50,), 51),
        ((51,), 50),
    }
