"""What stewards and cannot-link rules do to growing groups."""

import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.identity.grouping import cannot_link, groups
from jobs.identity.grouping.side_by_side import Edges
from jobs.identity.settings.identity import CannotLinkRule, DeterministicKey, Settings
from lakehouse.config.layers import Conf

CONF = Conf().settings("identity", Settings)


def edges(*rows):
    return pd.DataFrame([(*sorted(r[:2]), *r[2:]) for r in rows], columns=[*groups.ENDS, "match_weight", "edge_type"])


def facts(**known):
    """What is known of each account."""
    fields = ("held_id", "national_id", "sex", "birth")
    rows = [(name, name.split("_")[0], *(values.get(f) for f in fields)) for name, values in known.items()]
    return pd.DataFrame(rows, columns=["account_id", "channel", *fields])


def grouping(rows, known=None, conf=CONF):
    made = groups.grouped(edges(*rows), facts() if known is None else known, conf)
    return {frozenset(part["account_id"]) for _, part in made.labels.groupby("cluster")}, made.review_candidates


def test_same_joins_two_customers_that_the_model_keeps_apart():
    rows = [("a1", "a2", 9, "pair"), ("b1", "b2", 9, "pair"), ("a1", "b1", 0, "same")]
    assert grouping(rows)[0] == {frozenset({"a1", "a2", "b1", "b2"})}


def test_never_keeps_two_accounts_apart_though_the_model_is_sure_and_asks_no_more():
    made, review_candidates = grouping([("a", "b", 12, "pair"), ("a", "b", 0, "never")])
    assert made == {frozenset({"a"}), frozenset({"b"})}
    assert review_candidates.empty


def test_never_holds_through_third_accounts():
    rows = [("a", "x", 9, "pair"), ("x", "b", 8, "pair"), ("a", "b", 0, "never")]
    assert grouping(rows)[0] == {frozenset({"a", "x"}), frozenset({"b"})}


def test_never_holds_through_accounts_that_are_decided_to_be_the_same():
    rows = [("a", "b", 0, "same"), ("c", "b", 0, "never"), ("a", "x", 9, "pair"), ("x", "c", 8, "pair")]
    assert grouping(rows)[0] == {frozenset({"a", "b", "x"}), frozenset({"c"})}


def test_a_key_that_is_certain_joins_and_gives_way_to_a_steward():
    rows = [("a", "b", -3, "certain")]
    assert grouping(rows)[0] == {frozenset({"a", "b"})}
    assert grouping([*rows, ("a", "b", 0, "never")])[0] == {frozenset({"a"}), frozenset({"b"})}


@pytest.mark.parametrize("edge_type", ["pair", "certain"])
def test_conflicting_national_ids_are_two_persons_through_a_third_account_too(edge_type):
    known = facts(a={"national_id": "1234567"}, b={"national_id": "7654321"}, x={})
    made, review_candidates = grouping([("a", "x", 9, edge_type), ("b", "x", 8, edge_type)], known)
    assert made == {frozenset({"a", "x"}), frozenset({"b"})}
    assert review_candidates["doubt"].tolist() == ["national_id"]


def test_a_slip_in_a_national_id_is_no_conflict():
    known = facts(a={"national_id": "1234567"}, b={"national_id": "1243567"})
    assert grouping([("a", "b", 9, "pair")], known)[0] == {frozenset({"a", "b"})}


def test_sex_and_birth_date_must_both_conflict():
    both = facts(a={"sex": "f", "birth": "19800101"}, b={"sex": "m", "birth": "19551231"})
    one = facts(a={"sex": "f", "birth": "19800101"}, b={"sex": "m", "birth": "19800101"})
    rows = [("a", "b", 9, "pair")]
    assert len(grouping(rows, both)[0]) == 2
    assert len(grouping(rows, one)[0]) == 1


def test_a_cannot_link_rule_can_be_off_and_a_steward_stands_above_it():
    known = facts(a={"national_id": "1234567"}, b={"national_id": "7654321"})
    off = {name: rule.replace(is_on=False) for name, rule in CONF.evidence.vetoes.items()}
    conf = CONF.replace(evidence=CONF.evidence.replace(vetoes=off))
    assert len(grouping([("a", "b", 9, "pair")], known, conf)[0]) == 1
    assert len(grouping([("a", "b", 9, "pair"), ("a", "b", 0, "same")], known)[0]) == 1


def test_two_accounts_of_an_exclusive_channel_are_two_persons():
    evidence = CONF.evidence.replace(exclusive_channels=("club",))
    conf = CONF.replace(evidence=evidence)
    known = facts(club_1={}, club_2={}, web_1={}, web_2={})
    assert len(grouping([("club_1", "club_2", 9, "pair")], known, conf)[0]) == 2
    assert len(grouping([("web_1", "web_2", 9, "pair")], known, conf)[0]) == 1


def test_a_group_held_by_one_weak_pair_is_asked_about_and_a_cut_bridge_is_too():
    made, review_candidates = grouping([("a", "b", 1, "pair")])
    assert made == {frozenset({"a", "b"})}
    assert review_candidates["doubt"].tolist() == [groups.WEAK]
    cut, review_candidates = grouping([("a1", "a2", 9, "pair"), ("b1", "b2", 9, "pair"), ("a2", "b1", 3, "pair")])
    assert len(cut) == 2
    assert review_candidates["doubt"].tolist() == [groups.BRIDGE]


def test_held_groups_stay_until_an_account_with_new_evidence_joins_them():
    known = facts(a={"held_id": "1"}, b={"held_id": "1"}, c={"held_id": "2"}, d={"held_id": "2"})
    weak = [("a", "b", -3, "pair"), ("c", "d", -3, "pair")]
    strong = [(one, other, 9, "pair") for one in "ab" for other in "cd"]
    assert grouping([*weak, *strong], known)[0] == {frozenset("ab"), frozenset("cd")}
    new_pairs = [("x", other, 9, "pair") for other in "abcd"]
    assert grouping([*weak, *strong, *new_pairs], known)[0] == {frozenset("abcdx")}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)
def test_edits_are_counted_as_published(one, other, expected):
    # the last pair tells the restricted distance (3) from the unrestricted one (2)
    assert cannot_link.edits(one, other) == cannot_link.edits(other, one) == expected


def one_at_a_time(rows, known, conf):
    """All accounts as one component, grown a pair at a time: what every quicker way must agree with."""
    numbers, ends = groups.numbered(pa.Table.from_pandas(edges(*rows)[groups.ENDS]))
    accounts = np.array(numbers.to_pylist(), dtype=object)
    frame = edges(*rows)
    free = np.full(len(accounts), None)
    made = groups.TypedEdges(Edges(ends, frame["match_weight"].to_numpy(float)), frame["edge_type"].to_numpy(str), free)
    nodes, against = np.arange(len(accounts)), cannot_link.CannotLinkRules(known, accounts, conf.evidence)
    weak = conf.guards.review_joins_below_bits
    first, review_candidates = groups._one_at_a_time(nodes, nodes, made, against, conf.clustering, weak)
    questions = [
        (accounts[a], accounts[b], why, bits)
        for a, b, why, bits in review_candidates.itertuples(index=False, name=None)
    ]
    return accounts[first].tolist(), questions


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_plain", [True, False])
def test_groups_made_whole_or_side_by_side_are_those_that_each_pair_in_turn_makes(seed, is_plain):
    draw = random.Random(seed)
    evidence = CONF.evidence.replace(exclusive_channels=("club",))
    bounds = CONF.clustering.replace(largest_cluster=draw.choice((4, 100)))
    conf = CONF.replace(evidence=evidence, clustering=bounds)
    edge_types = ("pair",) if is_plain else ("pair", "pair", "pair", "pair", "same", "never", "certain")
    for _ in range(25):
        names = [f"{draw.choice(('web', 'club', 'pos'))}_{i:02}" for i in range(draw.choice((6, 25, 70)))]
        ends = sorted({tuple(sorted(draw.sample(names, 2))) for _ in range(draw.randint(3, 2 * len(names)))})
        weights = (round(draw.uniform(-4, 14), draw.choice((0, 3))) for _ in ends)  # equal weights, too
        rows = [(a, b, weight, draw.choice(edge_types)) for (a, b), weight in zip(ends, weights, strict=True)]
        known = facts(
            **{
                n: {
                    "national_id": draw.choice((None, None, None, "1234567", "1234576", "7654321")),
                    "sex": draw.choice((None, "f", "m")),
                    "birth": draw.choice((None, "19800101", "19810101", "19551231")),
                }
                for n in names
            }
        )
        quick = groups.grouped(edges(*rows), known, conf)
        labels, review_candidates = one_at_a_time(rows, known, conf)
        assert quick.labels["cluster"].tolist() == labels
        assert sorted(quick.review_candidates.itertuples(index=False, name=None)) == sorted(review_candidates)


def test_edits_of_many_pairs_are_those_of_each():
    draw = random.Random(1)
    texts = ["".join(draw.choice("abc") for _ in range(draw.randint(0, 6))) for _ in range(600)]
    one, other = np.array(texts[:300]), np.array(texts[300:])
    expected = [cannot_link.edits(a, b) for a, b in zip(texts[:300], texts[300:], strict=True)]
    assert cannot_link.edits_of(one, other).tolist() == expected


def test_no_edges_make_no_groups():
    made, review_candidates = grouping([])
    assert made == set()
    assert review_candidates.empty


def test_packaged_settings_have_no_key_or_cannot_link_rule_without_its_form():
    assert all(isinstance(key, DeterministicKey) for key in CONF.evidence.keys.values())
    assert all(isinstance(rule, CannotLinkRule) for rule in CONF.evidence.vetoes.values())
