"""What programs put around values, for spreadsheets (`value, ="value") or the order of letters, and other digits."""

import re
from collections.abc import Sequence
from dataclasses import replace

from lakehouse.authoring.proposal.roles import place_of
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.sql import digits

GRAVE, FORMULA, TABS = "^`", '^="|"$', "^[ \\t]+|[ \\t]+$"
TICKS = "^/Date[(]|([+-][0-9]{4})?[)]/$"  # milliseconds since 1970 as a Microsoft program writes them in JSON
DIRECTIONS = (
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # which way letters run, beside numbers in Arabic or Hebrew
)
LOOKED_AT = 400


def unwrapped(sample: Sample) -> Sample:
    """The sample with bare values, and by column the regular expression of what is taken off."""
    found = {
        name: pattern
        for name, texts in sample.columns.items()
        if (pattern := _around(texts) or _unit(name, texts) or _footnote(texts))
    }
    if not found or sample.words:
        return sample
    columns = {
        name: [text if text is None else re.sub(found[name], "", text) for text in texts] if name in found else texts
        for name, texts in sample.columns.items()
    }
    return replace(sample, columns=columns, around=found)


def with_plain_digits(sample: Sample) -> Sample:
    """The sample with 0 to 9 in columns of numbers and days that are in the digits of another script."""
    found = frozenset(name for name, texts in sample.columns.items() if _is_in_other_digits(texts))
    if not found or sample.words:
        return sample
    columns = {
        name: [text and text.translate(digits.PLAIN) for text in texts] if name in found else texts
        for name, texts in sample.columns.items()
    }
    return replace(sample, columns=columns, digits=found)


def _is_in_other_digits(texts: Sequence[str | None]) -> bool:
    """Whether most values with a digit are numbers, days or keys in another script's digits, and no words."""
    filled = [text for text in texts if text and any(c.isdecimal() for c in text)][:LOOKED_AT]
    others = [text for text in filled if digits.has_other(text)]
    counted = [text for text in others if 2 * sum(c.isdecimal() for c in text) >= sum(c.isalpha() for c in text)]
    return len(others) > 0 and 2 * len(counted) > len(filled)


def _unit(name: str, texts: Sequence[str | None]) -> str:
    """What stands around a number of pieces: `2 pcs`, `x2`; '' where the column counts none, or has bare numbers."""
    filled = [text.strip() for text in texts if text and text.strip()][:LOOKED_AT]
    with_unit = [text for text in filled if PIECES.fullmatch(text)]
    bare = [text for text in filled if NUMBER.fullmatch(text)]
    if not with_unit or len(with_unit) + len(bare) < len(filled) or place_of("quantity", name) is None:
        return ""
    return UNIT


MARKED = re.compile(r"[^\w\s]{0,3}[-+]?\d[\d.,' ]*[^\w\s*]{0,3} ?([*†‡]{1,3}|[¹²³]|[(][*0-9a-z][)])")
BARE = re.compile(r"[^\w\s]{0,3}[-+]?\d[\d.,' ]*[^\w\s*]{0,3}")
FOOTNOTE = r" ?([*†‡]+|[¹²³]|[(][*0-9a-z][)])$"


def _footnote(texts: Sequence[str | None]) -> str:
    """The mark of a footnote behind some numbers, `12.50*`; '' where there is none, or on most."""
    filled = [text.strip() for text in texts if text and text.strip()][:LOOKED_AT]
    marked = sum(MARKED.fullmatch(text) is not None for text in filled)
    bare = sum(BARE.fullmatch(text) is not None for text in filled)
    return FOOTNOTE if 0 < 2 * marked < len(filled) and marked + bare >= ENOUGH * len(filled) else ""


ENOUGH = 0.95
NUMBER = re.compile(r"[-+]?\d[\d.,]*")
PIECES = re.compile(r"(x ?)?[-+]?\d[\d.,]* ?[^\W\d_]{1,8}\.?|[x×] ?\d+|\d+ ?×")
UNIT = r"^[x× ]+|[^0-9]+$"


def _around(texts: Sequence[str | None]) -> str:
    filled = [text for text in texts if text][:LOOKED_AT]
    graves = sum(text.startswith("`") for text in filled)
    parts = [GRAVE] if graves > 0.9 * len(filled) > 0 else []
    parts += [TICKS] if filled and all(re.fullmatch(r"/Date\(-?\d+([+-]\d{4})?\)/", text) for text in filled) else []
    parts += [FORMULA] if any(re.fullmatch('="[^"]*"', text) for text in filled) else []
    parts += [TABS] if any(text != text.strip("\t") for text in filled) else []
    parts += [DIRECTIONS] if any(re.search(DIRECTIONS, text) for text in filled) else []
    return "|".join(parts)
