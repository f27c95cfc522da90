"""What stewards and vetoes do to growing groups."""

import dataclasses
import random

import numpy as np
import pandas as pd
import pytest

from jobs.config import Conf
from jobs.identity.grouping import groups, vetoes
from jobs.identity.settings import DeterministicKey, Settings, Veto

CONF = Conf().settings("identity", Settings)


def ties(*rows):
    return pd.DataFrame([(*sorted(r[:2]), *r[2:]) for r in rows], columns=[*groups.ENDS, "match_weight", "bond"])


def facts(**known):
    """facts(a={"sex": "f"}): what is known of accounts."""
    fields = ("held_id", "national_id", "sex", "birth")
    rows = [(name, name.split("_")[0], *(told.get(f) for f in fields)) for name, told in known.items()]
    return pd.DataFrame(rows, columns=["account_id", "channel", *fields])


def found(rows, known=None, conf=CONF):
    made = groups.grouped(ties(*rows), facts() if known is None else known, conf)
    return {frozenset(part["account_id"]) for _, part in made.labels.groupby("cluster")}, made.doubts


def test_same_joins_two_customers_that_the_model_keeps_apart():
    rows = [("a1", "a2", 9, "pair"), ("b1", "b2", 9, "pair"), ("a1", "b1", 0, "same")]
    assert found(rows)[0] == {frozenset({"a1", "a2", "b1", "b2"})}


def test_never_keeps_two_accounts_apart_though_the_model_is_sure_and_asks_no_more():
    made, doubts = found([("a", "b", 12, "pair"), ("a", "b", 0, "never")])
    assert made == {frozenset({"a"}), frozenset({"b"})}
    assert doubts.empty


def test_never_holds_through_third_accounts():
    rows = [("a", "x", 9, "pair"), ("x", "b", 8, "pair"), ("a", "b", 0, "never")]
    assert found(rows)[0] == {frozenset({"a", "x"}), frozenset({"b"})}


def test_never_holds_through_accounts_that_are_decided_to_be_the_same():
    rows = [("a", "b", 0, "same"), ("c", "b", 0, "never"), ("a", "x", 9, "pair"), ("x", "c", 8, "pair")]
    assert found(rows)[0] == {frozenset({"a", "b", "x"}), frozenset({"c"})}


def test_a_key_that_is_certain_joins_and_gives_way_to_a_steward():
    rows = [("a", "b", -3, "certain")]
    assert found(rows)[0] == {frozenset({"a", "b"})}
    assert found([*rows, ("a", "b", 0, "never")])[0] == {frozenset({"a"}), frozenset({"b"})}


@pytest.mark.parametrize("bond", ["pair", "certain"])
def test_conflicting_national_ids_are_two_persons_through_a_third_account_too(bond):
    known = facts(a={"national_id": "1234567"}, b={"national_id": "7654321"}, x={})
    made, doubts = found([("a", "x", 9, bond), ("b", "x", 8, bond)], known)
    assert made == {frozenset({"a", "x"}), frozenset({"b"})}
    assert doubts["doubt"].tolist() == ["national_id"]


def test_a_slip_in_a_national_id_is_no_conflict():
    known = facts(a={"national_id": "1234567"}, b={"national_id": "1243567"})
    assert found([("a", "b", 9, "pair")], known)[0] == {frozenset({"a", "b"})}


def test_sex_and_birth_date_must_both_conflict():
    both = facts(a={"sex": "f", "birth": "19800101"}, b={"sex": "m", "birth": "19551231"})
    one = facts(a={"sex": "f", "birth": "19800101"}, b={"sex": "m", "birth": "19800101"})
    rows = [("a", "b", 9, "pair")]
    assert len(found(rows, both)[0]) == 2
    assert len(found(rows, one)[0]) == 1


def test_a_veto_can_be_off_and_a_steward_stands_above_it():
    known = facts(a={"national_id": "1234567"}, b={"national_id": "7654321"})
    off = {name: dataclasses.replace(veto, is_on=False) for name, veto in CONF.evidence.vetoes.items()}
    conf = dataclasses.replace(CONF, evidence=dataclasses.replace(CONF.evidence, vetoes=off))
    assert len(found([("a", "b", 9, "pair")], known, conf)[0]) == 1
    assert len(found([("a", "b", 9, "pair"), ("a", "b", 0, "same")], known)[0]) == 1


def test_two_accounts_of_an_exclusive_channel_are_two_persons():
    evidence = dataclasses.replace(CONF.evidence, exclusive_channels=("club",))
    conf = dataclasses.replace(CONF, evidence=evidence)
    known = facts(club_1={}, club_2={}, web_1={}, web_2={})
    assert len(found([("club_1", "club_2", 9, "pair")], known, conf)[0]) == 2
    assert len(found([("web_1", "web_2", 9, "pair")], known, conf)[0]) == 1


def test_a_group_held_by_one_weak_pair_is_asked_about_and_a_cut_bridge_is_too():
    made, doubts = found([("a", "b", 1, "pair")])
    assert made == {frozenset({"a", "b"})}
    assert doubts["doubt"].tolist() == [groups.WEAK]
    cut, doubts = found([("a1", "a2", 9, "pair"), ("b1", "b2", 9, "pair"), ("a2", "b1", 3, "pair")])
    assert len(cut) == 2
    assert doubts["doubt"].tolist() == [groups.BRIDGE]


def test_held_groups_stay_until_an_account_with_news_joins_them():
    known = facts(a={"held_id": "1"}, b={"held_id": "1"}, c={"held_id": "2"}, d={"held_id": "2"})
    weak = [("a", "b", -3, "pair"), ("c", "d", -3, "pair")]
    strong = [(one, other, 9, "pair") for one in "ab" for other in "cd"]
    assert found([*weak, *strong], known)[0] == {frozenset("ab"), frozenset("cd")}
    news = [("x", other, 9, "pair") for other in "abcd"]
    assert found([*weak, *strong, *news], known)[0] == {frozenset("abcdx")}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)
def test_edits_are_counted_as_published(one, other, expected):
    # the last pair tells the restricted distance (3) from the unrestricted one (2)
    assert vetoes.edits(one, other) == vetoes.edits(other, one) == expected


def test_components_that_are_taken_whole_come_out_as_if_grown_pair_by_pair():
    draw = random.Random(4)
    for _ in range(200):
        names = [f"n{i}" for i in range(12)]
        ends = sorted({tuple(sorted(draw.sample(names, 2))) for _ in range(draw.randint(3, 30))})
        rows = [(a, b, draw.uniform(-2, 12), draw.choices(("pair", "same", "never"), (20, 1, 1))[0]) for a, b in ends]
        told = {n: {"national_id": draw.choice((None, None, "1234567", "7654321"))} for n in names}
        quick = groups.grouped(ties(*rows), facts(**told), CONF)
        accounts, numbers = groups.numbered(ties(*rows))
        against = vetoes.Vetoes(facts(**told), accounts, CONF.evidence)
        weak = CONF.guards.review_joins_below_bits
        slow = groups.Groups(np.arange(len(accounts)), CONF.clustering, against, weak)
        bond = np.array([row[3] for row in rows])
        groups._grow(slow, numbers, np.array([row[2] for row in rows]), bond, np.full(len(accounts), None))
        assert quick.labels["cluster"].tolist() == accounts[slow.smallest()].tolist()
        expected = [(accounts[a], accounts[b], why) for a, b, why, _ in slow.doubts()]
        assert sorted(quick.doubts[[*groups.ENDS, "doubt"]].itertuples(index=False, name=None)) == sorted(expected)


def test_no_ties_make_no_groups():
    made, doubts = found([])
    assert made == set()
    assert doubts.empty


def test_packaged_settings_have_no_key_or_veto_without_its_form():
    assert all(isinstance(key, DeterministicKey) for key in CONF.evidence.keys.values())
    assert all(isinstance(veto, Veto) for veto in CONF.evidence.vetoes.values())
