"""Values of record files, cleaned by the cleaners of the lake, so that a file is linked as the same people would be.

Names in any script, nicknames, e-mail providers, phone plans, state numbers and Chinese addresses are for these; what
needs no table of the world is cleaned by SQL (record_files.CLEANERS).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity.cleaners import address_fields, columns, emails, name_fields, number_fields, phones
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.cleaners.junk import is_unknown_email
from jobs.identity.matching.semantic_types import Field, fields_of
from jobs.identity.settings.identity import Junk

NAMES = ("given_name", "family_name")
LOOKED_AT = 5000  # numbers that tell a file's country
KEY = "_key"  # the form that all forms of a name share
BY_LAKE = (*NAMES, "email", "phone", "national_id")
LINES = {"region": "state", "city": "city", "address": "address_1", "street_number": "street_number"}
PARTS = {"region": "region", "city": "city", "address": "street", "street_number": "house"}


@dataclass(frozen=True)
class Cleaner:
    """How the lake cleans: conf/cleaning.yaml, what stands for "unknown", and the day that births are before."""

    rules: Rules
    junk: Junk
    run_date: date


def cleaned(texts: pa.Table, fields: Sequence[Field], how: Cleaner) -> tuple[pa.Table, tuple[Field, ...]]:
    """The texts with the lake's values in place of those of BY_LAKE and of Chinese addresses.

    Args:
        texts: per field its text as written, NULL where it is not known; a full name in front of its two halves.

    Returns:
        The table, with a column KEY behind each name; the fields, with those that Chinese addresses were parted into.
    """
    made: dict[str, pa.Array] = {}
    by_field = columns.texts(texts)
    for given, family in name_pairs(fields):
        made |= _names(by_field, given, family, how)
    for field in fields:
        if field.type in BY_LAKE and field.type not in NAMES:
            made[field.name] = _value(by_field[field.name], field.type, how)
    types = {field.name: field.type for field in fields}
    more, more_types = _chinese(by_field, fields, how)
    kept = {name: column for name, column in by_field.items() if name not in made and name not in more}
    every = {**kept, **made, **more}
    return pa.table(every), fields_of({**types, **more_types}, [name for name in every if name.endswith(KEY)])


def name_pairs(fields: Sequence[Field]) -> Iterator[tuple[str | None, str | None]]:
    """Given and family names that belong together, in the order of the fields; None for one that is alone."""
    given, family = ([f.name for f in fields if f.type == kind] for kind in NAMES)
    for number in range(max(len(given), len(family))):
        yield (
            given[number] if number < len(given) else None,
            family[number] if number < len(family) else None,
        )


def _names(texts: dict[str, pa.Array], given: str | None, family: str | None, how: Cleaner) -> dict[str, pa.Array]:
    size = len(next(iter(texts.values())))
    no_text = pa.nulls(size, pa.string())
    whole = (given or "").removesuffix("_given")
    named = {
        "given_name": texts.get(given or "", no_text),
        "surname": texts.get(family or "", no_text),
        "full_name": texts.get(whole, no_text) if given not in texts else no_text,
    }
    if given is None or family is None:
        return _one_name(named, given, family, how)
    names = name_fields.fields(named, how.rules, how.junk)
    return {
        given: names["given"],
        family: names["family"],
        given + KEY: names["given_key"],
        family + KEY: names["family_key"],
    }


def _one_name(named: dict[str, pa.Array], given: str | None, family: str | None, how: Cleaner) -> dict[str, pa.Array]:
    """A name without its partner: all of it is that name."""
    name = given or family or ""
    column = named["given_name"] if given else named["surname"]
    return name_fields.alone(column, name, name + KEY, how.rules, how.junk, is_given=given is not None)


def _value(column: pa.Array, kind: str, how: Cleaner) -> pa.Array:
    if kind == "email":
        return columns.mapped(column, lambda text: (_email(text, how),), "email")["email"]
    no_text = pa.nulls(len(column), pa.string())
    others = dict.fromkeys(("country", "phone", "national_id", "birth_date", "sex"), no_text)
    if kind == "phone":
        region = phones.region_of(column.slice(0, LOOKED_AT).drop_null().to_pylist())
        others["country"] = pa.array([region or None], pa.string()).take(pa.array([0] * len(column)))
    return number_fields.fields({**others, kind: column}, how.rules, how.junk, how.run_date)[kind]


def _email(text: str, how: Cleaner) -> str | None:
    address = emails.email(text, how.rules)
    return None if address is None or is_unknown_email(address, how.junk) else address


def _chinese(
    texts: dict[str, pa.Array], fields: Sequence[Field], how: Cleaner
) -> tuple[dict[str, pa.Array], dict[str, str]]:
    """Columns and types of Chinese addresses in their parts; none where no line has Chinese characters."""
    first = {kind: next((f.name for f in fields if f.type == kind), None) for kind in LINES}
    lines = {LINES[kind]: texts[name] for kind, name in first.items() if name}
    address = first["address"]
    if address is None or not any(_has_han(column) for column in lines.values()):
        return {}, {}
    no_text = pa.nulls(len(texts[address]), pa.string())
    whole = {**dict.fromkeys((*address_fields.LINES, "postcode"), no_text), **lines}
    parts = address_fields.fields(whole, how.rules, how.junk)
    named = {kind: first[kind] or f"{address}_{PARTS[kind]}" for kind in LINES}
    made = {name: parts[PARTS[kind]] for kind, name in named.items()}
    return made, {name: kind for kind, name in named.items() if first[kind] is None}


def chinese_lines(fields: Sequence[Field], types: Mapping[str, str]) -> list[str]:
    """The lines of addresses that were parted: they are clean, and came with a part that the file had no field for."""
    return [f.name for f in fields if f.type in LINES] if len(fields) > len(types) else []


def _has_han(column: pa.Array) -> bool:
    return bool(pc.any(pc.fill_null(pc.match_substring_regex(column, address_fields.HAN), False)).as_py())
