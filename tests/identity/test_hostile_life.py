"""A hard year in forty nights: the ids live through everything, and each that was ever issued still leads somewhere."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Account, Company
from tests.identity.test_persistent_ids import account, explained, happens, person

CONF = Conf().settings("identity", Settings)
FIRST, DAY = date(2017, 10, 1), timedelta(days=1)
SHARED_VALUES = ("5550000", "12345678")  # a shop's phone, and a number that many wrote into the field for the id
GUARDS = CONF.guards.replace(most_accounts_of_a_value={"national_id": 6, "phone": 6})


def exports(seed: int, nights: int, persons: int) -> Iterator[tuple[date, dict[str, Account]]]:
    """The day and all accounts of each night; some days have no night, and what happened on them comes together."""
    draw, today = random.Random(seed), FIRST
    people = [person(draw, n) for n in range(persons)]
    names = [f"{channel}:{n}" for n in range(persons) for channel in ("card", "web", "app")]
    there = {name: account(draw, people[int(name.split(":")[1])], name) for name in names if draw.random() < 0.7}
    missing: dict[str, Account] = {}
    for night in range(nights):
        yield today, dict(there)
        days = 1 if draw.random() < 0.8 else 3  # a night that was skipped
        today += days * DAY
        for _ in range(days):
            _a_day(draw, there, missing, people, names, night)


def _a_day(
    draw: random.Random,
    there: dict[str, Account],
    missing: dict[str, Account],
    people: list[Account],
    names: list[str],
    night: int,
) -> None:
    others = sorted(set(names) - set(there) - set(missing))
    for name in draw.sample(others, min(2, len(others))):
        there[name] = account(draw, people[int(name.split(":")[1])], name)
    for name in draw.sample(sorted(there), 4):
        happens(draw, there, name, people, phone=there[draw.choice(sorted(there))].get("phone"))
    field, value = draw.choice((("phone", SHARED_VALUES[0]), ("national_id", SHARED_VALUES[1])))
    holders = sorted(name for name, row in there.items() if row.get(field) == value)
    fewer = len(holders) > 6  # it becomes too common, and ceases to be
    for name in draw.sample(holders, 3) if fewer else draw.sample(sorted(there), 3):
        there[name] = {**there[name], field: None if fewer else value}
    for name in draw.sample(sorted(there), 3):  # an export that forgets some, and remembers them later
        missing[name] = there.pop(name)
    for name in draw.sample(sorted(missing), len(missing) // 3):
        there[name] = missing.pop(name)
    if night % 12 == 11:  # one channel's export is lost for a night
        missing |= {name: there.pop(name) for name in sorted(there) if name.startswith("app")}


def decide(draw: random.Random, company: Company, there: dict[str, Account], today: date, erased: set[str]) -> None:
    """A steward joins unrelated people, splits what is one, takes decisions back, and forgets a person on request."""
    ids = company.ids()
    names = sorted(set(there) & set(ids) - erased)
    left = draw.choice(names)
    friends = [name for name in names if name != left and ids[name] == ids[left]]
    if friends and draw.random() < 0.6:
        company.decide(left, draw.choice(friends), "never", today - DAY)
    else:
        company.decide(left, draw.choice([name for name in names if name != left]), "same", today - DAY)
    current = [
        decision
        for decision in company.decisions[:-1]
        if not decision.get("withdrawn_on") and decision["decision"] != "erase"
    ]
    if current and draw.random() < 0.6:
        draw.choice(current)["withdrawn_on"] = today - DAY
    if draw.random() < 0.2:
        whose = ids[draw.choice(names)]
        for gone in sorted(name for name, own in ids.items() if own == whose):
            company.decide(gone, gone, "erase", today - DAY)
            erased.add(gone)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_each_id_resolves_as_of_each_night_and_changes_on_evidence_alone(seed):
    draw = random.Random(seed + 100)
    company = Company(CONF.replace(guards=GUARDS))
    before: dict[str, Account] = {}
    erased: set[str] = set()
    leads_by_day: dict[date, dict[str, str]] = {}
    seen: set[str] = set()
    for night, (today, exported) in enumerate(exports(seed, nights=40, persons=110)):
        if night > 1:
            decide(draw, company, exported, today, erased)
        there = {name: row for name, row in exported.items() if name not in erased}
        changed = {name for name in set(there) | set(before) if there.get(name) != before.get(name)}
        ids, rows = company.ids(), list(there.values())
        company.night(draw.sample(rows, len(rows)), today, retrain=night in (15, 30))
        assert explained(company, ids, today, changed) == [], night
        seen |= {evidence for *_, evidence in company.events(today)} | {event for _, event, *_ in company.events(today)}
        if night % 5 == 4:
            again = company.copy()
            again.night(draw.sample(rows, len(rows)), today)
            assert again.ids() == company.ids(), night
        leads_by_day[today] = company.resolved(today)
        alive = set(company.ids().values())
        assert {one for one, living in leads_by_day[today].items() if one == living} == alive, night
        assert set(leads_by_day[today].values()) <= alive | {""}, night
        before = there
    for day, leads in leads_by_day.items():  # what was said of a day is said of it for ever
        assert company.resolved(day) == leads
    ended = {row["customer_id"] for row in company.ledger.to_pylist() if row["event"] == "erased"}
    assert ended
    assert not ended & set(company.ids().values())
    assert seen >= {
        "merged",
        "split",
        "moved",
        "retired",
        "restored",
        "erased",
        "steward decision",
        "account gone",
        "changed account",
        "new account",
    }, seen
