"""CSV for people: a value that a spreadsheet would run as a formula gets an apostrophe in front, which it then hides.

Source: OWASP, CSV Injection. Plain numbers stay as they are.
"""

import re
from collections.abc import Iterable
from typing import Any

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # full width ones, too
NUMBER = re.compile(r"[+-]?\d[\d.,]*(?:[eE][+-]?\d+)?")


def harmless(value: Any) -> Any:
    """The value; a text that begins like a formula, with an apostrophe in front."""
    if not isinstance(value, str) or not value.lstrip(" \u00a0").startswith(STARTS):
        return value
    return value if NUMBER.fullmatch(value) else f"'{value}"


def harmless_row(values: Iterable[Any]) -> list[Any]:
    """The same for each value of a row."""
    return [harmless(value) for value in values]
