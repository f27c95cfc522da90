"""Pydantic's errors as sentences a person can act on: file, line, key, what is allowed, and a remedy."""

import difflib
from collections.abc import Callable, Iterator
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lakehouse.config.documents import Document, KeyPath
from lakehouse.config.model import CONFLICT, SettingsModel
from lakehouse.config.model_fields import choices, keys, models_of, place, plain, range_of
from lakehouse.errors import ConfigError

KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "date_type": "a date",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "finite_number": "a finite number",
}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
MOST_DIGITS = 1e15
EMPTY = ("too_short", "string_too_short")


def refusals(model: type[SettingsModel], document: Document, error: ValidationError) -> list[ConfigError]:
    """One error per fault, in the order of the file's lines."""
    made: dict[tuple[KeyPath, str], ConfigError] = {}
    places: dict[KeyPath, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        places.setdefault(_path(document.value, detail["loc"]), []).append(detail)
    for at, details in places.items():
        for refused in _at(model, document, at, details):
            made.setdefault((at, refused.what), refused)
    return sorted(made.values(), key=lambda one: _line(one.where))


def _line(where: str) -> tuple[str, int]:
    file, _, line = where.rpartition(":")
    return file, int(line) if line.isdigit() else 0


def _path(value: Any, loc: tuple[int | str, ...]) -> KeyPath:
    """The keys of pydantic's place that the document has: without the names of a union's branches and the like.

    A key that is missing or unknown to the document ends the path.
    """
    at: list[Any] = []
    for step in loc:
        if isinstance(value, dict):
            known = step if step in value else next((key for key in value if step in (str(key), repr(key))), None)
            if known is None:
                continue
            at, value = [*at, known], value[known]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            at, value = [*at, step], value[step]
    return tuple(at)


def _at(
    model: type[SettingsModel], document: Document, at: KeyPath, details: list[ErrorDetails]
) -> Iterator[ConfigError]:
    """The errors of one path; the branches of a union (`a number`, or `one of ...`) are told together."""
    branches = []
    for detail in details:
        make = MADE.get(detail["type"])
        if make is not None:
            yield from make(model, document, at, detail)
        else:
            branches.append(detail)
    if branches and all(branch["type"] == "literal_error" for branch in branches):
        yield _none_of(model, document, at, branches[0])
    elif branches:
        first, *others = dict.fromkeys(_wanted(detail) for detail in branches)
        wanted = " or ".join((first, *(other.removeprefix("must be ") for other in others)))
        yield ConfigError(f"{_name(at)} {wanted}", document.where(at), _remedy(model, at, branches))


def _none_of(model: type[SettingsModel], document: Document, at: KeyPath, detail: ErrorDetails) -> ConfigError:
    allowed, value = choices(place(model, at)), str(detail["input"])
    near = difflib.get_close_matches(value, allowed, n=1, cutoff=0.0)
    what = f"'{value}' is none of {', '.join(allowed)}"
    return ConfigError(what, document.where(at), f"did you mean '{near[0]}'?" if near else "")


def _missing(
    model: type[SettingsModel], document: Document, at: KeyPath, detail: ErrorDetails
) -> Iterator[ConfigError]:
    key = detail["loc"][-1]
    yield ConfigError(f"the key '{key}' is missing", document.where(at), f"add '{key}:' there")


def _unknown(
    model: type[SettingsModel], document: Document, at: KeyPath, detail: ErrorDetails
) -> Iterator[ConfigError]:
    parent = place(model, at[:-1])
    known = [key for one in models_of(parent.hint if parent else model) for key in keys(one)]
    near = difflib.get_close_matches(str(at[-1]), known, n=1, cutoff=0.0)
    yield ConfigError(f"unknown key '{at[-1]}'", document.where(at), f"did you mean '{near[0]}'?" if near else "")


def _no_mapping(
    model: type[SettingsModel], document: Document, at: KeyPath, detail: ErrorDetails
) -> Iterator[ConfigError]:
    here = place(model, at)
    names = [key for one in models_of(here.hint if here else model) for key in keys(one)]
    yield ConfigError("a mapping of keys is expected here", document.where(at), f"write {names[0]}: and so on")


def _conflicts(
    model: type[SettingsModel], document: Document, at: KeyPath, detail: ErrorDetails
) -> Iterator[ConfigError]:
    for conflict in detail["ctx"]["conflicts"]:
        yield ConfigError(conflict.what, document.where((*at, *conflict.path)), conflict.remedy)


def _refused(
    model: type[SettingsModel], document: Document, at: KeyPath, detail: ErrorDetails
) -> Iterator[ConfigError]:
    context = detail["ctx"]
    yield ConfigError(
        f"{_name(at)}: {context['what']}", document.where((*at, *context["key"])), cast(str, context["remedy"])
    )


Make = Callable[[type[SettingsModel], Document, KeyPath, ErrorDetails], Iterator[ConfigError]]
MADE: dict[str, Make] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "model_type": _no_mapping,
    CONFLICT: _conflicts,
    "refused": _refused,
}


def _wanted(detail: ErrorDetails) -> str:
    """What a value must be, as the end of a sentence that begins with its key."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in BOUNDS:
        words, bound = BOUNDS[kind]
        return f"must be {words} {_short(context[bound])}, and is {_short(value)}"
    if kind in KINDS:
        return f"must be {KINDS[kind]}"
    if kind in EMPTY:
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} entries"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    return str(detail["msg"])


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 30 else f"{text[:10]}... ({len(text)} digits)"


def _remedy(model: type[SettingsModel], at: KeyPath, details: list[ErrorDetails]) -> str:
    kind, value = details[0]["type"], details[0]["input"]
    if kind == "string_type" and isinstance(value, bool):
        return "words such as no and on need quotes"
    if kind in ("int_type", "int_from_float", "float_type") and _is_number(value):
        whole = kind != "float_type" and float(value).is_integer() and abs(float(value)) < MOST_DIGITS
        return f"write {int(float(value)) if whole else repr(float(value))} without quotes"
    here = place(model, at)
    ranges = [text for part in plain(here.hint, here.limits) if (text := range_of(part))] if here else []
    return f"give a number {' or '.join(ranges)}" if ranges else ""


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(float(value))
    except ValueError:
        return False


def _name(at: KeyPath) -> str:
    """A key in quotes; of a list its item's number, counted from 1."""
    if not at:
        return "this file"
    if isinstance(at[-1], int) and len(at) > 1:
        return f"item {at[-1] + 1} of '{at[-2]}'"
    return f"'{at[-1]}'"
