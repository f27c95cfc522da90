"""The base of every settings model: frozen, strict, no unknown keys, finite numbers, and rules between keys."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

CONFLICT = "conflict"


class Conflict(NamedTuple):
    """Keys that do not agree.

    Attributes:
        key: the key that should change, or its path below the model; empty for the model as a whole.
        what: what is wrong, as a sentence.
        remedy: what to write.
    """

    key: str | tuple[Any, ...]
    what: str
    remedy: str = ""

    @property
    def path(self) -> tuple[Any, ...]:
        """The key as a path below the model."""
        return self.key if isinstance(self.key, tuple) else (self.key,) if self.key else ()


class SettingsModel(BaseModel):
    """One YAML subject, or a part of one; every number has a range, and its unit stands in its name or description."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        defer_build=True,  # a validator is made when the first file is read
        validate_default=False,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,  # an exception never carries what a file says
    )

    def conflicts(self) -> Iterator[Conflict]:
        """Rules between keys that do not hold; asked when each key alone is right."""
        yield from ()

    def replace(self, **changes: Any) -> Self:
        """A copy with other values, validated like a file's.

        Raises:
            pydantic.ValidationError: a value is out of its range.
        """
        return type(self)(**{**vars(self), **changes})

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_the_defaults(cls, value: Any) -> Any:
        """`orders:` with nothing behind it has every default, like `orders: {}`."""
        return {} if value is None else value

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        if conflicts := tuple(self.conflicts()):
            sentences = "; ".join(conflict.what for conflict in conflicts)
            raise PydanticCustomError(CONFLICT, "{sentences}", {"sentences": sentences, "conflicts": conflicts})
        return self
