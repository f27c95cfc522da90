"""What a settings model allows at a path of keys: its keys, its kind, its range."""

import types
import typing
from typing import Annotated, Any, Literal, NamedTuple

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from lakehouse.config.documents import KeyPath
from lakehouse.config.model import SettingsModel


class Place(NamedTuple):
    """The type at a path, and what limits it."""

    hint: Any
    limits: tuple[Any, ...] = ()


def key_of(name: str, field: FieldInfo) -> str:
    """A field's key in YAML."""
    return field.alias or name


def hint_of(field: FieldInfo) -> Any:
    """A field's type with what marks and limits it."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def keys(model: type[SettingsModel]) -> dict[str, FieldInfo]:
    """Key -> field."""
    return {key_of(name, field): field for name, field in model.model_fields.items()}


def place(model: type[SettingsModel], path: KeyPath) -> Place | None:
    """What stands at a path below a model, or None where nothing does."""
    here: Place | None = Place(model)
    for key in path:
        here = _below(here, key) if here else None
    return here


def models_of(hint: Any) -> list[type[SettingsModel]]:
    """The settings models that a type holds directly, in lists and in mappings."""
    if isinstance(hint, type) and issubclass(hint, SettingsModel):
        return [hint]
    return [model for inner in typing.get_args(hint) for model in models_of(inner)]


def plain(hint: Any, limits: tuple[Any, ...] = ()) -> list[Place]:
    """A type without Annotated and Optional; several for a union."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        own = [limit for extra in inner[1:] for limit in (extra.metadata if isinstance(extra, FieldInfo) else (extra,))]
        return plain(inner[0], (*own, *limits))
    if origin in (typing.Union, types.UnionType):
        return [part for one in inner if one is not type(None) for part in plain(one, limits)]
    return [Place(hint, limits)]


def choices(here: Place | None) -> list[str]:
    """The words of a Literal."""
    parts = plain(here.hint) if here else []
    return [
        str(word) for part in parts if typing.get_origin(part.hint) is Literal for word in typing.get_args(part.hint)
    ]


def range_of(here: Place) -> str:
    """`from 1 to 365` of a number; empty where it has no range."""
    words = {Ge: "from", Gt: "above", Le: "to", Lt: "to below"}
    bounds = {type(limit): limit for limit in here.limits if type(limit) in words}
    shown = [f"{words[kind]} {_number(bounds[kind])}" for kind in words if kind in bounds]
    return " ".join(shown)


def _number(limit: Any) -> str:
    value = next(getattr(limit, name) for name in ("ge", "gt", "le", "lt") if hasattr(limit, name))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _below(here: Place, key: Any) -> Place | None:
    for part in plain(here.hint, here.limits):
        origin, inner = typing.get_origin(part.hint), typing.get_args(part.hint)
        if isinstance(part.hint, type) and issubclass(part.hint, SettingsModel):
            field = keys(part.hint).get(key)
            return Place(field.annotation, tuple(field.metadata)) if field else None
        if origin is tuple:
            return Place(inner[0])
        if origin is dict:
            return Place(inner[1])
    return None
