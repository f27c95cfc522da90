"""JSON lines to rows of text: each top-level value as its own text, nested ones exactly as they were written."""

import json
import re
from collections.abc import Iterable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]

_SPACE = re.compile(r"[ \t\r\n]*")
_LITERAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_NESTED = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant).raw_decode


def parse(lines: Iterable[str]) -> Iterator[dict[str, str | None] | None]:
    """The top-level values of each line, or None for a line that is not one JSON object.

    A string is given as its value, null as None, a number, true or false as written, an object or array as its text.
    The last of repeated keys counts, as in JSON readers at large.
    """
    for line in lines:
        try:
            yield top_level(line)
        except (ValueError, IndexError, RecursionError):
            yield None


def top_level(line: str) -> dict[str, str | None]:
    """One object's keys and value texts; ValueError or IndexError where the line is not an object."""
    space = _SPACE.match
    at = _expect(line, space(line).end(), "{")  # type: ignore[union-attr]
    values: dict[str, str | None] = {}
    if line[at] == "}":
        at += 1
    else:
        while True:
            key, at = scanstring(line, _expect(line, at, '"', skip=False))
            values[key], at = _value(line, _expect(line, space(line, at).end(), ":"))  # type: ignore[union-attr]
            at = space(line, at).end()  # type: ignore[union-attr]
            if line[at] == "}":
                at += 1
                break
            at = _expect(line, at, ",")
    if space(line, at).end() != len(line):  # type: ignore[union-attr]
        raise ValueError("text after the object")
    return values


def _expect(line: str, at: int, character: str, skip: bool = True) -> int:
    if line[at] != character:
        raise ValueError(f"'{character}' expected")
    return _SPACE.match(line, at + 1).end() if skip else at + 1  # type: ignore[union-attr]


def _value(line: str, at: int) -> tuple[str | None, int]:
    first = line[at]
    if first == '"':
        text_and_end: tuple[str | None, int] = scanstring(line, at + 1)
        return text_and_end
    if first in "{[":
        end = _NESTED(line, at)[1]
        return line[at:end], end
    match = _LITERAL.match(line, at)
    if match is None:
        raise ValueError("not a JSON value")
    text = match.group()
    return None if text == "null" else text, match.end()
