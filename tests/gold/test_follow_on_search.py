"""Follow-on rules: a planted one is found and measured, what only looks like one is not; the parts by slow versions."""

from dataclasses import replace

import numpy as np
import pytest

from jobs.gold.follow_on import excess
from jobs.gold.follow_on.comparable import Late, Pair, base_rate, confidence_curve, late, pair_trials
from jobs.gold.follow_on.first_purchases import NEVER, FirstPurchases
from jobs.gold.follow_on.lag_curves import lag_curve, wilson
from jobs.gold.follow_on.search import Search, found_rules, later_ratio, why_none
from jobs.gold.follow_on.trials import trials_of
from tests.gold.follow_on_people import (
    FIRST_DAY,
    independent,
    of_few_who_have_everything,
    of_launches,
    planted,
)

SEARCH = Search(
    windows_days=(7, 14, 30, 60, 90, 180),
    unseen_days=56,
    check_days=91,
    min_buyers=50,
    min_followers=15,
    min_lift=1.5,
    max_q_value=0.05,
    max_rules=500,
)
KEEN = replace(SEARCH, min_followers=1, min_lift=1.0)  # whatever is significant
A, B = 25, 12


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_rule_of_60_percent_in_90_days_is_found_alone_and_within_2_points(seed):
    rng = np.random.default_rng(100 + seed)
    people = planted(rng, independent(rng, 12_000, 34), A, B, share=0.6, within_days=90)

    (rule,) = found_rules(people, SEARCH)

    assert rule.pair == Pair(A, B, window_days=90)
    assert rule.curve.confidence == pytest.approx(0.6, abs=0.02)
    assert rule.curve.interval(1.96)[0] < 0.6 < rule.curve.interval(1.96)[1]
    assert [rule.curve.lag_days(part) for part in (0.1, 0.5, 0.9)] == pytest.approx([9, 45, 81], abs=4)
    assert rule.late.holds(5.0) is True


@pytest.mark.parametrize("seed", range(8))
def test_of_a_thousand_independent_pairs_none_survives(seed):
    people = independent(np.random.default_rng(seed), 3_000, 34)

    assert len(people.items) * (len(people.items) - 1) > 1_000
    assert found_rules(people, KEEN) == []


@pytest.mark.parametrize("seed", range(6))
def test_who_has_nearly_everything_can_only_try_what_is_left_and_that_is_no_rule(seed):
    assert found_rules(of_few_who_have_everything(np.random.default_rng(5000 + seed), 3_000, 34), KEEN) == []


@pytest.mark.parametrize("seed", range(5))
def test_items_that_are_launched_and_promoted_together_do_not_follow_from_one_another(seed):
    assert found_rules(of_launches(np.random.default_rng(5000 + seed), 3_000, 34), KEEN) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_small_company_finds_its_rule_too_and_nothing_where_nothing_is_planted(seed):
    rng = np.random.default_rng(200 + seed)
    nobody = independent(rng, 700, 24)
    people = planted(rng, nobody, 17, 4, share=0.6, within_days=90)

    assert (17, 4) in {(rule.pair.antecedent, rule.pair.consequent) for rule in found_rules(people, SEARCH)}
    assert found_rules(nobody, KEEN) == []


def test_without_strata_heavy_buyers_would_make_false_rules(monkeypatch):
    people = independent(np.random.default_rng(0), 3_000, 34)
    monkeypatch.setattr("jobs.gold.follow_on.trials.Trials.strata", lambda self, *by: self.weeks * 0)

    assert len(found_rules(people, KEEN)) > 10


@pytest.mark.parametrize("seed", range(3))
def test_the_base_rate_is_what_the_same_buyers_do_where_nothing_is_planted(seed):
    rng = np.random.default_rng(100 + seed)
    without = independent(rng, 12_000, 34)
    people = planted(rng, without, A, B, share=0.6, within_days=90)
    pair, first_counted = Pair(A, B, 90), SEARCH.first_counted(people)
    found = pair_trials(people, trials_of(people, first_counted), pair, first_counted)

    expected = confidence_curve(without, pair, first_counted).confidence

    assert base_rate(people, pair, first_counted, found) == pytest.approx(expected, abs=0.05)


def test_a_rule_that_stops_does_not_hold_later():
    rng = np.random.default_rng(1)
    chance = independent(rng, 12_000, 34)
    people = planted(rng, chance, A, B, share=0.6, within_days=90)
    cut = people.last_day - SEARCH.check_days
    fades = replace(people, days=only_by_chance_after(people.days, chance.days, cut))

    (rule,) = found_rules(fades, SEARCH)

    assert rule.late.holds(5.0) is False


def only_by_chance_after(days: np.ndarray, chance: np.ndarray, cut: int) -> np.ndarray:
    """After the cut B is bought as if there were no rule, by those who have none yet."""
    found = days.copy()
    found[:, B] = np.where(days[:, B] <= cut, days[:, B], np.where(chance[:, B] > cut, chance[:, B], NEVER))
    return found


def test_observed_and_expected_followers_are_those_of_a_slow_count():
    people = independent(np.random.default_rng(3), 120, 6)
    first_counted, windows = FIRST_DAY + 56, (14, 60)

    found = excess.excess(people, windows, first_counted)

    observed, expected = slow_excess(people, windows, first_counted)
    off = ~np.eye(6, dtype=bool)
    assert np.array_equal(found.observed[:, off], observed[:, off])
    share = found.buyers / found.buyers.sum()
    assert found.expected[:, off] * np.broadcast_to((1 - share)[:, None], (6, 6))[off] == pytest.approx(
        expected[:, off], rel=1e-4, abs=1e-4
    )


def slow_excess(people: FirstPurchases, windows: tuple[int, ...], first_counted: int) -> tuple[np.ndarray, np.ndarray]:
    """Customer by customer, trial by trial, pair by pair."""
    trials, count = trials_of(people, first_counted), len(people.items)
    strata = trials.strata()
    at_risk, events = {}, {}
    for row, day, stratum in zip(trials.row, trials.day, strata, strict=True):
        for b in range(count):
            at_risk[stratum, b] = at_risk.get((stratum, b), 0) + (people.days[row, b] >= day)
            events[stratum, b] = events.get((stratum, b), 0) + (people.days[row, b] == day)
    observed, expected = np.zeros((len(windows), count, count)), np.zeros((len(windows), count, count))
    for row, day, stratum in zip(trials.row, trials.day, strata, strict=True):
        for w, window in enumerate(windows):
            for a in range(count):
                first = people.days[row, a]
                if first_counted <= first < day <= first + window:
                    for b in range(count):
                        if people.days[row, b] >= day:
                            observed[w, a, b] += people.days[row, b] == day
                            expected[w, a, b] += events[stratum, b] / at_risk[stratum, b]
    return observed, expected


@pytest.mark.parametrize("cells", [1, 50, 400])
def test_chunks_change_nothing(monkeypatch, cells):
    people = independent(np.random.default_rng(4), 60, 5)
    whole = excess.excess(people, (30,), FIRST_DAY + 28)
    monkeypatch.setattr(excess, "CELLS_PER_CHUNK", cells)

    parts = excess.excess(people, (30,), FIRST_DAY + 28)

    assert np.array_equal(parts.observed, whole.observed)
    assert parts.expected == pytest.approx(whole.expected, rel=1e-4, abs=1e-5)


def test_the_order_of_customers_changes_no_rule():
    rng = np.random.default_rng(7)
    people = planted(rng, independent(rng, 4_000, 10), 8, 2, share=0.5, within_days=30)
    shuffled = replace(people, days=people.days[rng.permutation(len(people.days))])

    one, other = found_rules(people, SEARCH), found_rules(shuffled, SEARCH)

    assert [rule.pair for rule in one] == [rule.pair for rule in other]
    assert [rule.base_rate for rule in one] == pytest.approx([rule.base_rate for rule in other])


def test_windows_that_are_not_over_count_as_long_as_they_were_seen():
    lags = np.array([1, 3, 99, 99, 99])
    seen = np.array([9, 9, 9, 2, 1])

    curve = lag_curve(lags, seen, window_days=4)

    by_hand = [0.0, 1 / 5, 1 / 5, 1 - (4 / 5) * (1 / 2), 1 - (4 / 5) * (1 / 2)]
    assert curve.share == pytest.approx(by_hand)
    assert (curve.buyers, curve.followers) == (5, 2)


def test_the_curve_says_how_many_should_follow_in_the_last_days():
    curve = lag_curve(np.array([1, 9, 9, 9]), np.array([4, 4, 4, 4]), window_days=3)  # a quarter on the first day

    lags, seen = np.array([99, 99, 99, 2]), np.array([1, 3, 9, 3])

    # the first is seen on its first day alone, which is one of the last two; the others' first day was before
    assert curve.expected(lags, seen, last_days=2) == pytest.approx(-np.log(0.75))
    assert curve.expected(lags, seen, last_days=3) == pytest.approx(-3 * np.log(0.75))


def test_the_later_ratio_of_a_planted_rule_is_one_and_of_one_that_fades_less():
    rng = np.random.default_rng(1)
    chance = independent(rng, 12_000, 34)
    people = planted(rng, chance, A, B, share=0.6, within_days=90)
    fades = replace(people, days=only_by_chance_after(people.days, chance.days, people.last_day - SEARCH.check_days))

    assert later_ratio(found_rules(people, SEARCH)) == pytest.approx(1.0, abs=0.1)
    assert later_ratio(found_rules(fades, SEARCH)) < 0.6
    assert later_ratio([]) is None


def test_all_windows_over_give_the_plain_share_and_wilsons_interval():
    lags, seen = np.array([5] * 30 + [50] * 70), np.full(100, 90)

    curve = lag_curve(lags, seen, window_days=30)

    assert curve.confidence == pytest.approx(0.3)
    # Newcombe (Statistics in Medicine 1998) for the formula; 30 of 100 at 95 %
    assert curve.interval(1.959964) == pytest.approx((0.2189, 0.3958), abs=5e-4)


@pytest.mark.parametrize(("share", "size"), [(0.0, 10.0), (1.0, 10.0)])
def test_wilsons_interval_stays_within_0_and_1(share, size):
    low, high = wilson(share, size, 1.96)

    assert 0 <= low < high <= 1


def test_who_had_the_consequent_before_is_no_buyer_at_risk_and_the_same_day_is_before():
    days = np.array([[70, 60], [70, 70], [70, 75], [70, NEVER], [10, 75]], dtype=np.int32)
    people = FirstPurchases(["a", "b"], days, 0, 100)

    curve = confidence_curve(people, Pair(0, 1, 20), first_counted=56)

    assert (curve.buyers, curve.followers) == (2, 1)


def test_little_in_the_last_days_says_nothing():
    assert Late(0, 1.0, 0.9).holds(5.0) is None
    assert Late(4, 1.0, 0.01).holds(5.0) is True
    assert Late(6, 6.0, 0.5).holds(5.0) is False


def test_the_late_check_looks_at_the_last_days_alone():
    rng = np.random.default_rng(2)
    people = planted(rng, independent(rng, 4_000, 10), 8, 2, share=0.5, within_days=30)
    first_counted = SEARCH.first_counted(people)
    found = pair_trials(people, trials_of(people, first_counted), Pair(8, 2, 30), first_counted)

    assert late(found, people.last_day + 1) == Late(0, 0.0, 1.0)
    assert late(found, first_counted).followers > late(found, people.last_day - 60).followers > 0


def no_one(item_count: int = 0) -> FirstPurchases:
    return FirstPurchases(["i"] * item_count, np.zeros((0, item_count), dtype=np.int32), 0, 400)


@pytest.mark.parametrize(
    ("people", "says"),
    [
        (no_one(), "two are needed"),
        (no_one(1), "two are needed"),
        (no_one(3), "nothing follows"),
        (FirstPurchases(["a", "b"], np.array([[0, 3]], dtype=np.int32), 0, 30), "more than 63 are needed"),
        (FirstPurchases(["a", "b"], np.array([[0, 90]], dtype=np.int32), 0, 200), "nothing follows"),
        (FirstPurchases(["a"], np.full((500, 1), 90, dtype=np.int32), 0, 200), "two are needed"),
        (FirstPurchases(["a", "b"], np.full((500, 2), 90, dtype=np.int32), 0, 200), "nothing follows"),
    ],
)
def test_too_little_gives_no_rules_and_says_what_is_missing(people, says):
    assert found_rules(people, SEARCH) == []
    assert says in why_none(people, SEARCH)
