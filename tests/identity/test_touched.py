"""A night that groups only what something new can reach is the night that groups everybody."""

import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta

import pyarrow as pa
import pytest

from jobs.identity.grouping import touched
from jobs.identity.matching.engines import DuckDBEngine, Engine, SparkEngine, Table
from jobs.identity.persistent_ids import people
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Account, Company
from tests.identity.test_persistent_ids import account, happens, person

CONF = Conf().settings("identity", Settings)
FIRST = date(2017, 10, 1)
TEXT = pa.string()


def texts(*rows: tuple[str, ...], names: str) -> pa.Table:
    return pa.table([pa.array([row[i] for row in rows], TEXT) for i in range(len(names.split()))], names=names.split())


def pairs(*rows: tuple[str, str, float]) -> pa.Table:
    ends = texts(*[row[:2] for row in rows], names="account_id_left account_id_right")
    return ends.append_column("match_weight", pa.array([row[2] for row in rows], pa.float64()))


def put(
    engine: Engine,
    there: str,
    before: dict[str, str],
    tonight: pa.Table,
    last_night: pa.Table,
    changed: str = "",
    decided: tuple[tuple[str, str, str], ...] = (),
) -> Table:
    engine.put("cleaned", texts(*[(a,) for a in there], names="account_id"))
    engine.put("previous", texts(*before.items(), names="account_id customer_id"))
    engine.put("changed", texts(*[(a,) for a in changed], names="account_id"))
    engine.put("new_evidence", texts(names="account_id"))
    engine.put("decisions", texts(*decided, names="account_id_left account_id_right decision"))
    engine.put("pairs_before", last_night)
    return engine.table_of("pairs", tonight)


def reached(engine: Engine, pairs: Table) -> set[str]:
    reach = touched.accounts(engine, pairs, "match_weight >= 2")
    assert reach is not None
    return set(engine.fetch(f"SELECT account_id FROM {reach.touched}")["account_id"].to_pylist())


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = DuckDBEngine()
    yield made
    made.close()


ALONE = {name: name for name in "abcdefg"}


def test_a_new_account_reaches_along_strong_pairs_and_no_weak_one(engine):
    tonight = put(
        engine, "abcdef", ALONE, pairs(("a", "b", 9), ("b", "c", 2), ("c", "d", 1), ("e", "f", 9)), pairs(), "a"
    )
    assert reached(engine, tonight) == {"a", "b", "c"}


def test_a_pair_of_last_night_reaches_too_where_its_account_changed_or_is_gone(engine):
    tonight = put(
        engine, "abde", ALONE, pairs(("d", "e", 9)), pairs(("a", "b", 9), ("c", "d", 9), ("d", "e", 9)), "a"
    )  # c is gone
    assert reached(engine, tonight) == set("abde")


def test_customers_of_last_night_are_reached_together(engine):
    tonight = put(engine, "abc", {"a": "1", "b": "1", "c": "2"}, pairs(), pairs(), "a")
    assert reached(engine, tonight) == {"a", "b"}


def test_decisions_reach_their_accounts_whether_they_stand_or_were_withdrawn(engine):
    tonight = put(
        engine,
        "abcdefg",
        ALONE,
        pairs(("b", "c", 9)),
        pairs(),
        "",
        (("a", "b", "same"), ("d", "e", "never"), ("f", "f", "erase")),
    )
    assert reached(engine, tonight) == set("abcde")


def test_nothing_new_touches_nobody(engine):
    tonight = put(engine, "abcdefg", ALONE, pairs(("a", "b", 9)), pairs(("a", "b", 9)))
    assert reached(engine, tonight) == set()


def test_a_component_that_is_too_long_to_follow_asks_for_everybody(engine):
    names = [f"n{i:03}" for i in range(2 * touched.MOST_ROUNDS)]
    chain = pairs(*[(a, b, 9.0) for a, b in itertools.pairwise(names)])
    chained = put(engine, "", {n: n for n in names}, chain, chain)
    engine.put("cleaned", texts(*[(n,) for n in names], names="account_id"))
    engine.put("changed", texts((names[0],), names="account_id"))
    assert touched.accounts(engine, chained, "match_weight >= 2") is None


def test_both_engines_reach_the_same_accounts(engine, spark):
    draw = random.Random(3)
    names = [f"n{i:02}" for i in range(60)]
    ends = sorted({tuple(sorted(draw.sample(names, 2))) for _ in range(45)})
    tonight = pairs(*[(a, b, draw.uniform(0, 9)) for a, b in ends])
    reached_accounts = []
    for one in (engine, SparkEngine(spark)):
        table = put(one, "", {n: n for n in names}, tonight, tonight)
        one.put("cleaned", texts(*[(n,) for n in names[5:]], names="account_id"))
        one.put("changed", texts(*[(n,) for n in names[:8]], names="account_id"))
        reached_accounts.append(reached(one, table))
    assert reached_accounts[0] == reached_accounts[1]
    assert 8 < len(reached_accounts[0]) < 55
    one.close()


def facts(draw: random.Random) -> Account:
    """What keys and cannot-link rules look at; national ids are few, so that some become too common and cease to be."""
    return {
        "national_id": draw.choice((None, None, None, None, "12345", "54321", f"9{draw.randint(1000, 9999)}")),
        "sex": draw.choice(("f", "m", None)),
        "loyalty_card": draw.choice((*[None] * 9, f"L{draw.randint(1, 40)}")),
        "device": draw.choice((*[None] * 9, f"D{draw.randint(1, 60)}")),
    }


def life(seed: int, nights: int, persons: int) -> Iterator[list[Account]]:
    """Accounts as of each night: most arrive at first, then a few come, go, and change."""
    draw = random.Random(seed)
    people_ = [person(draw, n) for n in range(persons)]
    names = [f"{channel}:{n}" for n in range(persons) for channel in ("card", "web", "app")]
    first = {name for name in names if draw.random() < 0.8}
    there = {name: account(draw, people_[int(name.split(":")[1])], name) | facts(draw) for name in sorted(first)}
    yield list(there.values())
    for _ in range(nights - 1):
        for name in draw.sample(sorted(set(names) - set(there)), 2):
            there[name] = account(draw, people_[int(name.split(":")[1])], name) | facts(draw)
        for name in draw.sample(sorted(there), 4):
            happens(draw, there, name, people_, phone=there[draw.choice(sorted(there))].get("phone"))
        for name in draw.sample(sorted(there), 2):
            there[name] = {**there[name], **facts(draw)}
        yield list(there.values())


def decide(draw: random.Random, companies: list[Company], accounts: list[Account], today: date) -> None:
    """A decision on two accounts that are near or unrelated, and now and then one that is withdrawn; one back-dated."""
    names = [row["account_id"] for row in accounts]
    near = companies[0].pairs.to_pylist()
    pair = draw.choice(near) if near and draw.random() < 0.7 else None
    left, right = (pair["account_id_left"], pair["account_id_right"]) if pair else draw.sample(names, 2)
    decision, on = draw.choice(("same", "never")), today - timedelta(days=draw.choice((0, 1, 30)))
    current = [number for number, row in enumerate(companies[0].decisions) if not row.get("withdrawn_on")]
    withdrawn = draw.choice(current) if current and draw.random() < 0.5 else None
    for company in companies:
        company.decide(left, right, decision, on)
        if withdrawn is not None:
            company.decisions[withdrawn]["withdrawn_on"] = on


def state(company: Company, today: date) -> dict[str, object]:
    """All that a night leaves, in one order."""
    rows = [row for row in company.ledger.to_pylist() if row["run_date"] == today]
    return {
        "ids": company.ids(),
        "ledger": sorted(map(str, rows)),
        "moves": sorted(map(str, company.moves.to_pylist())),
        "review": company.review,
        "pairs": sorted(map(str, company.pairs.to_pylist())),
    }


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_nights_that_group_what_is_touched_are_nights_that_group_everybody(seed, monkeypatch):
    draw, touched_only = random.Random(seed), []
    guards = CONF.guards.replace(review_joins_below_bits=9, most_accounts_of_a_value={"national_id": 9})
    conf = CONF.replace(guards=guards, evidence=CONF.evidence.replace(exclusive_channels=("app",)))
    quick, slow = Company(conf), Company(conf, regroups_all=True)
    group = people.group
    monkeypatch.setattr(
        people, "group", lambda *arguments, **how: touched_only.append(how["only_touched"]) or group(*arguments, **how)
    )
    for night, accounts in enumerate(life(seed, nights=9, persons=130)):
        today = FIRST + timedelta(days=night)
        if night > 1:
            decide(draw, [quick, slow], accounts, today)
        for company in (quick, slow):
            company.model = company.model or quick.model
            company.night(draw.sample(accounts, len(accounts)), today)
        assert state(quick, today) == state(slow, today), f"night {night}"
    assert any(touched_only[2::2])  # most nights grouped the touched ones alone
    assert any("too many" in question["reason"] for question in quick.review)
    assert any(pair["doubt"] for pair in quick.pairs.to_pylist())


def test_a_value_that_becomes_too_common_or_ceases_to_be_regroups_accounts_that_nothing_new_is_known_of():
    draw = random.Random(5)
    who = {**person(draw, 1), "sex": "f"}
    two = [
        {**who, "national_id": number, "account_id": f"{channel}:1"}
        for channel, number in (("card", "1234567"), ("web", "7654321"))
    ]
    others = [account(draw, person(draw, n), f"{channel}:{n}") for n in range(10, 70) for channel in ("card", "web")]
    holders = [{**person(draw, n), "national_id": "1234567", "account_id": f"shop:{n}"} for n in range(100, 110)]
    guards = CONF.guards.replace(most_accounts_of_a_value={"national_id": 5})
    company = Company(CONF.replace(guards=guards))
    together, evidence = [], []
    for night, there in enumerate(([], [], holders, holders, [])):
        company.night([*two, *others, *there], FIRST + timedelta(days=night))
        own = {company.ids()[row["account_id"]] for row in two}
        evidence += [
            why for one, _, other, why in company.events(FIRST + timedelta(days=night)) if night and own & {one, other}
        ]
        ids = company.ids()
        together.append(ids["card:1"] == ids["web:1"])
    assert together == [False, False, True, True, False]
    assert evidence == ["common value", "common value"]  # the ledger says why
