"""Counts by day add up, are the same wherever they are made, and their bound never hides a frequent itemset."""

from datetime import date, timedelta

import numpy as np
import pytest

from jobs.gold.baskets.added_days import Tracked, added_to, kept_of, still_all, untracked_most
from jobs.gold.baskets.basket_counts import count_here, count_over_spark, day_number, driver_bytes, weights_of
from jobs.gold.baskets.basket_items import Baskets
from jobs.gold.baskets.day_counts import counts_by_day, tree
from jobs.gold.baskets.itemsets import Bounds, frequent_itemsets
from jobs.gold.baskets.kept_days import first_rows
from tests.gold.basket_lines import baskets_at_hand, settings

START = date(2017, 1, 1)


def test_counts_by_day_are_those_of_a_look_at_every_basket():
    draw = np.random.default_rng(5)
    baskets = ["".join(draw.choice(list("abcdefg"), draw.integers(1, 6), replace=False)) for _ in range(300)]
    days = draw.integers(0, 9, 300).tolist()
    given = baskets_at_hand(baskets, days)
    itemsets = list(frequent_itemsets(given.basket_of, given.item_of, given.count, 5))

    rows = list(counts_by_day(tree(itemsets), given.basket_of, given.item_of, given.day_of))

    assert [(day, count) for day, count, _ in rows] == [(day, days.count(day)) for day in sorted(set(days))]
    for day, _, counts in rows:
        held = [set(basket) for basket, of in zip(baskets, days, strict=True) if of == day]
        assert counts.tolist() == [sum({given.names[i] for i in s} <= basket for basket in held) for s in itemsets]


def test_no_baskets_have_no_days():
    given = baskets_at_hand([])

    assert list(counts_by_day(tree([(0,)]), given.basket_of, given.item_of, given.day_of)) == []
    assert [row[:2] for row in counts_by_day(tree([]), np.array([0]), np.array([0]), np.array([7]))] == [(7, 1)]


@pytest.mark.parametrize("half_life_days", [None, 2.0])
@pytest.mark.parametrize("max_items", [None, 2, 3])
def test_spark_counts_by_prefix_item_what_is_counted_here(spark, half_life_days, max_items):
    draw = np.random.default_rng(8)
    baskets = ["".join(draw.choice(list("abcdefgh"), draw.integers(1, 6), replace=False)) for _ in range(120)]
    days = (day_number(START) + draw.integers(0, 5, 120)).tolist()
    dates = [START + timedelta(days=day - day_number(START)) for day in days]
    rows = [(f"o{i}", dates[i], item) for i, basket in enumerate(baskets) for item in basket + basket[:1]]
    lines = spark.createDataFrame(rows, "order_id STRING, order_date DATE, item STRING")
    asked = settings(min_support=0.05, half_life_days=half_life_days, max_items_per_rule=max_items)
    given = baskets_at_hand(baskets, days)

    over_spark = count_over_spark(lines, given.names, asked, START + timedelta(days=5))

    here = count_here(given, asked, START + timedelta(days=5))
    assert over_spark.itemsets == here.itemsets
    assert len(here.itemsets) > 7
    assert [(d, n, c.tolist()) for d, n, c in over_spark.days] == [(d, n, c.tolist()) for d, n, c in here.days]
    assert (over_spark.least, over_spark.min_support) == (pytest.approx(here.least), here.min_support)


def test_too_many_itemsets_raise_the_support_here_and_over_spark(spark):
    baskets = ["abcdef"] * 3 + ["a"] * 9
    rows = [(f"o{i}", START, item) for i, basket in enumerate(baskets) for item in basket]
    lines = spark.createDataFrame(rows, "order_id STRING, order_date DATE, item STRING")
    asked = settings(min_support=0.1, max_items_per_rule=None, min_baskets_per_rule=1, max_itemsets=10)
    given = baskets_at_hand(baskets)

    here, over_spark = count_here(given, asked, START), count_over_spark(lines, given.names, asked, START)

    assert here.itemsets == over_spark.itemsets == [(0,)]
    assert here.min_support == over_spark.min_support > 0.25


def test_what_counting_here_may_need_grows_with_lines_and_with_rarer_items():
    assert driver_bytes(0, 0.01) == 0
    assert driver_bytes(1_000, 0.01) < driver_bytes(1_000, 0.001) < driver_bytes(2_000, 0.001)


def test_a_basket_counts_half_after_each_half_life_and_never_more_than_one():
    days = np.array([day_number(START) + n for n in (-20, -10, 0, 3)])

    assert weights_of(days, START, 10.0).tolist() == [0.25, 0.5, 1.0, 1.0]
    assert weights_of(days, START, None).tolist() == [1.0] * 4


@pytest.mark.parametrize("half_life_days", [None, 6.0])
@pytest.mark.parametrize("seed", range(3))
def test_night_after_night_the_tracked_itemsets_hold_every_frequent_one(seed, half_life_days):
    """Items come into fashion while the nights go by; whatever is not tracked is infrequent, or all is counted anew."""
    draw = np.random.default_rng(seed)
    asked = settings(min_support=0.06, min_baskets_per_rule=2, half_life_days=half_life_days)
    shares = draw.uniform(0.02, 0.2, 12)
    everything: list[tuple[int, list[int]]] = []
    kept, recounts = None, 0
    for night in range(25):
        shares = np.clip(shares * draw.uniform(0.85, 1.2, 12), 0.01, 0.6)
        new = [(day_number(START) + night, np.flatnonzero(draw.random(12) < shares).tolist()) for _ in range(30)]
        everything += new
        run_date = START + timedelta(days=night)
        if kept is not None:
            found = added_to(kept, "product_id", numbered(new), asked)
            if still_all(kept.kept, found, asked, run_date):
                kept = with_rows(kept, found)
            else:
                kept = None
        if kept is None:
            recounts += 1
            kept = counted_anew(everything, asked, run_date)
        assert frequent_now(everything, asked, run_date) <= {tuple(names) for names in kept.itemsets}, night
    assert 1 < recounts < 25


def numbered(baskets: list[tuple[int, list[int]]]) -> Baskets:
    lines = [(i, item) for i, (_, basket) in enumerate(baskets) for item in basket]
    basket_of, item_of = np.array(lines, dtype=np.int64).reshape(-1, 2).T
    return Baskets(basket_of, item_of, np.array([day for day, _ in baskets]), [f"i{n:02}" for n in range(12)])


def frequent_now(baskets, asked, run_date: date) -> set[tuple[str, ...]]:
    given = numbered(baskets)
    weights = weights_of(given.day_of, run_date, asked.half_life_days)
    total = float(weights.sum()) if asked.half_life_days else given.count
    weight_of = weights if asked.half_life_days else None
    least, longest = asked.least(total), asked.max_items_per_rule
    found = frequent_itemsets(given.basket_of, given.item_of, given.count, least, Bounds(longest), weight_of)
    return {tuple(given.names[i] for i in itemset) for itemset in found}


def counted_anew(baskets, asked, run_date: date) -> Tracked:
    counted = count_here(numbered(baskets), asked, run_date)
    rows = first_rows("product_id", counted, asked, run_date)
    names = [[counted.names[i] for i in itemset] for itemset in counted.itemsets]
    days = rows.filter(rows["first_itemset"].to_numpy() == 0)
    return Tracked(kept_of(days), names, "id")


def with_rows(kept: Tracked, added) -> Tracked:
    new = kept_of(added.filter(added["first_itemset"].to_numpy() == 0))
    both = [
        np.concatenate([getattr(kept.kept, name), getattr(new, name)])
        for name in ("days", "basket_counts", "untracked_most")
    ]
    return Tracked(type(new)(*both, kept.kept.min_support), kept.itemsets, kept.tracked_id)


def test_the_bound_of_new_baskets_is_the_count_of_the_most_frequent_untracked_itemset():
    given = baskets_at_hand(["ab"] * 10 + ["c"] * 7 + ["d"] * 3)
    tracked = {(0,), (1,), (0, 1)}

    assert untracked_most(given, tracked, settings()) == 7


def test_baskets_with_more_itemsets_than_the_bound_still_have_a_bound():
    given = baskets_at_hand(["abcdefghij"] * 6 + ["k"])

    assert untracked_most(given, set(), settings(max_items_per_rule=None, max_itemsets=50)) == 7


def test_a_basket_with_thousands_of_lines_counts_each_item_once():
    items = np.arange(10_000) % 700
    names = [str(i) for i in range(700)]
    given = Baskets(np.repeat([0, 1], [10_000, 1]), np.append(items, 5), np.array([3, 3]), names)

    counted = count_here(given, settings(min_support=0.6, min_baskets_per_rule=2, tracked_share=1.0), START)

    assert counted.itemsets == [(5,)]
    assert counted.days[0][2].tolist() == [2]
    assert untracked_most(given, set(), settings()) == 2


def test_baskets_that_all_hold_hundreds_of_items_are_tracked_not_at_all():
    given = Baskets(
        np.repeat(np.arange(9), 700), np.tile(np.arange(700), 9), np.full(9, 3), [str(i) for i in range(700)]
    )

    counted = count_here(given, settings(max_itemsets=1_000), START)

    assert (counted.itemsets, counted.least) == ([], 10)
