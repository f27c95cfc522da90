"""A steward is always obeyed: every decision that does not contradict another holds, in groups of any size."""

import random
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from jobs.identity.grouping import clusters, groups
from jobs.identity.persistent_ids.decision_file import NEVER, SAME, Agreed
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf

CONF = Conf().settings("identity", Settings)
FACTS = ["account_id", "channel", "held_id", "national_id", "sex", "birth"]


def as_tables(rows, held=None):
    accounts = sorted({account for row in rows for account in row[:2]})
    facts = [(account, "x", (held or {}).get(account), None, None, None) for account in accounts]
    edges = pd.DataFrame(rows, columns=[*groups.ENDS, "match_weight", "edge_type"])
    return edges, pd.DataFrame(facts, columns=FACTS)


def cluster_of(rows, held=None):
    made = groups.grouped(*as_tables(rows, held), CONF).labels
    return dict(zip(made["account_id"], made["cluster"], strict=True))


def named(prefix, count):
    return [f"{prefix}:{number:03}" for number in range(count)]


def strong_pairs(accounts):
    return [(left, right, 20.0, "pair") for left, right in combinations(accounts, 2)]


@pytest.mark.parametrize("count", [2, 15, 16, 17, 30, 99, 100, 101, 150])
def test_never_parts_two_accounts_of_a_group_whose_pairs_are_all_strong(count):
    accounts = named("x", count)
    cluster = cluster_of([*strong_pairs(accounts), (accounts[0], accounts[1], 0.0, "never")])
    assert cluster[accounts[0]] != cluster[accounts[1]]


@pytest.mark.parametrize("count", [2, 16, 17, 60, 150])
def test_two_groups_that_are_held_stay_two_though_all_pairs_between_them_are_strong(count):
    accounts = named("x", count)
    held = {account: "one" if number < count // 2 else "two" for number, account in enumerate(accounts)}
    cluster = cluster_of(strong_pairs(accounts), held)
    assert len({cluster[account] for account in accounts}) == 2


def test_a_group_that_is_held_gives_way_to_never_through_accounts_that_are_the_same():
    # a and c stood together last night; a is b, c is d, and b is now said never to be d
    rows = [("a", "b", 0, "same"), ("c", "d", 0, "same"), ("b", "d", 0, "never"), ("a", "c", 9, "pair")]
    cluster = cluster_of(rows, {"a": "one", "c": "one"})
    assert cluster["a"] == cluster["b"] != cluster["c"] == cluster["d"]


def test_a_held_group_stays_whole_though_no_strong_pair_joins_it_any_more():
    cluster = cluster_of([("a", "b", -3, "pair"), ("b", "c", 9, "pair")], {"a": "one", "b": "one"})
    assert cluster["a"] == cluster["b"]


def test_decisions_that_contradict_each_other_are_asked_about():
    rows = [("a", "b", 0, "same"), ("b", "c", 0, "same"), ("a", "c", 0, "never")]
    review_candidates = groups.grouped(*as_tables(rows), CONF).review_candidates
    assert review_candidates["doubt"].tolist() == ["decisions contradict each other"]


def drawn(draw, prefix):
    """A group of 2 to 150 accounts: pairs strong, weak or missing, keys, and decisions that agree with each other."""
    accounts = named(prefix, draw.choice((2, 3, 8, 16, 17, 40, 100, 101, draw.randint(2, 150))))
    share, weak = draw.choice((0.02, 0.3, 1.0)), draw.choice((0.0, 0.3))
    rows = [
        (left, right, draw.uniform(-4, 0) if draw.random() < weak else draw.uniform(4, 20), "pair")
        for left, right in combinations(accounts, 2)
        if draw.random() < share
    ]
    agreed, decisions = Agreed(), []
    for _ in range(draw.randint(1, 2 + len(accounts) // 3)):
        left, right = sorted(draw.sample(accounts, 2))
        decision = draw.choice((SAME, NEVER))
        if agreed.add(left, right, decision):
            decisions.append((left, right, 0.0, decision))
    by_key = {tuple(sorted(draw.sample(accounts, 2))) for _ in range(draw.randint(0, 3))}
    certain = [(*ends, 0.0, "certain") for ends in sorted(by_key - {row[:2] for row in rows})]
    held = {a: f"{prefix}{draw.randint(0, 3)}" for a in accounts if draw.random() < draw.choice((0.0, 0.5))}
    return [*rows, *certain, *decisions], decisions, held


def assert_obeyed(decisions, cluster):
    for left, right, _, decision in decisions:
        assert (cluster[left] == cluster[right]) == (decision == SAME)


@pytest.mark.parametrize("seed", range(30))
def test_every_decision_holds_whatever_else_joins_the_accounts(seed):
    rows, decisions, held = drawn(random.Random(seed), "x")
    assert_obeyed(decisions, cluster_of(rows, held))


def test_every_decision_holds_in_both_engines_and_both_make_the_same_groups(spark):
    draw = random.Random(5)
    parts = [drawn(draw, f"g{number}") for number in range(6)]
    rows, decisions = [r for part in parts for r in part[0]], [d for part in parts for d in part[1]]
    held = {account: name for part in parts for account, name in part[2].items()}
    edges, facts = as_tables(rows, held)
    few = groups.grouped(edges, facts, CONF).labels
    schema = ", ".join(f"{name} STRING" for name in FACTS)
    by_spark = spark.createDataFrame(facts.replace({np.nan: None}).to_numpy(object).tolist(), schema)
    many = clusters.of_many_edges(spark.createDataFrame(edges), by_spark, CONF).where("doubt IS NULL").toPandas()
    cluster = dict(zip(many["account_id"], many["cluster"], strict=True))
    assert_obeyed(decisions, {**{a: a for a in few["account_id"]}, **cluster})
    assert {a: cluster.get(a, a) for a in few["account_id"]} == dict(
        zip(few["account_id"], few["cluster"], strict=True)
    )
