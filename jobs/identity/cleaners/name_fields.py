"""Given and family name of accounts, and the keys of their other forms."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity.cleaners import chinese_names, columns, letters, person_names
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.cleaners.columns import mapped
from jobs.identity.cleaners.junk import usable_name
from jobs.identity.settings.identity import Junk

HAN = r"\p{Han}"


def fields(texts: dict[str, pa.Array], rules: Rules, junk: Junk) -> dict[str, pa.Array]:
    """given, family, given_key, family_key, generation."""
    given, family = _raw(texts, rules)
    written = columns.joined(texts["given_name"], texts["surname"], texts["full_name"])
    return {
        **mapped(written, _generation, "generation"),
        **mapped(given, partial(_given, rules=rules, junk=junk), "given", "given_key"),
        **mapped(family, partial(_family, rules=rules, junk=junk), "family", "family_key"),
    }


def family(texts: dict[str, pa.Array], rules: Rules, junk: Junk) -> dict[str, pa.Array]:
    """family, family_key."""
    return mapped(_raw(texts, rules)[1], partial(_family, rules=rules, junk=junk), "family", "family_key")


def _raw(texts: dict[str, pa.Array], rules: Rules) -> tuple[pa.Array, pa.Array]:
    """Both names as written; from the full name where there is only that."""
    given, family, full = texts["given_name"], texts["surname"], texts["full_name"]
    single = pc.if_else(pc.is_null(family), given, pc.if_else(pc.is_null(given), family, columns.NULL_TEXT))
    if pc.any(pc.match_substring_regex(single, HAN)).as_py():  # a whole Chinese name in the one field that is filled
        whole = mapped(single, partial(_whole, rules=rules), "whole")["whole"]
        full = pc.coalesce(whole, full)
        given, family = (pc.if_else(pc.is_valid(whole), columns.NULL_TEXT, raw) for raw in (given, family))
    has_no_name = pc.and_(pc.is_null(given), pc.is_null(family))
    only_full = pc.if_else(has_no_name, full, columns.NULL_TEXT)
    split = mapped(only_full, partial(person_names.split, rules=rules), "given", "family")
    return pc.coalesce(given, split["given"]), pc.coalesce(family, split["family"])


def _whole(text: str, rules: Rules) -> tuple[str | None]:
    name = person_names.characters(text, rules) if letters.has_han(text) else ""
    return (name if name and chinese_names.is_whole(name, rules) else None,)


def _generation(text: str) -> columns.Texts:
    return (next(filter(None, map(person_names.generation, columns.apart(text))), None),)


def _given(text: str, rules: Rules, junk: Junk) -> columns.Texts:
    part = person_names.part(text, rules)
    given = usable_name(letters.letters(part), text, junk)
    return (given, person_names.given_key(part, rules) or None) if given else (None, None)


def _family(text: str, rules: Rules, junk: Junk) -> columns.Texts:
    part = person_names.part(text, rules)
    family = usable_name(letters.letters(part), text, junk)
    return (family, person_names.family_key(part, rules) or None) if family else (None, None)


def alone(column: pa.Array, name: str, key: str, rules: Rules, junk: Junk, is_given: bool) -> dict[str, pa.Array]:
    """A name and its key, under these names, of a source that has this one name only."""
    return mapped(column, partial(_given if is_given else _family, rules=rules, junk=junk), name, key)
