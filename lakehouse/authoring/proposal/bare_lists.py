"""Lists of one column: an e-mail address or a phone number on each line, and at most a name above them."""

import re
from collections.abc import Sequence

ADDRESS = re.compile(r"[^@\s,;|]+@[^@\s,;|]+\.[^@\s,;|]+")
NUMBER = re.compile(r"\+?\(?\d[\d ()/.-]{6,}\d")
DAY = re.compile(r"\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{4}|\d{8}|\d{14}|\d+\.\d{1,2}")
FEWEST_DIGITS, MOST_DIGITS = 7, 15
FEWEST = 2
ENOUGH = 0.95


def bare_list(lines: Sequence[str]) -> str:
    """The name of the only column: the list's own, else what its values are; '' for text that is no such list."""
    values = [value for line in lines if (value := line.strip().strip("\"'").strip())]
    if not values:
        return ""
    body = values if named_by_value(values[0]) else values[1:]
    kinds = [named_by_value(value) for value in body]
    kind = max(kinds, key=kinds.count, default="")
    if not kind or len(body) < FEWEST or kinds.count(kind) < ENOUGH * len(body):
        return ""
    return kind if body is values else values[0]


def named_by_value(text: str) -> str:
    """What a value is by its form: email or phone; '' for other text."""
    value = text.strip().strip("\"'").strip()
    if ADDRESS.fullmatch(value):
        return "email"
    return "phone" if NUMBER.fullmatch(value) and _is_dialled(value) else ""


def _is_dialled(value: str) -> bool:
    """Whether a number may be dialled: 7 to 15 digits (ITU-T E.164), none of its parts a day or an amount."""
    digits = sum(character.isdigit() for character in value)
    parts = value.split(" ")
    return FEWEST_DIGITS <= digits <= MOST_DIGITS and "" not in parts and not any(map(DAY.fullmatch, parts))
