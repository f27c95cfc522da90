"""Does a rule hold in baskets that had no part in finding it."""

import numpy as np
import pytest
from scipy.stats import binomtest

from jobs.gold.baskets.later_check import Counts, held_later, lifts, wilson


def counts(both: int, antecedent: int, consequent: int, baskets: int) -> Counts:
    return Counts(np.array([both]), np.array([antecedent]), np.array([consequent]), baskets)


EARLIER = counts(60, 100, 300, 1_000)  # lift 2


def held(later: Counts, was_found: bool = True, earlier: Counts = EARLIER) -> bool | None:
    return held_later(earlier, later, np.array([was_found]), 0.95).holds[0]


def test_a_rule_holds_where_the_later_lift_is_surely_above_chance():
    assert held(counts(58, 100, 300, 1_000)) is True


def test_a_rule_fails_where_the_later_lift_is_surely_below_what_it_promised_and_not_above_chance():
    assert held(counts(30, 100, 300, 1_000)) is False
    assert held(counts(0, 100, 300, 1_000)) is False


def test_few_later_baskets_say_nothing():
    assert held(counts(2, 4, 300, 1_000)) is None
    assert held(counts(0, 0, 300, 1_000)) is None
    assert held(counts(0, 5, 0, 1_000)) is None
    assert held(counts(0, 0, 0, 0)) is None


def test_a_rule_that_the_earlier_baskets_did_not_give_is_not_judged():
    later = held_later(EARLIER, counts(58, 100, 300, 1_000), np.array([False]), 0.95)

    assert later.holds == [None]
    assert np.isnan(later.lift_earlier[0])
    assert later.lift[0] == pytest.approx(58 / 30)


def test_a_rule_that_promised_no_more_than_chance_is_not_judged():
    assert held(counts(58, 100, 300, 1_000), earlier=counts(30, 100, 300, 1_000)) is None


def test_a_lift_is_the_confidence_over_the_consequents_share():
    assert lifts(EARLIER)[0] == pytest.approx(0.6 / 0.3)


def test_the_interval_is_scipys_wilson_interval():
    successes, trials = np.array([0, 1, 7, 40, 40]), np.array([3, 1, 20, 50, 40])

    low, high = wilson(successes, trials, 0.9)

    for i, (k, n) in enumerate(zip(successes.tolist(), trials.tolist(), strict=True)):
        expected = binomtest(k, n).proportion_ci(0.9, method="wilson")
        assert (low[i], high[i]) == pytest.approx((expected.low, expected.high))
