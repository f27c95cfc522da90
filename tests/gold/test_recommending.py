"""The parts of recommendations: factors, ranker, choice and measures, each against a slow obvious version."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from jobs.gold.recommending.als import item_factors, loss, other_factors, strengths
from jobs.gold.recommending.candidates import Candidates, Facts, affinity, candidates, facts, first_open, interval_days
from jobs.gold.recommending.choosing import chosen
from jobs.gold.recommending.evaluation import Judged, evaluated
from jobs.gold.recommending.fitting import NOBODY, is_bought
from jobs.gold.recommending.kinds import DUE, NEW, REPURCHASE, TOO_SOON, kinds_of
from jobs.gold.recommending.measures import gini, measured
from jobs.gold.recommending.named import BETWEEN, in_words
from jobs.gold.recommending.named import numbered as named_offers
from jobs.gold.recommending.ranker import Ranker, learned, stand_in
from jobs.gold.recommending.spark_als import als_model
from tests.gold.recommending import crowd, items_of, purchases_of, settings

FACTORS = settings().factors.replace(count=3, rounds=8, regularisation=0.1, confidence_per_log_count=2.0)


def own_strengths(bought):
    shape = (len(bought.customers), len(bought.items.keys))
    return strengths(bought.customer, bought.item, bought.counts["day_count"], shape, FACTORS.confidence_per_log_count)


def test_a_half_round_solves_the_weighted_least_squares_of_each_row():
    own, columns = own_strengths(crowd(12, 10, seed=1)), np.random.default_rng(2).normal(size=(10, 3))

    found = other_factors(own, columns, 0.1)

    for row, strength in enumerate(own.toarray()):
        weights = 1.0 + strength
        left = columns.T @ np.diag(weights) @ columns + 0.1 * (strength > 0).sum() * np.eye(3)
        assert found[row] == pytest.approx(np.linalg.solve(left, columns.T @ (weights * (strength > 0))))


def test_more_rounds_never_raise_the_loss():
    own = own_strengths(crowd(40, 20, seed=3))

    losses = []
    for rounds in (1, 2, 4, 8):
        columns = item_factors(own, FACTORS.replace(rounds=rounds))
        losses.append(loss(own, other_factors(own, columns, 0.1), columns, 0.1))

    assert losses == sorted(losses, reverse=True)


def test_taste_tells_two_tastes_apart():
    bought = crowd(60, 20, seed=4)
    known = facts(bought, item_factors(own_strengths(bought), FACTORS))

    liking = affinity(bought, known, FACTORS)

    first_half = liking[::2, :10].mean(), liking[::2, 10:].mean()
    assert first_half[0] > 5 * abs(first_half[1])


def test_both_lanes_of_the_factorisation_agree(spark, tmp_path):
    spark.sparkContext.setCheckpointDir(str(tmp_path))
    own = own_strengths(crowd(60, 20, seed=5)).tocoo()
    counts = np.expm1(own.data / FACTORS.confidence_per_log_count)
    pairs = pd.DataFrame({"customer": own.row, "item": own.col, "day_count": np.round(counts).astype(int)})

    model = als_model(spark.createDataFrame(pairs), FACTORS.replace(rounds=6))

    of_items, of_customers = (
        np.array([row.features for row in part.orderBy("id").collect()])
        for part in (model.itemFactors, model.userFactors)
    )
    own = own.tocsr()
    assert other_factors(own, of_items, 0.1) == pytest.approx(of_customers, abs=2e-4)  # the same half round
    ours = item_factors(own, FACTORS.replace(rounds=6))
    theirs = loss(own, of_customers, of_items, 0.1)
    assert loss(own, other_factors(own, ours, 0.1), ours, 0.1) == pytest.approx(theirs, rel=0.05)  # the same optimum


def test_nothing_to_factorise_has_no_factors():
    assert item_factors(sparse.csr_matrix((1, 4)), FACTORS).shape == (4, 0)
    assert item_factors(sparse.csr_matrix((0, 0)), FACTORS).shape == (0, 0)


def test_the_first_open_items_are_the_best_that_are_open():
    is_open = np.array([[True, False, True, True], [False, True, False, True]])

    found = first_open(np.array([4.0, 3.0, 1.0, 2.0]), is_open, 2)

    assert found.tolist() == [[True, False, False, True], [False, True, False, True]]


def test_candidates_are_what_is_owned_liked_taken_up_or_named():
    bought = purchases_of(
        items_of("A / a", "B / b", "C / c", "D / d"), ann={0: (2, 1, 5)}, bob={1: (1, 3, 3), 0: (1, 9, 9)}
    )
    known = facts(bought, np.zeros((4, 0)))
    liking = np.array([[0.0, 0.1, 0.0, 0.9], [0.0, 0.0, 0.2, 0.1]])

    found = candidates(bought, known, liking, 1, (np.array([1]), np.array([3])))

    assert list(zip(found.customer.tolist(), found.item.tolist(), found.is_owned.tolist(), strict=True)) == [
        (0, 0, True),
        (0, 1, False),
        (0, 3, False),
        (1, 0, True),
        (1, 1, True),
        (1, 2, False),
        (1, 3, False),
    ]


def test_what_was_bought_once_and_long_ago_is_no_candidate_even_where_a_rule_names_it():
    bought = purchases_of(items_of("A / a", "B / b"), ann={0: (1, 90, 90), 1: (2, 90, 120)})
    known = facts(bought, np.zeros((2, 0)))

    found = candidates(bought, known, np.zeros((1, 2)), 1, (np.array([0]), np.array([0])))

    assert found.item.tolist() == [1]


def test_an_interval_is_the_mean_between_days_and_one_purchase_has_the_time_since():
    counts = {
        "day_count": np.array([5.0, 1.0, 2.0]),
        "days_since": np.array([9.0, 30.0, 3.0]),
        "age_days": np.array([49.0, 30.0, 3.0]),
    }

    assert interval_days(counts).tolist() == [10.0, 30.0, 1.0]


RHYTHMS = [
    ((5, 9, 49), DUE),
    ((5, 20, 60), DUE),
    ((5, 7, 47), REPURCHASE),
    ((5, 25, 65), REPURCHASE),
    ((3, 9, 29), REPURCHASE),
    ((5, 4, 44), TOO_SOON),
    ((1, 0, 0), TOO_SOON),
]


@pytest.mark.parametrize(("own", "kind"), RHYTHMS)
def test_due_is_within_the_ratios_of_the_own_interval_and_needs_a_rhythm(own, kind):
    bought = purchases_of(items_of("A / a"), ann={0: own})
    found = candidates(bought, facts(bought, np.zeros((1, 0))), np.zeros((1, 1)), 1, NOBODY)

    assert kinds_of(bought, found, settings().choice).tolist() == [kind]


def test_the_ranker_finds_the_weights_that_made_the_data():
    random = np.random.default_rng(6)
    size = 40_000
    features = random.normal(size=(size, 12))
    margin = 0.8 * features[:, 0] - 0.5 * features[:, 3] - 1.0
    outcome = (random.random(size) < 1 / (1 + np.exp(-margin))).astype(float)
    found = Candidates(np.arange(size), np.zeros(size, int), np.full(size, -1), features)

    ranker = learned(found, outcome, 1e-6)

    raw = np.array(ranker.new.weights) / np.array(ranker.new.scales)
    assert raw[[0, 3]] == pytest.approx([0.8, -0.5], abs=0.04)
    assert ranker.probabilities(found).mean() == pytest.approx(outcome.mean(), abs=1e-3)


def test_a_part_without_both_outcomes_keeps_the_declared_weights():
    found = Candidates(np.arange(4), np.zeros(4, int), np.array([-1, -1, 0, 1]), np.ones((4, 12)))

    ranker = learned(found, np.zeros(4), 1e-4)

    assert (ranker.new, ranker.owned) == (stand_in().new, stand_in().owned)


def test_a_ranker_is_the_same_after_json():
    assert Ranker.from_json(stand_in().to_json()) == stand_in()


def test_mlflow_serves_the_same_probabilities():
    from jobs.gold.recommending.model_log import columns
    from jobs.gold.recommending.ranker_pyfunc import probabilities

    bought = crowd(20, 12, seed=7)
    found = candidates(bought, facts(bought, np.zeros((12, 0))), np.zeros((20, 12)), 3, NOBODY)
    frame = pd.DataFrame(0.0, index=range(len(found.item)), columns=columns()).assign(is_owned=found.is_owned)
    for part, rows in ((stand_in().new, ~found.is_owned), (stand_in().owned, found.is_owned)):
        frame.loc[rows, list(part.features)] = found.features[rows, : len(part.features)]

    import json

    served = probabilities(json.loads(stand_in().to_json()), frame)

    assert served["probability"].to_numpy() == pytest.approx(stand_in().probabilities(found))


def slots(wanted, **kinds):
    return wanted.replace(slots={"new": 0, "due": 0, "repurchase": 0} | kinds)


def choose(probability, kind, categories, wanted, factors=None, customer=None, is_known=True):
    """Item numbers in order of rank; item n is candidate n."""
    size = len(probability)
    found = Candidates(
        np.zeros(size, int) if customer is None else customer, np.arange(size), np.full(size, -1), np.zeros((size, 12))
    )
    known = Facts(
        100,
        np.full(size, 10.0),
        *[np.zeros(size)] * 3,
        np.zeros((size, 1)) if factors is None else factors,
        np.array(categories),
        np.zeros(size, int),
        *[np.full(size, is_known)] * 2,
    )
    return chosen(found, np.array(probability), np.array(kind), known, wanted).place.tolist()


def plain(items=3):
    wanted = settings().choice.replace(
        items_per_customer=items,
        relevance_share=1.0,
        long_tail_share=0.0,
        at_most_per_category=9,
        at_most_per_department=9,
    )
    return slots(wanted, new=9, due=9, repurchase=9)


def test_the_likeliest_come_first_where_nothing_else_is_asked_for():
    assert choose([0.1, 0.4, 0.2, 0.3], [NEW] * 4, [0, 1, 2, 3], plain()) == [1, 3, 2]


def test_what_is_too_soon_is_not_said():
    assert choose([0.1, 0.4, 0.2], [NEW, TOO_SOON, REPURCHASE], [0, 1, 2], plain()) == [0, 2]


def test_no_category_has_more_places_than_allowed():
    wanted = plain().replace(at_most_per_category=1)

    assert choose([0.1, 0.4, 0.2, 0.3], [NEW] * 4, [0, 1, 1, 1], wanted) == [1, 0]


def test_items_of_which_no_category_and_department_is_known_do_not_share_one():
    wanted = plain().replace(at_most_per_category=1, at_most_per_department=1)

    assert choose([0.1, 0.4, 0.2, 0.3], [NEW] * 4, [0] * 4, wanted, is_known=False) == [1, 3, 2]


def test_kinds_have_their_slots_and_the_others_fill_what_one_cannot():
    wanted = slots(plain(), new=1, repurchase=2)

    kinds = [NEW, NEW, REPURCHASE, REPURCHASE, REPURCHASE]
    assert choose([0.1, 0.2, 0.9, 0.8, 0.7], kinds, [0, 1, 2, 3, 4], wanted) == [1, 2, 3]
    assert choose([0.1, 0.2, 0.9], [NEW, NEW, REPURCHASE], [0, 1, 2], wanted) == [1, 2, 0]


def test_an_item_like_those_above_gives_way_to_another_one():
    wanted = plain(2).replace(relevance_share=0.5)
    factors = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])

    assert choose([0.9, 0.8, 0.5], [NEW] * 3, [0, 1, 2], wanted, factors) == [0, 2]


def test_the_long_tail_has_its_share_of_the_places():
    wanted = plain(4).replace(long_tail_share=0.5, head_share=0.5)  # ten buyers each: the first two are the head

    assert choose([0.9, 0.8, 0.7, 0.1], [NEW] * 4, [0, 1, 2, 3], wanted) == [0, 1, 2, 3]
    fewer = wanted.replace(items_per_customer=2)
    assert choose([0.9, 0.8, 0.1, 0.2], [NEW] * 4, [0, 1, 2, 3], fewer) == [0, 3]


def test_recall_and_gain_are_those_counted_by_hand():
    lists = np.array([[0, 1, -1], [2, 0, 1], [0, 1, 2]])
    hit = np.array([[True, False, False], [False, True, True], [False, False, False]])

    found = measured(lists, hit, np.array([2, 2, 0]), np.array([4.0, 2.0, 1.0, 1.0]), 4, np.array([0, 0, 1, 1], bool))

    ideal = 1 + 1 / np.log2(3)
    assert found.customer_count == 2
    assert found.recall_at_10 == pytest.approx((1 / 2 + 2 / 2) / 2)
    assert found.ndcg_at_10 == pytest.approx((1 / ideal + (1 / np.log2(3) + 1 / 2) / ideal) / 2)
    assert found.coverage == 3 / 4
    assert found.novelty_bits == pytest.approx((3 * 0 + 3 * 1 + 2 * 2) / 8)
    assert found.long_tail_share == pytest.approx(2 / 8)


def test_gini_is_half_the_mean_difference_as_a_share_of_the_mean():
    amounts = np.array([0.0, 1.0, 5.0, 2.0])
    slow = np.abs(amounts[:, None] - amounts[None]).mean() / (2 * amounts.mean())

    assert gini(amounts) == pytest.approx(slow)
    assert gini(np.zeros(3)) == 0.0


def test_the_evaluation_counts_what_was_bought_outside_the_catalogue_and_new_items_only_where_asked():
    bought = crowd(30, 20, seed=8)
    of = replace(bought, wanted_customer=np.array([0, 0, 2]), wanted_item=np.array([int(bought.item[0]), -1, 19]))
    known = facts(of, np.zeros((20, 0)))
    liking = np.zeros((30, 20))
    liking[2, 19] = 1.0
    found = candidates(of, known, liking, 10, NOBODY)
    day = Judged(of, known, liking, found, stand_in().probabilities(found))

    rows = {(r["task"], r["method"]): r for r in evaluated(day, settings().choice) if r["customer_group"] == "all"}

    assert is_bought(of, found, 20).sum() == 2
    assert rows["new", "als"]["customer_count"] == 2  # the one outside the catalogue is new, too
    assert rows["new", "als"]["recall_at_10"] == pytest.approx(0.5)
    assert rows["all", "last_basket"]["customer_count"] == 2


def test_an_antecedent_is_said_in_words():
    assert in_words("MILK", {}) == "milk"
    assert in_words(BETWEEN.join(["FLUID MILK", "Brie", "EGGS"]), {"FLUID MILK": "milk"}) == "milk, Brie and eggs"


def test_offers_of_customers_and_items_that_are_not_known_are_left_out():
    items = items_of("A / a", "B / b")
    offers = pa.table(
        {"customer_id": ["ann", "ghost", "ann"], "item": ["B / b", "A / a", "D / d"], "cause": list("xyz")}
    )
    due = pa.table({"customer_id": ["ann"], "item": ["B / b"], "cause": ["w"]})
    bought = purchases_of(items, ann={0: (1, 1, 1)})

    found = named_offers(offers, due.slice(0, 0), bought, {})
    both = named_offers(offers, due, bought, {})

    assert (found.customer.tolist(), found.item.tolist(), found.cause.to_pylist()) == ([0], [1], ["x"])
    assert (both.cause.to_pylist(), both.is_follow_on.tolist()) == (["w"], [True])
    assert found.places(np.array([0, 0]), np.array([0, 1]), 2).tolist() == [-1, 0]


def test_the_product_of_a_rule_is_said_by_its_name_and_as_conf_says_it():
    items = items_of("21928", "22917")
    bought = purchases_of(replace(items, names=["JUMBO BAG", "HERB MARKER"]), ann={0: (1, 1, 1)})
    due = pa.table({"customer_id": ["ann"], "item": ["22917"], "cause": ["21928"]})
    none = pa.table({name: pa.array([], pa.string()) for name in due.column_names})

    assert named_offers(none, due, bought, {}).cause.to_pylist() == ["jumbo bag"]
    assert named_offers(none, due, bought, {"21928": "a BIG bag"}).cause.to_pylist() == ["a BIG bag"]
