"""What a field means decides how two values of it are compared: levels of agreement per semantic type.

A level is a condition over `<field>_l` and `<field>_r` in the SQL that DuckDB and Spark both understand, as Splink
writes them, so that one trained model serves both engines and Splink itself. The first level is "not known", the
second equality, the last everything else. Derived columns that a type needs (its parts) are made by cleaning.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from lakehouse.errors import LakehouseError

Level = dict[str, Any]
LOW_FREQUENCY = 1e-5  # a value seen once in a small table is not rarer than this
ELSE: Level = {"sql_condition": "ELSE", "label_for_charts": "differs"}


@dataclass(frozen=True)
class Field:
    """A comparable column.

    type: a key of TYPES.
    partner: the other name of the same person, or the other line of the same address.
    forms: column that is the same for all forms of a name (nicknames, other scripts).
    """

    name: str
    type: str
    partner: str | None = None
    forms: str | None = None


@dataclass(frozen=True)
class SemanticType:
    """How values of a kind are compared and blocked.

    levels: makes the levels of a field.
    parts: suffixes of derived columns beside the field: birth -> birth_year.
    keys: parts of blocking keys: "" the whole value, "1" its first character, "_year" a part.
    by_frequency: agreeing on a rare value says more than on a common one.
    equality: how often two records of one thing are expected to have the very same value; blocking is planned with it.
    by_tokens: compared by the weights of shared words; needs `cos_<field>` beside each pair.
    shared_by: who else has the same value without being the same: a "town", a "home" or a "family".
    """

    levels: Callable[[Field], tuple[Level, ...]]
    parts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("",)
    by_frequency: bool = True
    equality: float = 0.85
    by_tokens: bool = False
    shared_by: str | None = None


def level(condition: str, label: str) -> Level:
    """One level in Splink's words."""
    return {"sql_condition": condition, "label_for_charts": label}


def _null(field: str, unless: str = "") -> Level:
    missing = f"{field}_l is null or {field}_r is null"
    return {**level(f"({missing}){unless}", "not known"), "is_null_level": True}


def _same(field: str) -> Level:
    return level(f"{field}_l = {field}_r", "same")


def _edits(field: str, most: int, longer_than: int = 0) -> str:
    left, right = f"{field}_l", f"{field}_r"
    guard = f"length({left}) > {longer_than} and length({right}) > {longer_than} and " if longer_than else ""
    return f"({guard}abs(length({left}) - length({right})) <= {most} and levenshtein({left}, {right}) <= {most})"


def _same_digits(field: str) -> str:
    """SQL: nothing differs but letters: another house number, size or part is no slip of the keyboard."""
    return f"translate({field}_l, '{ascii_lowercase}', '') = translate({field}_r, '{ascii_lowercase}', '')"


def _prefix(field: str) -> str:
    left, right = f"{field}_l", f"{field}_r"
    return (
        f"(length({left}) >= 3 and length({right}) >= 3 and "
        f"(substr({left}, 1, length({right})) = {right} or substr({right}, 1, length({left})) = {left}))"
    )


def _near(field: str, most: int, prefix: bool = True) -> Level:
    begins = f" or {_prefix(field)}" if prefix else ""
    return level(f"{_edits(field, most)}{begins}", f"{most} edits" + (" or begins alike" if prefix else ""))


def _person_name(field: Field) -> tuple[Level, ...]:
    name, other = field.name, field.partner
    other_form = level(f"{field.forms}_l = {field.forms}_r", "another form of the name")
    near = (
        *((other_form,) if field.forms else ()),
        level(_edits(name, 1), "1 edit"),
        level(f"{_edits(name, 2, 4)} or {_prefix(name)}", "2 edits or begins alike"),
        level(_edits(name, 3, 6), "3 edits"),
        ELSE,
    )
    if other is None:
        return (_null(name), _same(name), *near)
    full, half = _across(name, other)
    if field.type == "given_name":
        unknown = {
            **level(f"(({name}_l is null or {name}_r is null) and not {full}) or {half}", "not known"),
            "is_null_level": True,
        }
        return (unknown, _same(name), level(full, "swapped"), *near)
    # "not known" gives way to "swapped": a source with one name field may have put the other name into it
    return (_null(name, f" and not {half}"), _same(name), level(f"{full} or {half}", "swapped"), *near)


def _across(name: str, other: str) -> tuple[str, str]:
    """SQL: both names stand in the other's place; one does, and the other name is not told.

    One name across alone is no more than a relative's, whose given name is another.
    """
    mine, theirs = f"{name}_l = {other}_r", f"{other}_l = {name}_r"
    near = f"levenshtein({other}_l, {name}_r) <= 2", f"levenshtein({name}_l, {other}_r) <= 2"
    full = f"coalesce(({mine} and {near[0]}) or ({theirs} and {near[1]}), false)"
    half = (
        f"coalesce(({mine} and ({other}_l is null or {name}_r is null)) or "
        f"({theirs} and ({name}_l is null or {other}_r is null)), false)"
    )
    return full, half


def _birth_date(field: Field) -> tuple[Level, ...]:
    name = field.name
    turned = f"({name}_year_l = {name}_year_r and {name}_day_month_l = substr({name}_r, 5, 4))"
    part = f"{name}_year_l = {name}_year_r or {name}_day_month_l = {name}_day_month_r"
    return (
        _null(name),
        _same(name),
        level(f"levenshtein({name}_l, {name}_r) <= 1 or {turned}", "1 edit, or day and month turned"),
        level(f"levenshtein({name}_l, {name}_r) <= 2", "2 edits"),
        level(part, "same year, or same day and month"),
        ELSE,
    )


def _postcode(field: Field) -> tuple[Level, ...]:
    name = field.name
    turned = f"({name}_digits_l = {name}_digits_r and levenshtein({name}_l, {name}_r) = 2)"
    return (
        _null(name),
        _same(name),
        level(f"levenshtein({name}_l, {name}_r) <= 1 or {turned}", "1 edit, or 2 digits turned"),
        level(f"levenshtein({name}_l, {name}_r) <= 2", "2 edits"),
        ELSE,
    )


def _address(field: Field) -> tuple[Level, ...]:
    name, other = field.name, field.partner
    moved = level(f"{name}_l = {other}_r or {name}_r = {other}_l", "in the other line")
    between = (moved,) if other else ()
    slip = level(
        f"({_edits(name, 2)} or {_prefix(name)}) and {_same_digits(name)}",
        "2 edits in letters or begins alike, the same numbers",
    )
    return (_null(name), _same(name), slip, _near(name, 2), *between, level(_edits(name, 4, 9), "4 edits"), ELSE)


def _nearly(most: int, prefix: bool = False) -> Callable[[Field], tuple[Level, ...]]:
    def levels(field: Field) -> tuple[Level, ...]:
        return (_null(field.name), _same(field.name), _near(field.name, most, prefix), ELSE)

    return levels


def _email(field: Field) -> tuple[Level, ...]:
    """Another number in a mailbox is another mailbox: ann.bell7 and ann.bell9 are namesakes."""
    name = field.name
    slip = level(f"{_edits(name, 2)} and {_same_digits(name)}", "2 edits in letters, the same numbers")
    return (_null(name), _same(name), slip, ELSE)


def _text(field: Field) -> tuple[Level, ...]:
    name = field.name
    near = f"cos_{name} >= 0.9 or {_edits(name, 2, 8)} and {_same_digits(name)}"
    return (
        _null(name),
        _same(name),
        level(near, "nearly all words, by weight, or 2 edits in letters"),
        level(f"cos_{name} >= 0.7 or {_prefix(name)}", "most words, or begins alike"),
        level(f"cos_{name} >= 0.5", "half of the words"),
        level(f"cos_{name} >= 0.25", "some words"),
        ELSE,
    )


def _number(field: Field) -> tuple[Level, ...]:
    left, right = f"{field.name}_l", f"{field.name}_r"
    away = f"abs({left} - {right})"
    return (
        _null(field.name),
        _same(field.name),
        level(f"{away} <= 1", "1 apart"),
        level(f"{away} <= 0.1 * greatest(abs({left}), abs({right})) and {away} <= 10", "a tenth, or 10, apart"),
        ELSE,
    )


def _category(field: Field) -> tuple[Level, ...]:
    return (_null(field.name), _same(field.name), ELSE)


TYPES: dict[str, SemanticType] = {
    "given_name": SemanticType(_person_name, keys=("", "1", "3")),
    "family_name": SemanticType(_person_name, keys=("", "2", "4"), shared_by="family"),
    "birth_date": SemanticType(_birth_date, ("_year", "_day_month"), ("", "_year", "_day_month"), False, 0.85),
    "address": SemanticType(_address, keys=("", "5"), equality=0.7, shared_by="home"),
    "street_number": SemanticType(_nearly(1), by_frequency=False, shared_by="home"),
    "postcode": SemanticType(_postcode, ("_digits",), ("", "2"), shared_by="town"),
    "city": SemanticType(_nearly(2, prefix=True), keys=("", "2"), shared_by="town"),
    "region": SemanticType(_nearly(1), keys=(), by_frequency=False, shared_by="town"),
    "email": SemanticType(_email, keys=("", "6"), shared_by="home"),
    "phone": SemanticType(_nearly(1), shared_by="home"),
    "national_id": SemanticType(_nearly(1)),
    "company": SemanticType(_text, keys=("*", "**", "4"), equality=0.6, by_tokens=True),
    "free_text": SemanticType(_text, keys=("*", "**", "8"), equality=0.6, by_tokens=True),
    "number": SemanticType(_number, by_frequency=False, equality=0.6),
    "category": SemanticType(_category),
}


def fields_of(types: Mapping[str, str], parts: Collection[str] = ()) -> tuple[Field, ...]:
    """Fields from their names and types; two names of a person, or two lines of an address, are partners.

    Args:
        parts: derived columns that there are; `<name>_key` tells the forms of a name.

    Raises:
        LakehouseError: a type is not known.
    """
    for name, kind in types.items():
        if kind not in TYPES:
            raise LakehouseError(
                f"'{kind}' of the field '{name}' is no semantic type", "fields", f"choose one of {', '.join(TYPES)}"
            )
    keys = {name: f"{name}_key" for name, kind in types.items() if kind in ("given_name", "family_name")}
    forms = {name: key for name, key in keys.items() if key in parts}
    return tuple(Field(name, kind, _partner(name, kind, types), forms.get(name)) for name, kind in types.items())


def _partner(name: str, kind: str, types: Mapping[str, str]) -> str | None:
    wanted = {"given_name": "family_name", "family_name": "given_name", "address": "address"}.get(kind)
    return next((other for other, its in types.items() if its == wanted and other != name), None)
