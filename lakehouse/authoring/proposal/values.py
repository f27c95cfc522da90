"""What a column's values are: whole numbers, money, dates with their pattern, JSON lists, text."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lakehouse.sql import spark_dates

Kind = Literal["empty", "integer", "decimal", "date", "datetime", "time", "flag", "items", "text"]
ENOUGH = 0.98  # share of the values that a kind must explain
LOOKED_AT = 400
MISSING = ("", "null", "\\n", "na", "n/a", "nan", "none", "-")
FLAGS = (
    {"0", "1"},
    {"yes", "no"},
    {"true", "false"},
    {"y", "n"},
    {"t", "f"},
    {"ja", "nein"},
    {"oui", "non"},
    {"是", "否"},
)
INTEGER = re.compile(r"[-+]?\d+")
DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?|[-+]?\d+(\.\d+)?")
COMMA = re.compile(r"[-+]?\d{1,3}([. \u00a0]\d{3})+(,\d+)?|[-+]?\d+(,\d+)?")
CURRENCY = re.compile(r"[€$£¥₹]|\b(EUR|USD|GBP|CHF|CNY|RMB)\b|元")
TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
DAYS = (
    "yyyy-MM-dd",
    "yyyy-M-d",
    "yyyy/M/d",
    "yyyy.M.d",
    "d/M/yyyy",
    "M/d/yyyy",
    "d.M.yyyy",
    "d-M-yyyy",
    "M-d-yyyy",
    "d/M/yy",
    "M/d/yy",
    "d.M.yy",
    "d-M-yy",
    "d-MMM-yyyy",
    "d MMM yyyy",
    "MMM d, yyyy",
    "d-MMM-yy",
    "d MMMM yyyy",
    "yyyyMMdd",
    "yyyy年M月d日",
)
TIMES = (
    "",
    " H:mm",
    " H:mm:ss",
    " H:mm:ss.SSS",
    "'T'HH:mm:ss",
    "'T'HH:mm:ssXXX",
    " h:mm a",
    " h:mm:ss a",
    "HHmmss",
    ", H:mm",
    ", H:mm:ss",
)
SWAPPED = {"d": "M", "M": "d"}


@dataclass(frozen=True)
class Values:
    """What a column holds.

    Args:
        pattern: Spark's date pattern; '' for ISO 8601; 'seconds' or 'milliseconds' since 1970.
        style: how decimals are written: '' (12.50), 'comma' (1.234,50), 'thousands' (1,234.50), 'currency' ($ 12.50).
        missing: texts that stand for a missing value, other than the empty one.
        fields: of a JSON list, its objects' keys.
        is_doubtful: a date that could be read day first as well as month first.
    """

    kind: Kind
    filled: int
    distinct: int
    rows: int
    pattern: str = ""
    style: str = ""
    missing: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    is_doubtful: bool = False
    low: float = 0.0
    high: float = 0.0
    is_float_id: bool = False
    seen: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_number(self) -> bool:
        """Whether values can be added up."""
        return self.kind in ("integer", "decimal")

    @property
    def is_date(self) -> bool:
        """Whether values are days or instants."""
        return self.kind in ("date", "datetime")


def judged(values: Sequence[str | None]) -> Values:
    """Judge a column by its values."""
    texts = [value.strip() for value in values if value is not None]
    tokens = Counter(t for t in texts if t.lower() in MISSING)
    filled = [text for text in texts if text.lower() not in MISSING]
    common = list(dict.fromkeys(filled))
    seen = common[:: max(1, len(common) // LOOKED_AT)][:LOOKED_AT]
    base = {"filled": len(filled), "distinct": len(common), "rows": len(values), "seen": tuple(seen)}
    missing = tuple(token for token in tokens if token)
    for judge in (_empty, _flag, _items, _date, _number, _time):
        style = judge(seen, filled)
        if style:
            return Values(**{**base, "missing": missing, **style})  # type: ignore[arg-type]
    return Values("text", **base, missing=missing)  # type: ignore[arg-type]


Found = dict[str, object] | None


def _share(pattern: re.Pattern[str], seen: Sequence[str]) -> float:
    return sum(pattern.fullmatch(text) is not None for text in seen) / max(1, len(seen))


def _empty(seen: Sequence[str], _: Sequence[str]) -> Found:
    return None if seen else {"kind": "empty"}


def _flag(seen: Sequence[str], _: Sequence[str]) -> Found:
    words = {text.lower() for text in seen}
    return {"kind": "flag"} if len(words) == 2 and words in FLAGS else None


def _items(seen: Sequence[str], _: Sequence[str]) -> Found:
    if not all(text.startswith("[") for text in seen[:50]):
        return None
    keys: dict[str, None] = {}
    for text in seen[:50]:
        try:
            keys |= {key: None for item in json.loads(text) for key in item}
        except (ValueError, TypeError):
            return None
    return {"kind": "items", "fields": tuple(keys)}


def _number(seen: Sequence[str], filled: Sequence[str]) -> Found:
    bare = [CURRENCY.sub("", text).strip() for text in seen]
    has_currency = bare != list(seen)
    kind, style = "decimal", ""
    if _share(INTEGER, bare) >= ENOUGH:
        kind = "integer"
    elif _share(DECIMAL, bare) < ENOUGH:
        style = "comma" if _share(COMMA, bare) >= ENOUGH else "thousands" if _share(THOUSANDS, bare) >= ENOUGH else "no"
    if style == "no":
        return None
    numbers = [n for text in bare if (n := as_number(text, style)) is not None]
    is_float_id = kind == "decimal" and all(re.fullmatch(r"\d+\.0", text) for text in seen)
    if has_currency:
        style = "currency comma" if style == "comma" else "currency"
    return {"kind": kind, "style": style, "low": min(numbers), "high": max(numbers), "is_float_id": is_float_id}


def as_number(text: str | None, style: str) -> float | None:
    """A number as the column writes it."""
    bare = CURRENCY.sub("", text or "").strip()
    bare = re.sub(r"[. \u00a0]", "", bare).replace(",", ".") if "comma" in style else bare.replace(",", "")
    try:
        return float(bare)
    except ValueError:
        return None


def _time(seen: Sequence[str], _: Sequence[str]) -> Found:
    if _share(TIME, seen) < ENOUGH:
        return None
    return {"kind": "time", "pattern": "H:mm:ss" if seen[0].count(":") == 2 else "H:mm"}


def _date(seen: Sequence[str], filled: Sequence[str]) -> Found:
    if not all(re.search(r"\d", text) and len(text) >= 6 for text in seen):
        return None
    if _share(INTEGER, seen) == 1.0:
        return _digits(seen)
    iso = [spark_dates.timestamp(text) for text in seen]
    if _is_good(iso) and all(re.match(r"\d{4}-\d{1,2}-\d{1,2}", text) for text in seen[:20]):
        return {"kind": _kind(iso, any(":" in text for text in seen)), "pattern": ""}
    return _by_pattern(seen, filled)


def _digits(seen: Sequence[str]) -> Found:
    """Dates without separators, and counts since 1970; the name decides about the latter (see roles)."""
    if all(len(text) == 8 for text in seen) and _is_good(made := [spark_dates.timestamp(t, "yyyyMMdd") for t in seen]):
        return {"kind": "date", "pattern": "yyyyMMdd"} if _is_plausible(made) else None
    if all(len(text) == 14 for text in seen) and _is_good([spark_dates.timestamp(t, "yyyyMMddHHmmss") for t in seen]):
        return {"kind": "datetime", "pattern": "yyyyMMddHHmmss"}
    return None


def epoch(values: Values) -> str:
    """'seconds' or 'milliseconds' for a whole number column that may count from 1970, else ''."""
    if values.kind != "integer" or values.low < 0:
        return ""
    for unit, scale in (("seconds", 1), ("milliseconds", 1000)):
        if 3e8 * scale < values.low and values.high < 4e9 * scale:
            return unit
    return ""


def _by_pattern(seen: Sequence[str], filled: Sequence[str]) -> Found:
    good = []
    for day, time in itertools.product(DAYS, TIMES):
        pattern = day + time
        if spark_dates.timestamp(seen[0], pattern) is None and spark_dates.timestamp(seen[-1], pattern) is None:
            continue
        made = [spark_dates.timestamp(text, pattern) for text in seen]
        if _is_good(made) and _is_plausible(made):
            good.append((pattern, made))
    if not good:
        return None
    pattern, made = min(good, key=lambda found: _disorder(found[0], filled))
    mirrored = "".join(SWAPPED.get(c, c) for c in pattern.split(" ")[0])
    is_doubtful = any(other.split(" ")[0] == mirrored != pattern.split(" ")[0] for other, _ in good)
    return {"kind": _kind(made, ":" in pattern or "H" in pattern), "pattern": pattern, "is_doubtful": is_doubtful}


def _disorder(pattern: str, filled: Sequence[str]) -> tuple[int, float]:
    """Steps back in time and span of days, in the file's own order: files are mostly in some order of time."""
    made = [m for text in filled[:2000] if (m := spark_dates.timestamp(text, pattern))]
    back = sum(b < a for a, b in itertools.pairwise(made))
    return back, (max(made) - min(made)).days if made else 0


def _is_good(made: Sequence[datetime | None]) -> bool:
    return sum(m is not None for m in made) >= ENOUGH * len(made)


def _is_plausible(made: Sequence[datetime | None]) -> bool:
    return all(1900 <= m.year <= 2100 for m in made if m)


def _kind(made: Sequence[datetime | None], has_time: bool) -> str:
    return "datetime" if has_time and any(m.hour or m.minute or m.second for m in made if m) else "date"
