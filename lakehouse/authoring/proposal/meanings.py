"""Words by what they mean: statuses, refunds, currencies, zones; conf for the eye of `new-export`."""

import re
from pathlib import Path
from typing import Any

import yaml

MEANINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("meanings.yaml").read_text(encoding="utf-8"))


def is_word(text: str, kind: str) -> bool:
    """Whether a value is one of the words of a kind, whatever its case, spaces, _ and -."""
    return plain_word(text) in _words(kind)


def holds_word(text: str, kind: str) -> bool:
    """Whether one of a value's words is of a kind: `PayPal Express-Zahlung` is a payment."""
    words = [word for part in parts_of(text) for word in plain_word(part).split()]
    told = any(word in _words(kind) for word in words if len(word) > SHORTEST)
    return told or any(is_word(part, kind) for part in (text, *parts_of(text)))


def parts_of(text: str) -> list[str]:
    """What commas, brackets and lone dashes part in a value: `已发货，退款成功` says two things."""
    return [part.strip() for part in PARTED.split(text) if part.strip()]


def plain_word(text: str) -> str:
    """Small letters, words apart by single spaces."""
    return " ".join(text.strip().lower().replace(DOT_ABOVE, "").replace("_", " ").replace("-", " ").split())


def _words(kind: str) -> frozenset[str]:
    if kind not in _CACHE:
        _CACHE[kind] = frozenset(plain_word(str(word)) for word in MEANINGS[kind])
    return _CACHE[kind]


PARTED = re.compile("[,;|()\uff0c\uff1b\uff08\uff09]|[ ][-\u2013\u2014:/][ ]")
DOT_ABOVE = "\u0307"  # what is left over of a Turkish capital
SHORTEST = 3  # letters; shorter words mean too much
_CACHE: dict[str, frozenset[str]] = {}
