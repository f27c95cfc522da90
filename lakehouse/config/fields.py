"""Types of settings: each number with its unit and its range, texts, and lists without repetition.

A range is what the code that reads the setting can use, or, where it could use more, what any company could mean.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from lakehouse.config.findings import nearest

T = TypeVar("T")
CENTURY_DAYS = 36_525
MOST_LISTED = 20  # words that a refusal lists; of more the nearest alone is told
MANY = 10**12  # rows, pairs, customers: more than any company has


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def refusal(what: str, remedy: str = "", key: tuple[Any, ...] = ()) -> PydanticCustomError:
    """What a validator of one key raises: a sentence without the key's name, a remedy, and the place below the key."""
    return PydanticCustomError("refused", "{what}", {"what": what, "remedy": remedy, "key": key})


@dataclass(frozen=True)
class _OneOrMany:
    """A list, or one of its items in its place; kept as a tuple, none of them twice unless it may repeat."""

    may_repeat: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items = handler(source)
        if not self.may_repeat:
            items = core_schema.no_info_after_validator_function(_without_repetition, items)
        return core_schema.no_info_before_validator_function(_as_tuple, items)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema) | ({} if self.may_repeat else {"uniqueItems": True})
        return {"anyOf": [many["items"], many]} if "items" in many else many


def _as_tuple(value: Any) -> Any:
    if value is None or isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, list) else (value,)


def _without_repetition(items: tuple[Any, ...]) -> tuple[Any, ...]:
    for number, item in enumerate(items):
        if item in items[:number]:
            what = f"{item!r} stands twice" if isinstance(item, str | int | float) else "an entry stands twice"
            raise refusal(what, "keep one of them", (number,))
    return items


@dataclass(frozen=True)
class Like:
    """A text that matches a pattern as a whole.

    Args:
        pattern: regular expression.
        what: what is wrong with another text, as a sentence.
        remedy: what to write.
    """

    pattern: str
    what: str
    remedy: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern})$"}

    def _checked(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise refusal(self.what, self.remedy)
        return text


@dataclass(frozen=True)
class OneOf:
    """A text out of some, where the type checker need not know which (keys of mappings)."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(self.words)}

    def _checked(self, text: str) -> str:
        if text not in self.words:
            known = f"none of {', '.join(self.words)}" if len(self.words) <= MOST_LISTED else "not known"
            raise refusal(f"'{text}' is {known}", nearest(text, self.words))
        return text


Text = Annotated[str, BeforeValidator(_number_as_text), WithJsonSchema({"type": ["string", "number"]})]
Word = Annotated[Text, Field(min_length=1)]
Listed = Annotated[tuple[T, ...], _OneOrMany()]
Repeating = Annotated[tuple[T, ...], _OneOrMany(may_repeat=True)]
Some = Annotated[tuple[T, ...], Field(min_length=1), _OneOrMany()]

Days = Annotated[int, Field(ge=1, le=CENTURY_DAYS)]
DaysOrZero = Annotated[int, Field(ge=0, le=CENTURY_DAYS)]
Count = Annotated[int, Field(ge=1, le=MANY)]
CountOrZero = Annotated[int, Field(ge=0, le=MANY)]
Share = Annotated[float, Field(ge=0, le=1)]
ShareAboveZero = Annotated[float, Field(gt=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]  # levels of intervals, quantiles
Hour = Annotated[int, Field(ge=0, le=24)]
