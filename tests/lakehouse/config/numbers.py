"""Every number that the settings models hold: its path of keys, its type, its range."""

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from annotated_types import Ge, Gt, Le, Lt

from lakehouse.config.model import SettingsModel
from lakehouse.config.model_fields import Place, keys, plain


@dataclass(frozen=True)
class Number:
    """A number of a model; `path` has a made-up key for each mapping, and ends with [] for an entry of a list."""

    path: tuple[Any, ...]
    kind: type
    place: Place

    def bound(self, *kinds: type) -> Any:
        """The limit of one of these kinds, or None."""
        return next((limit for limit in self.place.limits if isinstance(limit, kinds)), None)

    def below(self) -> float:
        """The nearest whole number under the range."""
        low = self.bound(Ge, Gt)
        return low.ge - 1 if isinstance(low, Ge) else low.gt

    def above(self) -> float:
        """The nearest whole number over the range."""
        high = self.bound(Le, Lt)
        return high.le + 1 if isinstance(high, Le) else high.lt


def numbers_of(model: type[SettingsModel], at: tuple[Any, ...] = ()) -> Iterator[Number]:
    """All numbers of a model and its parts."""
    for key, field in keys(model).items():
        yield from _of(Place(field.annotation, tuple(field.metadata)), (*at, key))


def _of(place: Place, at: tuple[Any, ...]) -> Iterator[Number]:
    for part in plain(place.hint, place.limits):
        origin, inner = typing.get_origin(part.hint), typing.get_args(part.hint)
        if part.hint in (int, float):
            yield Number(at, part.hint, part)
        elif isinstance(part.hint, type) and issubclass(part.hint, SettingsModel):
            yield from numbers_of(part.hint, at)
        elif origin is tuple:
            yield from _of(Place(inner[0]), (*at, []) if not at or at[-1] != [] else at)
        elif origin is dict:
            yield from _of(Place(inner[1]), (*at, _some_key(inner[0])))


def _some_key(hint: Any) -> Any:
    (part,) = plain(hint)
    words = [word for limit in part.limits for word in getattr(limit, "words", ())]
    if part.hint is date:
        return date(2020, 2, 3)
    return words[0] if words else "EUR" if "A-Z" in repr(part.limits) else "some_name"


def layer_of(path: tuple[Any, ...], value: Any) -> Any:
    """The document that says this value at the path, and nothing else."""
    if not path:
        return value
    rest = layer_of(path[1:], value)
    return [rest] if path[0] == [] else {path[0]: rest}
