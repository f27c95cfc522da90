"""From pairs to groups."""

import random

import numpy as np
import pandas as pd
import pytest

from jobs.identity.grouping import clusters
from jobs.identity.grouping.groups import ENDS, grouped
from jobs.identity.settings.identity import Clustering, Settings
from lakehouse.config.layers import Conf

CONF = Clustering(
    join_weight_bits=0,
    keep_weight_bits=-4,
    unlinked_weight_bits=-3,
    most_weight_bits=12,
    largest_cluster=100,
    collect_up_to_pairs=1000,
)


def pairs(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id_left", "account_id_right", "match_weight"])


def groups(labels: pd.DataFrame) -> set[frozenset[str]]:
    return {frozenset(part["account_id"]) for _, part in labels.groupby("cluster")}


def test_a_weak_bridge_between_two_people_is_cut():
    bridged = pairs(("a1", "a2", 9), ("b1", "b2", 9), ("a2", "b1", 1))
    assert groups(clusters.of_pairs(bridged, CONF)) == {frozenset({"a1", "a2"}), frozenset({"b1", "b2"})}


def test_a_strong_link_brings_in_an_account_that_the_rest_does_not_contradict():
    linked = pairs(("a1", "a2", 9), ("a2", "a3", 9))
    assert groups(clusters.of_pairs(linked, CONF)) == {frozenset({"a1", "a2", "a3"})}


def test_a_group_stops_at_the_largest_size():
    names = [f"n{i:02}" for i in range(10)]
    everyone = pairs(*[(a, b, 8.0) for i, a in enumerate(names) for b in names[i + 1 :]])
    actual = clusters.of_pairs(everyone, CONF.replace(largest_cluster=5))
    assert max(len(group) for group in groups(actual)) <= 5


def test_the_order_of_the_rows_changes_nothing():
    draw = random.Random(5)
    rows = [tuple(sorted(draw.sample([f"n{i:02}" for i in range(30)], 2))) for _ in range(60)]
    with_weights = pairs(*[(a, b, draw.uniform(-4, 12)) for a, b in sorted(set(rows))])
    first = clusters.of_pairs(with_weights, CONF)
    for seed in range(20):
        shuffled = clusters.of_pairs(with_weights.sample(frac=1, random_state=seed), CONF)
        pd.testing.assert_frame_equal(first, shuffled)


def test_no_pairs_make_no_groups():
    assert clusters.of_pairs(pairs(), CONF).empty


@pytest.mark.parametrize("shape", ["chain", "hub", "random"])
def test_spark_finds_the_components_that_scipy_finds(spark, shape):
    draw = random.Random(11)
    edges = {
        "chain": [(i, i + 1) for i in range(60)],
        "hub": [(0, i) for i in range(1, 60)],
        "random": [tuple(draw.sample(range(80), 2)) for _ in range(60)],
    }[shape]
    named = [(f"n{a:03}", f"n{b:03}") for a, b in edges]
    pairs_ = spark.createDataFrame(named, "account_id_left STRING, account_id_right STRING")
    actual = clusters.components(pairs_).collect()

    ends = np.array(edges)
    labels = clusters.component_labels(ends[:, 0], ends[:, 1], 100)
    expected: dict[int, set[str]] = {}
    for node in set(ends.ravel().tolist()):
        expected.setdefault(int(labels[node]), set()).add(f"n{node:03}")
    assert {row.account_id: row.component for row in actual} == {n: min(g) for g in expected.values() for n in g}
    at_hand = clusters.components_in_memory(pairs_.toArrow()).to_pylist()
    assert {row["account_id"]: row["component"] for row in at_hand} == {n: min(g) for g in expected.values() for n in g}


def test_both_ways_to_group_agree(spark):
    conf = Conf().settings("identity", Settings)
    draw = random.Random(2)
    names = [f"n{i:02}" for i in range(40)]
    ends = sorted({tuple(sorted(draw.sample(names, 2))) for _ in range(90)})
    edge_types = draw.choices(("pair", "same", "certain"), (12, 1, 1), k=len(ends))
    rows = [(a, b, draw.uniform(-4, 12), edge_type) for (a, b), edge_type in zip(ends, edge_types, strict=True)]
    edges = pd.DataFrame([*rows, ("n00", "n01", 0.0, "never")], columns=[*ENDS, "match_weight", "edge_type"])
    known = [(n, "web", None, draw.choice(("1234567", "7654321", None)), None, None) for n in names]
    fields = ["account_id", "channel", "held_id", "national_id", "sex", "birth"]
    facts = pd.DataFrame(known, columns=fields)
    facts_schema = ", ".join(f"{name} STRING" for name in fields)
    many = clusters.of_many_edges(
        spark.createDataFrame(edges), spark.createDataFrame(facts.values.tolist(), facts_schema), conf
    ).toPandas()
    few = grouped(edges, facts, conf)
    is_label = many["doubt"].isna()
    assert {g for g in groups(many[is_label]) if len(g) > 1} == {g for g in groups(few.labels) if len(g) > 1}
    review_candidates = many[~is_label].sort_values(["account_id", "other", "doubt"])
    expected = few.review_candidates.sort_values([*ENDS, "doubt"])
    assert (
        review_candidates[["account_id", "other", "doubt"]].to_numpy().tolist()
        == expected[[*ENDS, "doubt"]].to_numpy().tolist()
    )
