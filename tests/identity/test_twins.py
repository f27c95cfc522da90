"""New accounts that equal known ones are compared where those have pairs; the night is one that compares everything."""

import dataclasses
import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from jobs.identity.matching import comparisons, twins
from jobs.identity.matching.lanes import DuckDBLane, SparkLane
from jobs.identity.persistent_ids import people
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Account, Company
from tests.identity.test_lasting_ids import account, person

CONF = Conf().settings("identity", Settings)
FIRST = date(2017, 10, 1)


def company_of(draw: random.Random, persons: int) -> list[Account]:
    people_ = [person(draw, n) for n in range(persons)]
    return [account(draw, who, f"{channel}:{n}") for n, who in enumerate(people_) for channel in ("card", "web")]


def doubles(accounts: list[Account], channel: str) -> list[Account]:
    """The same people sign up once more, and write everything as before."""
    return [told | {"account_id": f"{channel}:again{number}"} for number, told in enumerate(accounts)]


def nights(monkeypatch, conf: Settings, *accounts: list[Account]) -> tuple[list[dict[str, object]], list[int]]:
    """What is left with twins and without, and how many twins the last night had."""
    found, counted = [], []
    find = people._found_twins
    for looks in (True, False):
        company = Company(conf)

        def looked(lane, name, model, looks=looks):
            has = looks and find(lane, name, model)
            counted.append(lane.fetch("SELECT count(*) AS n FROM twins").to_pylist()[0]["n"] if has else 0)
            return has

        monkeypatch.setattr(people, "_found_twins", looked)
        for night, there in enumerate(accounts):
            company.night(there, FIRST + timedelta(days=night))
        ends = ("account_id_left", "account_id_right", "match_rule")
        found.append(
            {
                "ids": company.ids(),
                "pairs": {tuple(p[e] for e in ends): round(p["match_weight"], 1) for p in company.pairs.to_pylist()},
            }
        )
    return found, counted


def test_twins_get_the_customers_that_comparing_them_would_give(monkeypatch):
    first = company_of(random.Random(7), 60)
    again = doubles(first[:8], "web")
    (quick, slow), counted = nights(monkeypatch, CONF, first, first + again)
    assert counted[0] == 4  # the doubles of card accounts come from a channel with other priors
    assert quick["ids"] == slow["ids"]
    assert set(quick["pairs"]) >= {key for key, weight in slow["pairs"].items() if weight >= 0}
    assert quick["pairs"].items() <= slow["pairs"].items()


@pytest.mark.parametrize("holders", [2, 4])  # one person with two accounts, or two who plainly differ
def test_accounts_that_share_a_card_have_twins_with_the_weights_of_a_night_that_compares_everybody(
    monkeypatch, holders
):
    first = company_of(random.Random(8), 40)
    first = [told | {"loyalty_card": "L1"} if number < holders else told for number, told in enumerate(first)]
    (quick, slow), counted = nights(monkeypatch, CONF, first, first + doubles(first[:holders], "web"))
    assert counted[0] == holders // 2
    assert quick == slow


def test_an_account_with_a_value_that_became_too_common_is_nobodys_twin(monkeypatch):
    first = company_of(random.Random(8), 40)
    first = [told | {"phone": "13800138000"} if number < 4 else told for number, told in enumerate(first)]
    guards = CONF.guards.replace(most_accounts_of_a_value={"phone": 5})
    (quick, slow), counted = nights(monkeypatch, CONF.replace(guards=guards), first, first + doubles(first[:4], "web"))
    assert counted[0] == 0
    assert quick == slow


def test_pairs_of_another_model_are_not_taken_over(monkeypatch):
    first = company_of(random.Random(9), 40)
    company = Company(CONF)
    company.night(first, FIRST)
    company.model = dataclasses.replace(company.model, name="another")
    asked = []
    find = people._found_twins
    monkeypatch.setattr(people, "_found_twins", lambda *told: asked.append(find(*told)) or asked[-1])
    company.night(first + doubles(first[:4], "web"), FIRST + timedelta(days=1))
    assert asked == [False]


def test_both_lanes_find_the_same_twins_and_pairs_to_compare(spark, monkeypatch):
    """A, b and f are known, a has a pair with b; c and d equal a (d has other priors: no twin), e is new."""
    monkeypatch.setattr(comparisons, "channel_bits", lambda _, one, other: float({one, other} == {"web", "pos"}))
    found = []
    for lane in (DuckDBLane(), SparkLane(spark)):
        names, channels = list("abcdef"), ["web", "web", "web", "pos", "web", "web"]
        hashes = ["h1", "h2", "h1", "h1", "h3", "h4"]
        lane.put("cleaned", pa.table({"account_id": names, "channel": channels, "record_hash": hashes}))
        lane.put("numbered", pa.table({"rid": range(6), "account_id": names}))
        lane.put("changed", pa.table({"account_id": ["c", "d", "e"]}))
        lane.put("changed_rids", pa.table({"rid": [2, 3, 4]}))
        lane.put("kept", pa.table({"account_id_left": ["a"], "account_id_right": ["b"]}))
        met = [(0, 2), (1, 2), (2, 5), (2, 3), (0, 3), (2, 4), (0, 4)]
        lane.put("met", pa.table({"rid_l": [m[0] for m in met], "rid_r": [m[1] for m in met], "rule": [0] * len(met)}))
        twins.find(lane, {}, ["pos", "web"], "SELECT account_id FROM changed")
        asked = ("SELECT * FROM twins", twins.to_compare("met"))
        found.append([sorted(tuple(row.values()) for row in lane.fetch(sql).to_pylist()) for sql in asked])
        lane.close()
    compared = [
        (0, 2, 0),
        (0, 3, 0),
        (0, 4, 0),
        (1, 2, 0),
        (2, 3, 0),
        (2, 4, 0),
    ]  # all but c with f: a has no such pair
    assert found[0] == found[1] == [[("c", "a")], compared]
