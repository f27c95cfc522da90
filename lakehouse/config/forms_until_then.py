"""A document as the frozen dataclass that a job declares: every key known, every value of its type."""

import dataclasses
import difflib
import types
import typing
from datetime import date
from typing import Any, Literal, TypeVar

from lakehouse.config.documents import Document, KeyPath
from lakehouse.errors import ConfigError

T = TypeVar("T")


def build(form: type[T], document: Document, at: KeyPath = (), value: Any = None) -> T:
    """Turn a document into a frozen dataclass, strictly.

    Raises:
        ConfigError: an unknown key (with the nearest valid one), a missing key, or a value of the wrong type.
    """
    value = document.value if at == () and value is None else value
    if not isinstance(value, dict):
        raise ConfigError(f"a mapping of {form.__name__} is expected here", document.where(at))
    fields = {f.name.rstrip("_"): f for f in dataclasses.fields(form)}  # type: ignore[arg-type]
    for key in value:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1, cutoff=0.0)
            raise ConfigError(
                f"unknown key '{key}'",
                document.where((*at, key)),
                f"did you mean '{near[0]}'?" if near else "",
            )
    hints = typing.get_type_hints(form)
    arguments = {}
    for name, spec in fields.items():
        if name in value:
            arguments[spec.name] = convert(hints[spec.name], document, (*at, name), value[name])
        elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
            raise ConfigError(f"the key '{name}' is missing", document.where(at), f"add '{name}:' there")
    return form(**arguments)


def convert(hint: Any, document: Document, at: KeyPath, value: Any) -> Any:
    """Check and convert one value to a type hint (scalars, Optional, Literal, tuple, dict, nested dataclass)."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _first_that_fits([h for h in inner if h is not type(None)], document, at, value)
    if origin is Literal:
        if value in inner:
            return value
        near = difflib.get_close_matches(str(value), [str(i) for i in inner], n=1, cutoff=0.0)
        raise ConfigError(
            f"'{value}' is none of {', '.join(map(str, inner))}",
            document.where(at),
            f"did you mean '{near[0]}'?",
        )
    if origin is tuple:
        items = value if isinstance(value, list) else [value]
        return tuple(convert(inner[0], document, (*at, i), item) for i, item in enumerate(items))
    if origin is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"'{at[-1]}' must be a mapping", document.where(at))
        return {
            convert(inner[0], document, (*at, k), k): convert(inner[1], document, (*at, k), v) for k, v in value.items()
        }
    if dataclasses.is_dataclass(hint):
        return build(typing.cast(type, hint), document, at, value if value is not None else {})
    return _scalar_of(hint, document, at, value)


def _first_that_fits(hints: list[Any], document: Document, at: KeyPath, value: Any) -> Any:
    for hint in hints[:-1]:
        try:
            return convert(hint, document, at, value)
        except ConfigError:
            continue
    return convert(hints[-1], document, at, value)


def _scalar_of(hint: Any, document: Document, at: KeyPath, value: Any) -> Any:
    if hint is Any:
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        wanted = {
            str: "text",
            int: "a whole number",
            float: "a number",
            bool: "true or false",
            date: "a date",
        }.get(hint, hint.__name__)
        remedy = "words such as no and on need quotes" if hint is str and isinstance(value, bool) else ""
        raise ConfigError(f"'{at[-1]}' must be {wanted}", document.where(at), remedy)
    return value
