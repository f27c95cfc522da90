"""What a column's values are: whole numbers, money, dates with their pattern, JSON, yes and no, text."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lakehouse.authoring.proposal.amounts import Amounts, amounts_of
from lakehouse.authoring.proposal.dates import Dates, dates_of
from lakehouse.sql.macros import WORDS

Kind = Literal["empty", "integer", "decimal", "date", "datetime", "time", "flag", "items", "object", "text"]
ENOUGH = 0.98  # share of the values that a kind must explain
LOOKED_AT = 400
FREE_WORDS = """
free gratis kostenlos gratuit offert gratuito bezpłatnie zdarma ingyenes ilmainen бесплатно complimentary comp n/c
免费 免費 無料 무료 ücretsiz
"""
FREE = frozenset(FREE_WORDS.split())
MISSING = (
    *("", "null", "\\n", "na", "n/a", "#n/a", "nan", "none", "-", "(not set)", "(null)", "nil", "--", "/"),
    *("0000-00-00", "0000-00-00 00:00:00", "0000-00-00t00:00:00", "00.00.0000", "00/00/0000"),  # a database's no day
)
YES, NO = ({str(word) for word in WORDS[name]} for name in ("yes", "no"))
MARKS = ("x", "✓", "✔", "☑", "√", "1", "yes", "y", "true", "ja", "是", "on")
FIRST_DAY = re.compile(r"(1899-12-3[01]|1900-01-0[01]|1970-01-01)[ T]\d{2}:\d{2}:\d{2}$")
TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp](\.?[Mm]\.?)?)?")
CENTURY = "century_days"  # 1240301: the century after 1900, year, month and day
OF_CENTURY = re.compile(r"[01]\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
HOURS = 24
ZERO = re.compile(r"[^\d]{0,4}0+([.,]0*)?[^\d]{0,4}")
ROUNDED = re.compile(r"\d[.,]?\d*[eE]\+\d+")


@dataclass(frozen=True)
class Values:
    """What a column holds.

    Args:
        missing: texts that stand for a missing value, other than the empty one.
        fields: of a JSON list, its objects' keys; of an object, its keys.
        counts: text -> how often, where there are few different ones; {} otherwise.
        free: words that stand for an amount of 0, in small letters.
        past_midnight: hours of a business day that go on behind 23.
        first_day: times of day that stand behind the first day of a database's calendar.
        zeros: values that are 0, with or without decimals and a currency.
        rounded: values that a spreadsheet rounded, 1.23457E+11.
        seen: some of the different values, in the file's order.
    """

    kind: Kind
    filled: int
    distinct: int
    rows: int
    amounts: Amounts | None = None
    dates: Dates | None = None
    pattern: str = ""
    missing: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    rounded: int = 0
    zeros: int = 0
    is_float_id: bool = False
    has_apostrophe: bool = False
    free: tuple[str, ...] = ()
    first_day: bool = False
    past_midnight: bool = False
    seen: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_number(self) -> bool:
        """Whether values can be added up."""
        return self.kind in ("integer", "decimal")

    @property
    def is_date(self) -> bool:
        """Whether values are days or instants."""
        return self.kind in ("date", "datetime")

    @property
    def is_doubtful(self) -> bool:
        """A date that could be read day first as well as month first."""
        return bool(self.dates and self.dates.is_doubtful)

    @property
    def low(self) -> float:
        """The smallest number."""
        return self.amounts.low if self.amounts else 0.0

    @property
    def high(self) -> float:
        """The largest number."""
        return self.amounts.high if self.amounts else 0.0


def judged(values: Sequence[str | None], comma_file: bool = False) -> Values:
    """Judge a column by its values.

    Args:
        comma_file: whether the file is of a country that writes decimal commas, as far as its delimiter tells.
    """
    texts = [value.strip() for value in values if value is not None]
    tokens = Counter(text for text in texts if text.lower() in MISSING)
    filled = [text for text in texts if text.lower() not in MISSING]
    counts = Counter(filled)
    common = list(counts)
    seen = common[:: max(1, len(common) // LOOKED_AT)][:LOOKED_AT]
    base: dict[str, Any] = {
        "filled": len(filled),
        "distinct": len(common),
        "rows": len(values),
        "seen": tuple(seen),
        "missing": tuple(token for token in tokens if token),
        "counts": dict(counts) if len(counts) <= 60 else {},
        "zeros": sum(count for text, count in counts.items() if "0" in text and ZERO.fullmatch(text)),
        "rounded": sum(ROUNDED.fullmatch(text) is not None for text in filled),
        "has_apostrophe": any(text.startswith("'") for text in seen),
    }
    for judge in (_empty, _flag, _json, _old_time, _date, _number, _time):
        if found := judge(seen, filled, comma_file):
            return Values(**{**base, **found})
    return Values("text", **base)


Found = dict[str, Any] | None


def _empty(seen: Sequence[str], _: Sequence[str], __: bool) -> Found:
    return None if seen else {"kind": "empty"}


def _flag(seen: Sequence[str], filled: Sequence[str], _: bool) -> Found:
    words = {text.lower() for text in seen}
    both = len(words) in (2, 3) and words <= YES | NO and words & YES and words & NO
    lone = len(words) == 1 and words <= set(MARKS) and not words & {"1"}
    return {"kind": "flag"} if both or lone else None


def _json(seen: Sequence[str], _: Sequence[str], __: bool) -> Found:
    texts = seen[:50]
    if not all(text[:1] in "[{" for text in texts):
        return None
    try:
        parsed = [json.loads(text) for text in texts]
    except ValueError:
        return None
    if all(isinstance(value, dict) for value in parsed):
        return {"kind": "object", "fields": tuple(dict.fromkeys(key for value in parsed for key in value))}
    if not all(isinstance(value, list) for value in parsed):
        return None
    items = [item for value in parsed for item in value]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    return {"kind": "items", "fields": tuple(dict.fromkeys(key for item in items for key in item))}


def _number(seen: Sequence[str], _: Sequence[str], comma_file: bool) -> Found:
    free = tuple(sorted({text.lower() for text in seen if text.lower() in FREE}))
    numbers = [text for text in seen if text.lower() not in FREE]
    amounts = amounts_of(numbers, comma_file, ENOUGH) if numbers else None
    if amounts is None:
        return None
    is_float_id = all(re.fullmatch(r"\d+\.0", text) for text in numbers)
    return {
        "kind": "integer" if amounts.is_whole else "decimal",
        "amounts": amounts,
        "is_float_id": is_float_id,
        "free": free,
    }


def _time(seen: Sequence[str], _: Sequence[str], __: bool) -> Found:
    plain = [re.sub("[\u00a0\u202f]", " ", text) for text in seen]
    if sum(TIME.fullmatch(text) is not None for text in plain) < ENOUGH * len(plain):
        return None
    clock = "h" if re.search(r"[AaPp]", plain[0]) else "H"
    is_late = clock == "H" and any(int(text.partition(":")[0]) >= HOURS for text in plain if TIME.fullmatch(text))
    half = "" if clock == "H" else " a" if " " in plain[0] else "a"
    pattern = f"{clock}:mm{':ss' if plain[0].count(':') == 2 else ''}{half}"
    return {"kind": "time", "pattern": pattern, "past_midnight": is_late}


def _old_time(seen: Sequence[str], _: Sequence[str], __: bool) -> Found:
    """A time of day as databases write it: behind the first day that they count from."""
    if not all(FIRST_DAY.match(text) for text in seen) or len(seen) < 2:
        return None
    return {"kind": "time", "pattern": "H:mm:ss", "first_day": True}


def _date(seen: Sequence[str], filled: Sequence[str], _: bool) -> Found:
    dates = dates_of(seen, filled[:2000])
    return {"kind": "datetime" if dates.has_time else "date", "dates": dates} if dates else None


def is_clock_number(values: Values) -> bool:
    """Whether whole numbers may be times of day without their colon: 930 is half past nine, 93005 has seconds."""
    if values.kind != "integer" or not values.seen or values.low < 0:
        return False
    width = 6 if values.high > 2359 else 4
    padded = [text.rjust(width, "0") for text in values.seen]
    return values.high <= 235959 and all(re.fullmatch(r"([01]\d|2[0-3])[0-5]\d([0-5]\d)?", text) for text in padded)


def epoch(values: Values) -> str:
    """seconds, milliseconds ... since 1970, or spreadsheet_days, that a number column may count; else ''."""
    if not values.is_number or values.low <= 0 or (values.amounts and values.amounts.signs):
        return ""
    for unit, scale in (("seconds", 1.0), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)):
        if 3e8 * scale < values.low and values.high < 4e9 * scale:
            return unit
    if values.kind == "integer" and all(OF_CENTURY.fullmatch(text) for text in values.seen):
        return CENTURY
    return "spreadsheet_days" if values.low > 20_000 and values.high < 80_000 else ""
