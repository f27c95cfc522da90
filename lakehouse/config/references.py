"""Names that one YAML gives and another defines: marked in the models, collected from documents with their lines."""

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from lakehouse.config.documents import KeyPath
from lakehouse.config.model import SettingsModel
from lakehouse.config.model_fields import hint_of, keys, plain

EXPORTS = "exports"


@dataclass(frozen=True)
class Defines:
    """Marks a key or text that defines a name of a kind."""

    kind: str


@dataclass(frozen=True)
class Reference:
    """Marks a key or text that names something defined elsewhere.

    Args:
        kind: what it names, as a sentence says it: `segment`.
        defined_in: the subject whose model marks the names (Defines); or `exports` for what exports call their
            channels; or `<table>.<column>` for the values that exports' targets give a column.
        begins: whether the beginning of a defined name is enough.
        instead: a name that serves where it is defined and the given one is not.
    """

    kind: str
    defined_in: str
    begins: bool = False
    instead: str = ""

    @property
    def is_of_exports(self) -> bool:
        """Whether exports define the names, which the product cannot know."""
        return self.defined_in == EXPORTS or "." in self.defined_in


@dataclass(frozen=True)
class Named:
    """A marked text and where it stands."""

    mark: Defines | Reference
    name: str
    path: KeyPath


def names_in(hint: Any, value: Any, at: KeyPath = ()) -> Iterator[Named]:
    """All marked texts of a document's value.

    Args:
        hint: the model, or the type of a part of it.
        value: plain values of YAML.
    """
    yield from _own(hint, value, at)
    for part in plain(hint):
        origin, inner = typing.get_origin(part.hint), typing.get_args(part.hint)
        if isinstance(part.hint, type) and issubclass(part.hint, SettingsModel) and isinstance(value, dict):
            for key, field in keys(part.hint).items():
                if key in value:
                    yield from names_in(hint_of(field), value[key], (*at, key))
        elif origin is tuple:
            items = value if isinstance(value, list) else [value]
            for number, item in enumerate(items):
                yield from names_in(inner[0], item, (*at, number) if isinstance(value, list) else at)
        elif origin is dict and isinstance(value, dict):
            for key, item in value.items():
                yield from _own(inner[0], key, (*at, key))
                yield from names_in(inner[1], item, (*at, key))


@cache
def refers(model: type[SettingsModel]) -> bool:
    """Whether anything in the model names what is defined elsewhere."""
    return any(_marked(hint_of(field)) for field in keys(model).values())


def _marked(hint: Any) -> bool:
    for part in plain(hint):
        if any(isinstance(mark, Reference) for mark in part.limits):
            return True
        if isinstance(part.hint, type) and issubclass(part.hint, SettingsModel) and refers(part.hint):
            return True
        if any(_marked(inner) for inner in typing.get_args(part.hint) if inner is not ...):
            return True
    return False


def _own(hint: Any, value: Any, at: KeyPath) -> Iterator[Named]:
    """The text itself, where its type is marked."""
    if isinstance(value, str):
        for part in plain(hint):
            for mark in part.limits:
                if isinstance(mark, Defines | Reference):
                    yield Named(mark, value, at)
