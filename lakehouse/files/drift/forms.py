"""The form of a value: a whole number, a date with the day in front, a word; and which forms stand for one another.

A form never holds a value. Dates of which day and month cannot be told are `either`, which fits both.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

NUMBERS = frozenset({"integer", "zero_led", "decimal_point", "decimal_comma", "grouped_comma", "grouped_point"})
TEXTS = frozenset({"word", "text", "code"})
OPEN = frozenset({"text", "code"})  # what people type: anything may stand there
PARTS = (
    ("instant", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"),
    ("date", r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}\.?(?:[T ,]+\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)?"),
    ("clock", r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?"),
    ("zero_led", r"0\d+"),
    ("integer", r"[-+]?\d+"),
    ("grouped_comma", r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    ("decimal_point", r"[-+]?\d*\.\d+"),
    ("grouped_point", r"[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}"),
    ("decimal_comma", r"[-+]?\d*,\d+"),
    ("scientific", r"[-+]?\d[\d.,]*[eE][-+]?\d+"),
    ("not_finite", r"[-+]?(?i:nan|inf|infinity)"),
    ("email", r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    ("address", r"[a-z]+://\S+"),
    (
        "money",
        r"[-+(]?\s?[^\d\s\w.,+(-]{1,3}\s?[-+]?\d[\d.,' ]*\)?|[-+(]?\d[\d.,' ]*\s?(?:[^\d\s\w.,-]{1,3}|[A-Z]{3})\)?",
    ),
    ("json", r"[\[{].*[\]}]"),
    ("quoted", r"(?P<q>['\"]).*(?P=q)"),
    ("hex", r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}|(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{16,}"),
    ("word", r"[^\W\d_]+"),
    ("code", r"[\w.#/+-]*\d[\w.#/+-]*"),
)
NOT_FINITE = ("nan", "inf", "infinity")
WITHOUT = ("not_finite", "email", "address", "json", "quoted")  # forms that need no digit


def _any(names: Iterable[str]) -> re.Pattern[str]:
    patterns = dict(PARTS)
    return re.compile("|".join(f"(?P<{name}>(?:{patterns[name]})\\Z)" for name in names), re.DOTALL)


FORM, WITHOUT_DIGITS, DIGIT = _any(dict(PARTS)), _any(WITHOUT), re.compile("[0-9]")
DATE = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})[-/. ](\d{1,4})(.*)", re.DOTALL)
FULL_WIDTH = re.compile("[\uff10-\uff19]")
MOST_CHARACTERS = 200  # what is longer is text


def form(value: str) -> str:
    """The form of one value; "" where it is empty."""
    text = value.strip()
    if not text:
        return ""
    if len(text) > MOST_CHARACTERS:
        return "json" if text[0] in "[{" else "text"
    if not text.isascii() and FULL_WIDTH.search(text):
        return "full_width"
    if text.isalpha() and text.lower() not in NOT_FINITE:
        return "word"
    if text.isdecimal() and text.isascii():
        return "zero_led" if text[0] == "0" and len(text) > 1 else "integer"
    fits = (FORM if DIGIT.search(text) else WITHOUT_DIGITS).match(text)
    name = (fits.lastgroup if fits else None) or "text"
    if name == "q":
        return "quoted"
    if name == "instant":
        return "instant_with_offset" if re.search(r"(Z|UTC|[+-]\d\d:?\d\d)\Z", text[16:]) else "instant"
    return _date(text) if name == "date" else name


def _date(text: str) -> str:
    found = DATE.match(text)
    assert found  # the form says so
    first, sign, second, _, rest = found.groups()
    time = "_time" if ":" in rest else ""
    if len(first) == 4:
        return f"date_ymd{sign}{time}" if int(second) <= 12 else f"date_ydm{sign}{time}"
    if len(first) > 2 or int(first) > 31 or int(second) > 31:
        return "code"
    order = "dmy" if int(first) > 12 >= int(second) else "mdy" if int(second) > 12 >= int(first) else "either"
    return f"date_{order}{sign}{time}" if order != "either" or int(first) <= 12 else "code"


def forms(values: Mapping[str | None, int]) -> Counter[str]:
    """How many of the values have which form; "" counts those that are empty.

    Args:
        values: value -> how often it is there; None: nothing.
    """
    counted: Counter[str] = Counter()
    for value, count in values.items():
        counted[form(value) if value is not None else ""] += count
    return counted


def family(name: str) -> str:
    """What kind of thing a form is: number, date, text, or itself."""
    if name in NUMBERS:
        return "number"
    if name.startswith(("date", "instant")):
        return "date"
    return "text" if name in TEXTS else name


def fits(name: str, known: Iterable[str]) -> bool:
    """Whether a value of this form is read like those of the known forms."""
    before = set(known)
    if name in before:
        return True
    if name == "integer":  # 12 beside 12.50, 12,50, 1,200 and 007
        return bool(before & NUMBERS)
    if name == "zero_led":
        return bool(before & {"integer", "code"})
    if name == "decimal_point":
        return before <= {"integer", "zero_led"} and bool(before)
    if name.startswith("date_either"):
        rest = name.removeprefix("date_either")
        return bool(before & {f"date_dmy{rest}", f"date_mdy{rest}"})
    if name.startswith(("date_dmy", "date_mdy")):
        rest = name[8:]
        other = "mdy" if name.startswith("date_dmy") else "dmy"
        return f"date_either{rest}" in before and f"date_{other}{rest}" not in before
    if name in TEXTS:
        return bool(before & TEXTS)
    return bool(before & OPEN) and name in ("hex", "json", "money", "quoted", "clock", "email", "address")
