"""What three channels know of the people, and what becomes of it over ten nights."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from benchmarks.people import slips
from benchmarks.related_people.population import Person

Record = dict[str, Any]
FIRST = date(2025, 3, 1)
CHANNELS = {"shop": 0.9, "web": 0.75, "app": 0.6}  # how many of the people each knows
KNOWN = {  # how often a channel knows a field
    "shop": {"birth_date": 0.75, "email": 0.7, "phone": 0.85, "address": 0.95, "sex": 0.6},
    "web": {"birth_date": 0.4, "email": 1.0, "phone": 0.6, "address": 0.8, "sex": 0.3},
    "app": {"birth_date": 0.6, "email": 0.8, "phone": 0.95, "address": 0.3, "sex": 0.5},
}
MARRIED_ON, ALSO_MARRIED_ON, RENUMBERED_ON, MERGED_ON, NIGHTS = 3, 5, 6, 8, 10


@dataclass
class Exports:
    """All records that exist, and whose they are: account_id -> raw fields, account_id -> person."""

    records: dict[str, Record] = field(default_factory=dict)
    person_of: dict[str, str] = field(default_factory=dict)


def nights(people: list[Person], seed: int) -> Iterator[tuple[int, date, Exports]]:
    """Number, day and exports of each night.

    A seventh of the records comes later; brides take another name, first in one channel; the shop gives new keys to
    all; web and app become one channel with one record per person.
    """
    draw = random.Random(seed)
    everybody = Exports()
    for one in people:
        _add(everybody, draw, one)
    later = {name: draw.randrange(1, 6) for name in everybody.records if draw.random() < 1 / 7}
    for night in range(NIGHTS):
        if night in (MARRIED_ON, ALSO_MARRIED_ON):
            _marry(everybody, people, draw, is_first=night == MARRIED_ON)
        if night == RENUMBERED_ON:
            everybody = _renumbered(everybody, draw)
        if night == MERGED_ON:
            everybody = _merged(everybody)
        there = {name: row for name, row in everybody.records.items() if later.get(name, 0) <= night}
        yield night, FIRST + timedelta(days=night), Exports(there, {name: everybody.person_of[name] for name in there})


def _add(exports: Exports, draw: random.Random, one: Person) -> None:
    channels = [name for name, share in CHANNELS.items() if draw.random() < share] or ["shop"]
    if one.kind != "single" and len(channels) == 1:
        channels = ["shop", "web"]
    for channel in channels:
        number = f"{channel}:{len(exports.records):05}"
        exports.records[number] = {"account_id": number, "channel": channel, **_written(draw, one, channel)}
        exports.person_of[number] = one.name


def _written(draw: random.Random, one: Person, channel: str) -> Record:
    """The fields of a record, with slips."""
    known = KNOWN[channel]
    rows = np.random.default_rng(draw.randrange(2**32))

    def slip(text: str, chance: float) -> str:
        is_plain = text.isascii() and len(text) > 3
        return str(slips(rows, np.array([text], object))[0]) if is_plain and draw.random() < chance else text

    given, family = slip(one.given, 0.04), slip(one.family, 0.04)
    if one.generation and draw.random() < 0.5:
        is_chinese = not one.generation.isascii()
        given, family = (given, f"{family}") if is_chinese else (given, f"{family} {one.generation}")
        given = f"{given}({one.generation})" if is_chinese else given
    born = one.born.isoformat()
    row: Record = {"given_name": given, "surname": family}
    if not one.family.isascii():
        row = {"full_name": family + given}
    if draw.random() < known["birth_date"] and not one.company:
        row["birth_date"] = slip(born, 0.02) if draw.random() > 0.02 else f"{born[:4]}-01-01"
    if draw.random() < known["email"] or one.kind == "bride":  # what a bride keeps
        row["email"] = slip(one.email, 0.02)
    if draw.random() < known["phone"]:
        row["phone"] = slip(one.phone, 0.02)
    if draw.random() < known["address"]:
        row |= {"address_1": slip(one.street, 0.05), "street_number": one.house, "suburb": one.city}
        row |= {"postcode": one.postcode}
    if draw.random() < known["sex"]:
        row["sex"] = one.sex
    return row | ({"company": one.company} if one.company else {})


def _marry(exports: Exports, people: list[Person], draw: random.Random, is_first: bool) -> None:
    """Brides get another surname: first in one channel, then in half of the others."""
    surnames = sorted({one.family for one in people if one.family.isascii()})
    brides = {one.name: draw.choice(surnames) for one in people if one.kind == "bride"}
    married = {exports.person_of[n]: row["married"] for n, row in exports.records.items() if "married" in row}
    for number in sorted(exports.records):
        whose, row = exports.person_of[number], exports.records[number]
        if whose not in brides or "married" in row or (whose in married if is_first else draw.random() < 0.5):
            continue
        surname = married.setdefault(whose, brides[whose])
        exports.records[number] = {**row, "surname": surname, "married": surname}


def _renumbered(exports: Exports, draw: random.Random) -> Exports:
    """Every key of the shop is another; nothing else changes."""
    old = sorted(name for name in exports.records if name.startswith("shop:"))
    numbers = draw.sample(range(100_000, 999_999), len(old))
    new = {name: f"shop:{number}" for name, number in zip(old, numbers, strict=True)}
    renamed = {new.get(name, name): {**row, "account_id": new.get(name, name)} for name, row in exports.records.items()}
    return Exports(renamed, {new.get(name, name): whose for name, whose in exports.person_of.items()})


def _merged(exports: Exports) -> Exports:
    """Web and app become `online`: one record per person, what the web knows first."""
    made, old = Exports(), ("web:", "app:")
    for name in sorted(exports.records, key=lambda name: (not name.startswith("web:"), name)):
        whose, row = exports.person_of[name], exports.records[name]
        key = f"online:{whose[1:]}" if name.startswith(old) else name
        if name.startswith(old):
            row = {**row, **made.records.get(key, {}), "account_id": key, "channel": "online"}
        made.records[key], made.person_of[key] = row, whose
    return made
