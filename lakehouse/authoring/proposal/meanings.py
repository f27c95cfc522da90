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
    told = any(word in _words(kind) or word.endswith(TAILS.get(kind, ())) for word in words if len(word) > SHORTEST)
    return told or any(is_word(part, kind) for part in (text, *parts_of(text)))


def parts_of(text: str) -> list[str]:
    """What commas, brackets and lone dashes part in a value: `已发货，退款成功` says two things."""
    return [part.strip() for part in PARTED.split(text) if part.strip()]


def plain_word(text: str) -> str:
    """Small letters, words apart by single spaces."""
    return " ".join(text.strip().lower().replace(DOT_ABOVE, "").replace("_", " ").replace("-", " ").split())


def _words(kind: str) -> frozenset[str]:
    if kind not in _CACHE:
        words = [plain_word(str(word)) for word in MEANINGS[kind]]
        _CACHE[kind] = frozenset([*words, *(other for word in words for other in _other_genders(word))])
    return _CACHE[kind]


def _other_genders(word: str) -> list[str]:
    """The forms that a participle takes with a word of another gender or number: devolvido is devolvida, too."""
    return [f"{word[: -len(tail)]}{other}" for tail, others in GENDERS for other in others if word.endswith(tail)][
        :MOST
    ]


GENDERS = (  # endings, the longest first -> those that stand for them
    *(
        (tail + "o", (tail + "a", tail + "os", tail + "as"))
        for tail in ("ad", "id", "lt", "st", "ut", "rt", "at", "it")
    ),
    *(
        (stem + end, tuple(stem + e for e in "eyao" if e != end))
        for stem in ("wan", "wion", "zon", "an")
        for end in "eo"
    ),
    *((stem + "o", (stem + "a", stem + "ý", stem + "é")) for stem in ("ován", "án", "en", "ěn")),
    *((stem, (stem + "о", stem + "а", stem + "ы")) for stem in ("ен", "ён", "ан", "нут")),
    ("é", ("ée", "és", "ées")),
)
MOST = 6  # forms of a word


PARTED = re.compile("[,;|()\uff0c\uff1b\uff08\uff09]|[ ][-\u2013\u2014:/][ ]")
DOT_ABOVE = "\u0307"  # what is left over of a Turkish capital
SHORTEST = 3  # letters; shorter words mean too much
# ends of German words of several: Sofortstorno, Warengutschrift
TAILS = {"refund": ("storno", "gutschrift", "retoure", "rückgabe", "erstattung"), "void": ("storno",)}
_CACHE: dict[str, frozenset[str]] = {}
