"""People with known truth, and accounts of theirs with dirt planted at known rates: typos, gaps, stale addresses."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from jobs.identity.settings.golden_customers import ATTRIBUTES

TYPO, MISSING, STALE, SWAPPED = 0.08, 0.10, 0.05, 0.01  # per value; stale and swapped per account
CHANNELS = {"erp": 0.4, "shop": 0.7, "app": 1.0, "phone": 1.3, "web": 1.6, "list": 2.0}  # typos, times the rate
SYLLABLES = [a + b for a in "bdfghjklmnprstvw" for b in "aeio"]
PLACE = ("street_number", "address_1", "suburb", "postcode", "state")
Person = dict[str, Any]


def generated(persons: int, least_accounts: int, seed: int = 20260301) -> tuple[pa.Table, pa.Table]:
    """Accounts (with dirt) and persons (without), as benchmarks.golden.measured takes them; the seed decides all."""
    draw = random.Random(seed)
    words = [_word(draw) for _ in range(3000)]
    places = [
        {"postcode": f"{1000 + 3 * i}", "suburb": draw.choice(words) + "ton", "state": f"s{i % 8}"} for i in range(200)
    ]
    truth, accounts = [], []
    for number in range(persons):
        person = {"person_id": f"p{number}", **_person(draw, words, places)}
        former = _address(draw, words, places)
        truth.append({**person, "account_id": "", "channel": "", "customer_id": ""})
        accounts += [
            {**_account(draw, person, former, channel), "account_id": f"{channel}:{number}"}
            for channel in draw.sample(list(CHANNELS), draw.randint(least_accounts, 6))
        ]
    return table(accounts), table(truth)


def _word(draw: random.Random) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, 4)))


def _person(draw: random.Random, words: list[str], places: list[Person]) -> Person:
    given, surname = (words[int(len(words) * draw.random() ** 3)] for _ in range(2))  # some names are frequent
    born = date(1940, 1, 1) + timedelta(draw.randrange(22000))
    return {
        "given_name": given,
        "surname": surname,
        "birth_date": born,
        "email": f"{given}.{surname}{draw.randrange(10**6)}@mail.test",
        "phone": f"61{draw.randrange(10**8, 10**9)}",
        **_address(draw, words, places),
    }


def _address(draw: random.Random, words: list[str], places: list[Person]) -> Person:
    street = words[int(len(words) * draw.random() ** 2)]
    return {"street_number": str(draw.randint(1, 300)), "address_1": f"{street} street", **draw.choice(places)}


def _account(draw: random.Random, person: Person, former: Person, channel: str) -> Person:
    is_stale = draw.random() < STALE
    seen = {**person, **former} if is_stale else dict(person)
    updated = datetime(2013, 1, 1) if is_stale else datetime(2017, 1, 1)
    if draw.random() < SWAPPED:
        seen["given_name"], seen["surname"] = seen["surname"], seen["given_name"]
    for name, value in seen.items():
        if name == "person_id":
            continue
        if draw.random() < MISSING:
            seen[name] = None
        elif draw.random() < TYPO * CHANNELS[channel]:
            seen[name] = _slipped(draw, value)
    when = updated + timedelta(draw.randrange(200))
    return {**seen, "channel": channel, "customer_id": person["person_id"], "updated_at": when}


def _slipped(draw: random.Random, value: Any) -> Any:
    """One slip: a letter lost, doubled, replaced, or two turned; of a date, day and month turned or another day."""
    if isinstance(value, date):
        return (
            value.replace(month=value.day, day=value.month)
            if value.day <= 12 and value.day != value.month
            else (value + timedelta(draw.choice([-1, 1, 10, 365])))
        )
    at, other = draw.randrange(len(value)), draw.choice("0123456789" if value.isdigit() else "abcdefghijklmnopqrst")
    return (
        draw.choice(
            [
                value[:at] + value[at + 1 :],
                value[:at] + value[at] + value[at:],
                value[:at] + other + value[at + 1 :],
                value[: at - 1] + value[at : at + 1] + value[at - 1 : at] + value[at + 1 :] if at else value,
            ]
        )
        or value
    )


def table(rows: list[Person]) -> pa.Table:
    """The rows with all columns that a measurement needs."""
    keys = ("account_id", "channel", "person_id", "customer_id")
    texts = (*keys, *(name for name in ATTRIBUTES if name != "birth_date"))
    schema = pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("birth_date", pa.date32()),
            ("updated_at", pa.timestamp("us", "UTC")),
        ]
    )
    return pa.Table.from_pylist(rows, schema)
