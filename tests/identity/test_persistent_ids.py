"""Ids change only on evidence: shuffles, thirty nights of life, a new model, decisions, merges and splits."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from jobs.identity.persistent_ids import ledger
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.conftest import FAMILY, GIVEN
from tests.identity.nights import Account, Company

CONF = Conf().settings("identity", Settings)
FIRST = date(2017, 10, 1)
DAY = timedelta(days=1)


def person(draw: random.Random, number: int) -> Account:
    """Clean fields of one person."""
    return {
        "given": draw.choice(GIVEN) + draw.choice(("", "n", "ra")),
        "phone": f"6{draw.randint(10**7, 10**8 - 1)}",
        "family": draw.choice(FAMILY) + draw.choice(("", "s", "mann")),
        "email": f"p{number}@example.org",
        "birth": f"{draw.randint(1940, 1999)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}",
        **home(draw),
    }


def home(draw: random.Random) -> Account:
    """Where a person lives."""
    return {
        "postcode": str(draw.randint(1000, 9999)),
        "suburb": draw.choice(FAMILY) + "dorf",
        "street": draw.choice(FAMILY) + "gasse",
        "house": str(draw.randint(1, 90)),
    }


def account(draw: random.Random, who: Account, name: str) -> Account:
    """The person as one channel saw it: some fields missing, one in six with a slip."""
    seen = {key: value for key, value in who.items() if draw.random() > 0.15}
    if draw.random() < 1 / 6 and "family" in seen:
        seen["family"] = seen["family"][:-1] + draw.choice("abcx")
    return {**seen, "account_id": name}


def population(seed: int, persons: int) -> dict[str, Account]:
    """Two accounts of each person, in two channels."""
    draw = random.Random(seed)
    people = [person(draw, n) for n in range(persons)]
    return {
        f"{channel}:{n}": account(draw, people[n], f"{channel}:{n}")
        for n in range(persons)
        for channel in ("card", "web")
    }


def explained(company: Company, before: dict[str, str], run_date: date, changed: set[str]) -> list[str]:
    """Changes of a night that the ledger does not explain by something that is there; [] is what must be."""
    rows = [r for r in company.ledger.to_pylist() if r["run_date"] == run_date]
    exchanges = {(r["customer_id"], r["other_customer_id"]) for r in rows if r["event"] in ("merged", "moved")}
    exchanges |= {(r["other_customer_id"], r["customer_id"]) for r in rows if r["event"] in ("split", "restored")}
    now = company.ids()
    silent = [a for a, i in before.items() if a in now and now[a] != i and (i, now[a]) not in exchanges]
    false = [r["reason"] for r in rows if r["evidence"] == "unexplained"]
    near = regions(before, now)
    for row in rows:  # the account that is named has changed, or was decided on, and has to do with the ids
        is_there = row["account_id"] in changed or row["evidence"] in (
            "steward decision",
            "model change",
            "common value",
        )
        ids = {near.get(i, i) for i in (row["customer_id"], row["other_customer_id"])}
        own = {near.get(i, i) for i in (before.get(row["account_id"]), now.get(row["account_id"]))}
        false += [row["reason"]] if not is_there or (row["account_id"] and not ids & own) else []
    return silent + false


def regions(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """Ids that exchanged accounts, each with the smallest of them; slow and obvious."""
    ways = {(i, now[a]) for a, i in before.items() if a in now and now[a] != i}
    region_of = {i: i for way in ways for i in way}
    for _ in region_of:
        for a, b in ways:
            region_of[a] = region_of[b] = min(region_of[a], region_of[b])
    return region_of


def test_a_repeated_night_changes_nothing():
    accounts = list(population(1, 120).values())
    company = Company(CONF)
    company.night(accounts, FIRST)
    first = company.ids()
    assert len(set(first.values())) < 160
    company.night(accounts, FIRST + DAY)
    assert company.ids() == first
    assert company.events(FIRST + DAY) == []


@pytest.mark.slow
def test_twenty_orders_of_rows_give_the_same_ids():
    accounts = list(population(2, 250).values())
    made = []
    for seed in range(20):
        company = Company(CONF)
        company.night(random.Random(seed).sample(accounts, len(accounts)), FIRST)
        made.append(company.ids())
    assert all(ids == made[0] for ids in made)


@pytest.fixture(scope="module")
def merged_couple() -> tuple[Company, dict[str, Account]]:
    """A company after three nights: persons 0 and 1 came as two people and were decided to be one."""
    accounts = population(3, 120)
    company = Company(CONF)
    company.night([a for n, a in accounts.items() if n != "web:1"], FIRST)
    company.night(list(accounts.values()), FIRST + DAY)
    company.decide("card:0", "card:1", "same", FIRST + DAY)
    company.night(list(accounts.values()), FIRST + 2 * DAY)
    return company, accounts


def test_a_decision_alone_merges_the_same_night_and_the_ledger_names_it(merged_couple):
    company, _ = merged_couple
    ids, events = company.ids(), company.events(FIRST + 2 * DAY)
    assert ids["card:0"] == ids["card:1"]
    assert [(event, evidence) for _, event, _, evidence in events] == [("merged", "steward decision")]
    assert "same by steward-1" in company.ledger.to_pylist()[-1]["reason"]


@pytest.mark.parametrize("decision", ["same", "never"])
def test_a_decision_that_bears_an_older_day_than_the_last_night_is_evidence_all_the_same(merged_couple, decision):
    company, accounts = merged_couple[0].copy(), merged_couple[1]
    pair = ("card:2", "card:3") if decision == "same" else ("card:4", "web:4")
    assert (company.ids()[pair[0]] == company.ids()[pair[1]]) == (decision == "never")
    company.decide(*pair, decision, FIRST)
    company.night(list(accounts.values()), FIRST + 3 * DAY)
    assert {evidence for *_, evidence in company.events(FIRST + 3 * DAY)} == {"steward decision"}


def test_a_withdrawn_decision_gives_both_their_ids_from_before(merged_couple):
    company, accounts = merged_couple[0].copy(), merged_couple[1]
    merged_id, into = company.events(FIRST + 2 * DAY)[0][::2]
    company.decisions[0] = {**company.decisions[0], "withdrawn_on": FIRST + 2 * DAY}
    night = FIRST + 3 * DAY
    company.night(list(accounts.values()), night)
    assert {company.ids()["card:0"], company.ids()["card:1"]} == {merged_id, into}
    assert company.events(night) == [(merged_id, "restored", into, "steward decision")]
    resolved = [ledger.resolve(company.ledger, merged_id, FIRST + n * DAY).customer_id for n in range(4)]
    assert resolved == [merged_id, merged_id, into, merged_id]


def test_never_after_same_splits_and_restores_too(merged_couple):
    company, accounts = merged_couple[0].copy(), merged_couple[1]
    company.decisions = []
    company.decide("card:0", "card:1", "never", FIRST + 2 * DAY)
    company.night(list(accounts.values()), FIRST + 3 * DAY)
    assert company.ids()["card:0"] != company.ids()["card:1"]


def test_a_new_model_changes_nothing_before_it_was_listed_and_at_most_that_after():
    accounts = list(population(4, 300).values())
    company = Company(CONF)
    company.night(accounts[:150], FIRST)
    company.night(accounts, FIRST + DAY)
    before = company.ids()
    night = FIRST + 2 * DAY
    company.night(accounts, night, retrain=True)
    assert company.ids() == before
    assert company.events(night) == []
    listed = {r["customer_id"] for r in company.pending.to_pylist()} | {
        r["other_customer_id"] for r in company.pending.to_pylist()
    }
    forced = CONF.model_changes.replace(least_kept_share=0.0)
    company.settings = CONF.replace(model_changes=forced)
    company.night(accounts, night + DAY)
    changed = {i for a, i in before.items() if company.ids()[a] != i}
    assert changed <= listed
    assert {e[3] for e in company.events(night + DAY)} <= {"model change"}
    assert company.pending.num_rows == 0


def test_a_model_or_setting_that_changes_too_much_waits_for_a_steward_while_nights_go_on():
    accounts = list(population(5, 300).values())
    company = Company(CONF)
    company.night(accounts[:150], FIRST)
    company.night(accounts, FIRST + DAY)
    before = company.ids()
    strict = CONF.clustering.replace(join_weight_bits=11)  # a setting: the room's model is trained again
    careful = CONF.model_changes.replace(least_kept_share=1.0)
    company.settings = CONF.replace(clustering=strict, model_changes=careful)
    for night in (2, 3):
        company.night(accounts, FIRST + night * DAY, retrain=night == 2)
        assert company.ids() == before
        assert company.pending.num_rows > 0
    assert "waits" in company.note
    company.decide(f"model:{company.model.name}", f"model:{company.model.name}", "apply_model", FIRST + 3 * DAY)
    company.night(accounts, FIRST + 4 * DAY)
    assert len(set(company.ids().values())) > len(set(before.values()))
    assert {e[3] for e in company.events(FIRST + 4 * DAY)} == {"model change"}
    assert company.pending.num_rows == 0


def life(seed: int, nights: int, persons: int) -> Iterator[tuple[int, dict[str, Account], set[str]]]:
    """Night, all accounts, and which are new, changed or gone. Planted merges, splits, moves and used phone numbers."""
    draw = random.Random(seed)
    people = [person(draw, n) for n in range(persons)]
    names = [
        f"{channel}:{n}" for n in range(persons) for channel in ("card", "web", "app") if channel != "app" or n % 3 == 0
    ]
    arrivals = {name: draw.randint(0, nights - 1) if draw.random() < 0.6 else 0 for name in names}
    there: dict[str, Account] = {}
    for night in range(nights):
        changed = {name for name, day in arrivals.items() if day == night}
        for name in sorted(changed):
            there[name] = account(draw, people[int(name.split(":")[1])], name)
        old = sorted(set(there) - changed)
        for name in draw.sample(old, min(6, len(old))) if night else []:
            happens(draw, there, name, people, phone=there.get(draw.choice(old), {}).get("phone"))
            changed.add(name)
        yield night, dict(there), changed


def happens(
    draw: random.Random, there: dict[str, Account], name: str, people: list[Account], phone: str | None
) -> None:
    """Something happens to an account."""
    kind = draw.choice(("moves house", "marries", "gets a used phone", "leaves", "is corrected", "changes hands"))
    who = there.pop(name)
    changes = {
        "moves house": {**who, **home(draw)},
        "marries": {**who, "family": draw.choice(FAMILY)},
        "gets a used phone": {**who, "phone": phone},
        "is corrected": account(draw, people[int(name.split(":")[1])], name),
        "changes hands": account(draw, draw.choice(people), name),  # a card given to somebody whom other channels know
    }
    if kind != "leaves":
        there[name] = changes[kind]


@pytest.mark.slow
def test_thirty_nights_of_merges_splits_moves_and_used_phone_numbers_leave_no_change_unexplained():
    draw, company = random.Random(9), Company(CONF)
    seen = {"merged": 0, "split": 0, "moved": 0, "retired": 0, "restored": 0}
    alive: dict[date, set[str]] = {}
    for night, there, changed in life(seed=8, nights=30, persons=400):
        today, before = FIRST + night * DAY, company.ids()
        if night > 3:  # a steward merges two people, and takes back what was decided before
            left, right = draw.sample(sorted(there), 2)
            company.decide(left, right, draw.choice(("same", "never")), today - DAY)
            if night % 3 == 0:
                company.decisions[-2]["withdrawn_on"] = today - DAY
        rows = list(there.values())
        company.night(draw.sample(rows, len(rows)), today, retrain=night in (10, 20))
        assert explained(company, before, today, changed) == []
        for _, event, _, _ in company.events(today):
            seen[event] = seen.get(event, 0) + 1
        alive[today] = set(company.ids().values())
    assert min(seen.values()) > 0, seen  # all of it happened
    for day, ids in alive.items():  # every id ever issued resolves: to itself on each night that it was alive
        resolved = company.resolved(day)
        assert {one for one, living in resolved.items() if one == living} == ids
        assert set(resolved.values()) <= ids | {""}


def test_a_hub_of_one_phone_number_merges_nobody_and_is_a_question():
    draw = random.Random(6)
    hub = [{**person(draw, n), "phone": "61234567", "account_id": f"shop:{n}"} for n in range(10_000)]
    alone, others = Company(CONF), population(7, 60)
    without = [{**a, "phone": None} for a in hub]
    alone.night([*without, *others.values()], FIRST)
    company = Company(CONF, model=alone.model)
    company.night([*hub, *others.values()], FIRST)
    assert company.ids() == alone.ids()  # the number makes no difference to anybody
    assert [(c["field"], c["accounts"]) for c in company.frequent_values] == [("phone", 10_000)]
    assert [r["account_count"] for r in company.review if r["subject"] == "value"] == [10_000]
