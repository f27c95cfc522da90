"""Exact itemset counts: against a slow obvious count, and against the figures published for two real sets."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from jobs.gold.baskets.itemsets import Bounds, TooManyItemsetsError, frequent_itemsets, least_count
from tests.gold import reference_baskets


def counted_slowly(baskets: list[set[int]], min_count: int, max_length: int) -> dict[tuple[int, ...], int]:
    counts = Counter(
        itemset
        for basket in baskets
        for length in range(1, max_length + 1)
        for itemset in combinations(sorted(basket), length)
    )
    return {itemset: count for itemset, count in counts.items() if count >= min_count}


def lines_of(baskets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(number, item) for number, basket in enumerate(baskets) for item in basket]
    lines = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return lines[:, 0], lines[:, 1]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("max_length", [1, 2, 3, None])
def test_counts_equal_a_slow_count_of_every_combination(seed, max_length):
    draw = np.random.default_rng(seed)
    baskets = [set(draw.choice(9, size=draw.integers(0, 7)).tolist()) for _ in range(150)]
    min_count = int(draw.integers(1, 12))

    actual = frequent_itemsets(*lines_of(baskets), len(baskets), min_count, Bounds(max_length))

    assert actual == counted_slowly(baskets, min_count, max_length or 9)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("max_length", [1, 2, 3, None])
def test_weighted_counts_equal_exact_sums_over_every_combination(seed, max_length):
    draw = np.random.default_rng(seed)
    baskets = [set(draw.choice(9, size=draw.integers(0, 7)).tolist()) for _ in range(150)]
    ages = draw.integers(0, 6, size=len(baskets))  # half-lives
    weights = [Fraction(1, 2 ** int(age)) for age in ages]
    exact: Counter[tuple[int, ...]] = Counter()
    for basket, weight in zip(baskets, weights, strict=True):
        for length in range(1, (max_length or 9) + 1):
            exact.update(dict.fromkeys(combinations(sorted(basket), length), weight))

    actual = frequent_itemsets(*lines_of(baskets), len(baskets), 3.5, Bounds(max_length), 0.5**ages)

    assert actual == {itemset: float(sum_) for itemset, sum_ in exact.items() if sum_ >= 3.5}


def test_more_baskets_than_one_block_of_words_are_counted_without_overflow():
    baskets = [{1, 2, 3}] * 140_000

    actual = frequent_itemsets(*lines_of(baskets), len(baskets), min_count=140_000)

    assert actual == dict.fromkeys([(1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)], 140000)


def test_an_item_twice_in_a_basket_counts_once():
    assert frequent_itemsets(np.array([0, 0, 0]), np.array([5, 5, 7]), 1, 1) == {(5,): 1, (7,): 1, (5, 7): 1}


def test_no_lines_give_no_itemsets():
    nothing = np.array([], dtype=np.int64)

    assert frequent_itemsets(nothing, nothing, 0, 1) == {}
    assert frequent_itemsets(nothing, nothing, 10, 1) == {}


def test_a_support_on_the_line_is_reached():
    assert least_count(0.07, 100) == 7
    assert least_count(0.01, 142_302) == 1_424
    assert least_count(0.0, 100) == 1


@pytest.mark.parametrize("min_support", [-0.1, 1.1, float("nan")])
def test_a_support_that_is_no_share_is_refused(min_support):
    with pytest.raises(ValueError, match="between 0 and 1"):
        least_count(min_support, 10)


def test_an_explosion_of_itemsets_stops_at_the_bound():
    baskets = [set(range(20))] * 3

    with pytest.raises(TooManyItemsetsError, match="1,000"):
        frequent_itemsets(*lines_of(baskets), len(baskets), 2, Bounds(max_itemsets=1_000))


def test_complete_journey_by_category_gives_the_3459_itemsets_of_up_to_4_items():
    basket_of, item_of, basket_count = reference_baskets.complete_journey()

    itemsets = frequent_itemsets(basket_of, item_of, basket_count, least_count(0.01, basket_count), Bounds(4))

    assert basket_count == 142_302
    assert len(itemsets) == 3_459


def test_msweb_gives_the_197_itemsets_measured_on_it():
    basket_of, item_of, basket_count = reference_baskets.msweb()

    itemsets = frequent_itemsets(basket_of, item_of, basket_count, least_count(0.01, basket_count))

    assert (basket_count, len(itemsets)) == (32_711, 197)


def test_online_retail_by_stock_code_gives_the_itemsets_and_counts_of_mlxtend():
    from mlxtend.frequent_patterns import fpgrowth

    basket_of, item_of, basket_count = reference_baskets.online_retail()
    least = least_count(0.015, basket_count)
    often = np.flatnonzero(np.bincount(item_of) >= least)
    held = np.zeros((basket_count, len(often)), dtype=bool)
    place = {item: i for i, item in enumerate(often.tolist())}
    kept = np.isin(item_of, often)
    held[basket_of[kept], [place[item] for item in item_of[kept].tolist()]] = True
    peer = fpgrowth(pd.DataFrame(held, columns=often), min_support=least / basket_count - 1e-12, use_colnames=True)
    expected = {
        tuple(sorted(items)): round(support * basket_count)
        for items, support in zip(peer["itemsets"], peer["support"], strict=True)
    }

    assert frequent_itemsets(basket_of, item_of, basket_count, least) == expected
    assert max(map(len, expected)) > 2
