"""Abbreviations of zones behind a time, with the offsets that they stand for."""

import re
from collections.abc import Sequence

from lakehouse.authoring.proposal.meanings import MEANINGS

BEHIND = re.compile(r"\d(?: ?[AaPp][Mm])? ([A-Z]{3,5})$")
SUMMER = (("CET", "CEST"), ("MEZ", "MESZ"), ("EET", "EEST"), ("GMT", "BST"))


def zones_behind(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Abbreviations that end the values (EST, CET) and their summer's, with the offsets that they stand for."""
    names = {match.group(1) for text in texts if (match := BEHIND.search(text))}
    names |= {f"{name[:-2]}{other}T" for name in names for other in "SD" if name[-2:] in ("ST", "DT")}
    names |= {other for name, other in SUMMER if name in names}
    known = {name: str(MEANINGS["zones"].get(name.lower(), "")) for name in sorted(names - {"UTC", "GMT"})}
    return tuple((name, offset) for name, offset in known.items() if offset[:1] in ("+", "-"))


def with_offset(text: str, offsets: Sequence[tuple[str, str]]) -> str:
    """A value with its zone's offset in place of the abbreviation."""
    match = BEHIND.search(text)
    offset = dict(offsets).get(match.group(1)) if match else None
    return f"{text[: match.start(1)]}{offset}" if match and offset else text
