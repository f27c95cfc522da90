"""New accounts that equal known ones are compared where those have pairs; the night is one that compares everything."""

import dataclasses
import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from jobs.identity.matching import comparisons, exact_duplicates
from jobs.identity.matching.engines import DuckDBEngine, SparkEngine
from jobs.identity.persistent_ids import scored_pairs
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Account, Company
from tests.identity.test_persistent_ids import account, person

CONF = Conf().settings("identity", Settings)
FIRST = date(2017, 10, 1)


def company_of(draw: random.Random, persons: int) -> list[Account]:
    people_ = [person(draw, n) for n in range(persons)]
    return [account(draw, who, f"{channel}:{n}") for n, who in enumerate(people_) for channel in ("card", "web")]


def signed_up_again(accounts: list[Account], channel: str) -> list[Account]:
    """The same people sign up once more, and write everything as before."""
    return [row | {"account_id": f"{channel}:again{number}"} for number, row in enumerate(accounts)]


def nights(monkeypatch, conf: Settings, *accounts: list[Account]) -> tuple[list[dict[str, object]], list[int]]:
    """What is left where duplicates are compared with few and with all, and how many the last night had."""
    outcomes, counted = [], []
    find = scored_pairs.exact_duplicates_of
    for uses_duplicates in (True, False):
        company = Company(conf)

        def searched(engine, *arguments, uses_duplicates=uses_duplicates):
            made = find(engine, *arguments) if uses_duplicates else None
            counted.append(0 if made is None else engine.fetch(f"SELECT * FROM {made.accounts}").num_rows)
            return made

        monkeypatch.setattr(scored_pairs, "exact_duplicates_of", searched)
        for night, there in enumerate(accounts):
            company.night(there, FIRST + timedelta(days=night))
        ends = ("account_id_left", "account_id_right", "match_rule")
        outcomes.append(
            {
                "ids": company.ids(),
                "pairs": {tuple(p[e] for e in ends): round(p["match_weight"], 1) for p in company.pairs.to_pylist()},
            }
        )
    return outcomes, counted


def test_exact_duplicates_get_the_customers_that_comparing_them_with_all_would_give(monkeypatch):
    first = company_of(random.Random(7), 60)
    again = signed_up_again(first[:8], "web")
    (quick, slow), counted = nights(monkeypatch, CONF, first, first + again)
    assert counted[0] == 4  # the duplicates of card accounts come from a channel with other priors
    assert quick["ids"] == slow["ids"]
    assert set(quick["pairs"]) >= {key for key, weight in slow["pairs"].items() if weight >= 0}
    assert quick["pairs"].items() <= slow["pairs"].items()


@pytest.mark.parametrize("holders", [2, 4])  # one person with two accounts, or two who plainly differ
def test_duplicates_of_accounts_that_share_a_card_have_the_weights_of_a_night_that_compares_everybody(
    monkeypatch, holders
):
    first = company_of(random.Random(8), 40)
    first = [row | {"loyalty_card": "L1"} if number < holders else row for number, row in enumerate(first)]
    (quick, slow), counted = nights(monkeypatch, CONF, first, first + signed_up_again(first[:holders], "web"))
    assert counted[0] == holders // 2
    assert quick == slow


def test_an_account_with_a_value_that_became_too_common_is_nobodys_model(monkeypatch):
    first = company_of(random.Random(8), 40)
    first = [row | {"phone": "13800138000"} if number < 4 else row for number, row in enumerate(first)]
    guards = CONF.guards.replace(most_accounts_of_a_value={"phone": 5})
    (quick, slow), counted = nights(
        monkeypatch, CONF.replace(guards=guards), first, first + signed_up_again(first[:4], "web")
    )
    assert counted[0] == 0
    assert quick == slow


def test_pairs_of_another_model_do_not_say_whom_a_duplicate_is_compared_with(monkeypatch):
    first = company_of(random.Random(9), 40)
    company = Company(CONF)
    company.night(first, FIRST)
    company.model = dataclasses.replace(company.model, name="another")
    answers = []
    find = scored_pairs.exact_duplicates_of
    monkeypatch.setattr(
        scored_pairs, "exact_duplicates_of", lambda *arguments: answers.append(find(*arguments)) or answers[-1]
    )
    company.night(first + signed_up_again(first[:4], "web"), FIRST + timedelta(days=1))
    assert answers == [None]


def test_both_engines_find_the_same_duplicates_and_pairs_to_compare(spark, monkeypatch):
    """A, b and f are known, a has a pair with b; c and d equal a (d has other priors: no duplicate), e is new."""
    monkeypatch.setattr(comparisons, "channel_bits", lambda _, one, other: float({one, other} == {"web", "pos"}))
    outcomes = []
    for engine in (DuckDBEngine(), SparkEngine(spark)):
        names, channels = list("abcdef"), ["web", "web", "web", "pos", "web", "web"]
        hashes = ["h1", "h2", "h1", "h1", "h3", "h4"]
        engine.put("cleaned", pa.table({"account_id": names, "channel": channels, "record_hash": hashes}))
        engine.put("numbered", pa.table({"rid": range(6), "account_id": names}))
        engine.put("changed", pa.table({"account_id": ["c", "d", "e"]}))
        engine.put("changed_rids", pa.table({"rid": [2, 3, 4]}))
        known = engine.table_of("known", pa.table({"account_id_left": ["a"], "account_id_right": ["b"]}))
        met = [(0, 2), (1, 2), (2, 5), (2, 3), (0, 3), (2, 4), (0, 4)]
        rid_l, rid_r = zip(*met, strict=True)
        pairs = engine.table_of("met", pa.table({"rid_l": rid_l, "rid_r": rid_r, "rule": [0] * len(met)}))
        changed = "SELECT account_id FROM changed"
        duplicates = exact_duplicates.of_changed(engine, {}, ["pos", "web"], known, changed)
        queries = (f"SELECT * FROM {duplicates.accounts}", exact_duplicates.to_compare(pairs, duplicates))
        outcomes.append([sorted(tuple(row.values()) for row in engine.fetch(sql).to_pylist()) for sql in queries])
        engine.close()
    # all but c with f: a has no such pair
    compared = [(0, 2, 0), (0, 3, 0), (0, 4, 0), (1, 2, 0), (2, 3, 0), (2, 4, 0)]
    assert outcomes[0] == outcomes[1] == [[("c", "a")], compared]
