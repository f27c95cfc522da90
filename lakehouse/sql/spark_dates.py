"""Dates and times as Spark reads and writes them (its pattern letters, its own casts), for one value.

Strict as Spark is: `dd` wants two digits, `d` takes one or two; what does not fit is None, as `try_to_timestamp` gives.
Source: Spark SQL reference, "Datetime Patterns for Formatting and Parsing".
"""

import functools
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONE = r"Z|[+-]\d{2}(?::?\d{2})?|UTC|GMT|[A-Z][A-Za-z]+/[A-Za-z_/]+"
_DEFAULT = re.compile(
    r"(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T]"
    r"(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*(" + ZONE + ")?)?)?)?)?"
)
_LETTERS = {  # pattern letter -> (part, regular expression of one letter, of several)
    "y": ("year", r"\d{1,6}", r"\d{4}"),
    "u": ("year", r"\d{1,6}", r"\d{4}"),
    "M": ("month", r"\d{1,2}", r"\d{2}"),
    "L": ("month", r"\d{1,2}", r"\d{2}"),
    "d": ("day", r"\d{1,2}", r"\d{2}"),
    "H": ("hour", r"\d{1,2}", r"\d{2}"),
    "h": ("hour12", r"\d{1,2}", r"\d{2}"),
    "m": ("minute", r"\d{1,2}", r"\d{2}"),
    "s": ("second", r"\d{1,2}", r"\d{2}"),
    "a": ("half", r"(?i:AM|PM)", r"(?i:AM|PM)"),
    "X": ("zone", ZONE, ZONE),
    "x": ("zone", ZONE, ZONE),
    "Z": ("zone", ZONE, ZONE),
    "z": ("zone", ZONE, ZONE),
    "V": ("zone", ZONE, ZONE),
    "E": ("weekday", "|".join(day[:3] for day in DAYS), "|".join(DAYS)),
}


def timestamp(text: str | None, pattern: str = "") -> datetime | None:
    """A UTC instant without zone, or None where the text does not fit."""
    if text is None:
        return None
    if not pattern:
        return _default(text.strip())
    match = compiled(pattern).fullmatch(text)
    return _made({k: v for k, v in match.groupdict().items() if v is not None}) if match else None


def day(text: str | None, pattern: str = "") -> date | None:
    """The date alone."""
    instant = timestamp(text, pattern)
    return instant.date() if instant else None


def formatted(moment: datetime, pattern: str) -> str:
    """An instant as `date_format` writes it.

    Raises:
        ValueError: a pattern letter that is not known here.
    """
    return "".join(_written(moment, letters) for letters in _tokens(pattern))


def to_utc(moment: datetime, zone: str) -> datetime:
    """Local time in a zone to UTC."""
    return moment.replace(tzinfo=_zone(zone)).astimezone(UTC).replace(tzinfo=None)


def from_utc(moment: datetime, zone: str) -> datetime:
    """UTC to local time in a zone."""
    return moment.replace(tzinfo=UTC).astimezone(_zone(zone)).replace(tzinfo=None)


def _default(text: str) -> datetime | None:
    match = _DEFAULT.fullmatch(text)
    if not match:
        return None
    names = ("year", "month", "day", "hour", "minute", "second", "fraction", "zone")
    return _made({k: v for k, v in zip(names, match.groups(), strict=True) if v})


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression for a pattern; like Spark it takes letters in any case."""
    return re.compile("".join(_expression(letters) for letters in _tokens(pattern)), re.IGNORECASE)


def _tokens(pattern: str) -> list[str]:
    return [m.group() for m in re.finditer(r"'(?:[^']|'')*'|([A-Za-z])\1*|.", pattern)]


def _expression(letters: str) -> str:
    first, count = letters[0], len(letters)
    if first in "[]":
        return "(?:" if first == "[" else ")?"
    if first == "'":
        return re.escape(letters[1:-1].replace("''", "'") or "'")
    if first == "S":
        return rf"(?P<fraction>\d{{{count}}})"
    if first in "yu" and count == 2:
        return r"(?P<short_year>\d{2})"
    if first in "ML" and count >= 3:
        return f"(?P<month_name>{'|'.join(m[:3] if count == 3 else m for m in MONTHS)})"
    if not (first.isascii() and first.isalpha()):
        return re.escape(letters)
    if first not in _LETTERS:
        raise ValueError(f"the pattern letter {first} is not known here")
    part, one, several = _LETTERS[first]
    return f"(?P<{part}>{one if count == 1 or (first == 'E' and count < 4) else several})"


def _made(parts: dict[str, str]) -> datetime | None:
    try:
        year = 2000 + int(parts["short_year"]) if "short_year" in parts else int(parts.get("year", 1970))
        month = [m[:3] for m in MONTHS].index(parts["month_name"][:3].title()) + 1 if "month_name" in parts else 0
        hour = int(parts.get("hour", 0))
        if "hour12" in parts:
            hour = int(parts["hour12"]) % 12 + 12 * (parts.get("half", "AM").upper() == "PM")
        moment = datetime.combine(
            date(year, month or int(parts.get("month", 1)), int(parts.get("day", 1))),
            time(hour, int(parts.get("minute", 0)), int(parts.get("second", 0))),
        ) + timedelta(microseconds=int(parts.get("fraction", "0").ljust(6, "0")[:6]))
        return moment.replace(tzinfo=_zone(parts.get("zone", "Z"))).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, KeyError):
        return None


def _zone(text: str) -> tzinfo:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if text[0] not in "+-":
        return ZoneInfo(text)
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:]) if len(text) > 3 else 0))


def _written(moment: datetime, letters: str) -> str:
    first, count = letters[0], len(letters)
    if first == "'":
        return letters[1:-1].replace("''", "'") or "'"
    if not (first.isascii() and first.isalpha()):
        return letters
    numbers = {
        "y": moment.year,
        "u": moment.year,
        "M": moment.month,
        "L": moment.month,
        "d": moment.day,
        "H": moment.hour,
        "h": moment.hour % 12 or 12,
        "m": moment.minute,
        "s": moment.second,
        "D": moment.timetuple().tm_yday,
        "Q": (moment.month + 2) // 3,
        "q": (moment.month + 2) // 3,
    }
    if first in "ML" and count >= 3:
        return MONTHS[moment.month - 1][: 3 if count == 3 else None]
    if first == "E":
        return DAYS[moment.weekday()][: 3 if count < 4 else None]
    if first == "a":
        return "AM" if moment.hour < 12 else "PM"
    if first == "S":
        return f"{moment.microsecond:06d}".ljust(9, "0")[:count]
    if first not in numbers:
        raise ValueError(f"the pattern letter {first} is not known here")
    return str(numbers[first] % 100 if first in "yu" and count == 2 else numbers[first]).rjust(count, "0")
