"""Our macros for mappings: short names for what each export needs, written out as plain Spark SQL.

Both engines run the same text, so it keeps to functions and regular expressions (without backslashes) that both have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlglot import exp

from lakehouse.sql import digits
from lakehouse.sql.literal import literal

WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
MARKS = ("", ".", ",", ".3", ",3")  # decimal marks; 3: three decimals are decimals, and never a thousand
SPACES = "[\u00a0\u202f\u2007\u2009\u3000\\t]"
SIGNS = "(\u2212|\u2013)"  # minus signs of typesetting
# what stands in place of hundredths that are none: 12,- and 1.200,-- kr; and what ends an amount in rupees: 1,234.50/-
NO_HUNDREDTHS = "([.,]-{1,2} ?(€|[Kk]r[.]?|Fr[.]?|EUR|CHF|SEK|NOK|DKK)?| ?/[-=])$"
SIDES = "[0-9 ]([Cc][Rr]|[Dd][Rr]|[HS])[.]?$"  # of a ledger, behind an amount: whose sign it is, no letter says alone
CURRENCY = "([^0-9()+.,'\u2019 -]{1,4}[.]?)?"


@dataclass(frozen=True)
class Macro:
    """A macro.

    Args:
        sql: writes it out; takes the first argument as SQL, the others as plain text.
        form: how it is written, for messages.
        choices: what the second argument may be; () where there is none.
    """

    sql: Callable[..., str]
    form: str
    choices: tuple[str, ...] = ()

    def fault(self, arguments: Sequence[exp.Expr]) -> str:
        """What is wrong with the arguments; '' when nothing is."""
        most = 2 if self.choices else 1
        if not 1 <= len(arguments) <= most:
            return "takes one value" if most == 1 else "takes one value, and one word"
        if len(arguments) == 2 and (not arguments[1].is_string or arguments[1].name not in self.choices):
            return f"the second part is one of {', '.join(map(repr, self.choices))}"
        return ""


def amount(value: str, mark: str, of: str) -> str:
    """A number as people and programs write it: 1,234.50; ($9.99); 9.99-; '-39.96; CHF 1'234.50. NULL where it is none.

    With a mark a thousands separator is one only between groups of three digits, and `12.345` is none of
    both: it is refused, since it is twelve or twelve thousand. Without a mark numbers are whole.
    """
    text = f"TRIM(REGEXP_REPLACE(REGEXP_REPLACE({value}, {literal(SPACES)}, ' '), {literal(SIGNS)}, '-'))"
    text = f"REGEXP_REPLACE({text}, {literal(NO_HUNDREDTHS)}, '')"
    bare = f"REGEXP_REPLACE(REGEXP_REPLACE({text}, {literal('[^0-9()+.,-][.]')}, ''), '[^0-9.,]', '')"
    point = mark[:1]
    digits = bare if not point else f"REPLACE({bare}, {literal({'.': ',', ',': '.'}[point])}, '')"
    if point == ",":
        digits = f"REPLACE({digits}, ',', '.')"
    elif not point:
        digits = f"REGEXP_REPLACE({bare}, '[.,]', '')"
    sign = f"CASE WHEN REGEXP_LIKE({text}, '[(-]') THEN -1 ELSE 1 END"
    form = literal(f"^{_form(mark)}$")
    is_number = f"REGEXP_LIKE({text}, {form}) AND NOT REGEXP_LIKE({text}, {literal(SIDES)})"
    return f"CASE WHEN {is_number} THEN TRY_CAST({digits} AS {of}) * {sign} END"


def _form(mark: str) -> str:
    """A regular expression of all that is read as a number with this decimal mark."""
    point = {"": "", ".": "[.]", ",": ","}[mark[:1]]
    others = {"": ".,'\u2019 ", ".": ",'\u2019 ", ",": ".'\u2019 "}[mark[:1]]
    grouped = "|".join(f"[1-9][0-9]{{0,2}}([{separator}][0-9]{{2,3}})*[{separator}][0-9]{{3}}" for separator in others)
    three = "|" if mark.endswith("3") else ""
    decimals = f"({point}([0-9]{{1,2}}|[0-9]{{4,}}{three and '|[0-9]{3}'}))?" if point else ""
    small = f"|0?{point}[0-9]+" if point else ""
    number = f"(({grouped}|[0-9]+){decimals}{small})"
    return f"'?[(]?[+-]? ?([A-Z]{{1,3}} )?{CURRENCY} ?[+-]? ?[(]?{number} ?{CURRENCY} ?[+-]?[)]?"


def cents(value: str, mark: str | None = None) -> str:
    """Minor units: hundredths, whatever the currency."""
    of = "DECIMAL(24, 6)"
    money = f"TRY_CAST(TRIM({value}) AS {of})" if mark is None else amount(value, mark, of)
    return f"CAST(ROUND(({money}) * 100) AS BIGINT)"


def cents_of_text(value: str) -> str:
    """Minor units of a column's own text: 1.234 may be a thousand or a fraction, so it is refused."""
    doubtful = f"TRIM({value}) RLIKE '^[-+]?[1-9][0-9]{{0,2}}([.][0-9]{{3}})+$'"
    return f"CASE WHEN {doubtful} THEN NULL ELSE {cents(value)} END"


def number(value: str, mark: str | None = None) -> str:
    """DECIMAL(18,3)."""
    of = "DECIMAL(18, 3)"
    return f"TRY_CAST(TRIM({value}) AS {of})" if mark is None else f"CAST({amount(value, mark, of)} AS {of})"


def plain_digits(value: str) -> str:
    """The text with 0 to 9 in place of the digits of other scripts, and with their signs: ١٬٢٣٤٫٥٠ is 1,234.50."""
    return f"TRANSLATE({value}, {literal(digits.OTHERS)}, {literal(digits.SAME)})"


def clean(value: str) -> str:
    """Trimmed, NULL where empty."""
    return f"NULLIF(TRIM({value}), '')"


def somebody(value: str) -> str:
    """A key as text; NULL for words that mean nobody, and for numbers that a spreadsheet rounded (1.23457E+11)."""
    text = f"TRIM(REGEXP_REPLACE({value}, {literal(SPACES)}, ' '))"
    nobody = ", ".join(literal(word) for word in WORDS["nobody"])
    rounded = f"REGEXP_LIKE({text}, '^[0-9][.,]?[0-9]*[eE][+][0-9]+$')"
    zero = f"REGEXP_LIKE({text}, '^[.,_#*/?-]*$')"
    return f"CASE WHEN LOWER({text}) IN ({nobody}) OR {rounded} OR {zero} THEN NULL ELSE {text} END"


def most_frequent(value: str) -> str:
    """The value that most rows of a group have; of several the lowest, on every run."""
    return f"MODE({value}, TRUE)"


def yes(value: str) -> str:
    """True for a yes, false for a no, in a dozen languages; NULL for other words and where empty."""
    text = f"LOWER(TRIM(REGEXP_REPLACE({value}, {literal(SPACES)}, ' ')))"
    granted, refused = (", ".join(literal(str(w)) for w in WORDS[name]) for name in ("yes", "no"))
    return f"CASE WHEN {text} IN ({granted}) THEN TRUE WHEN {text} IN ({refused}) THEN FALSE END"


def plain_date(value: str, language: str = "en") -> str:
    """Dates in words as numbers: `1. März 2024` is `1. 03 2024`; halves of the day are AM and PM; plain spaces.

    A day of the week in front is left out, and so is a zone's name in parentheses behind its offset.
    """
    text = f"LOWER(TRIM(REGEXP_REPLACE({value}, {literal(SPACES)}, ' ')))"
    for number_, words in enumerate(WORDS["months"][language], 1):
        text = f"REGEXP_REPLACE({text}, {literal(f'({_any(words.split())})[.]?')}, '{number_:02d}')"
    for sign in " ," if language == "en" else "":  # March 1st, 2024
        text = f"REGEXP_REPLACE({text}, '(st|nd|rd|th){sign}', '{sign}')"
    for half, words in WORDS["halves"].items():
        text = f"REGEXP_REPLACE({text}, {literal(f'({_any(words)})')}, '{half}')"
    for sign in "+-":  # browsers write GMT+0000 (Coordinated Universal Time)
        text = f"REPLACE({text}, 'gmt{sign}', '{sign}')"
    text = f"REGEXP_REPLACE({text}, ' *[(][^)]*[)]$', '')"
    return f"REGEXP_REPLACE({text}, '^[^0-9]+', '')"


def months(language: str) -> dict[str, int]:
    """Month word in small letters -> 1 to 12: full names and short ones, with a full stop or without."""
    found: dict[str, int] = {}
    for number_, words in enumerate(WORDS["months"][language], 1):
        for word in words.split():
            found |= {word: number_, f"{word}.": number_}
    return found


def _any(words: Sequence[str]) -> str:
    return "|".join(word.replace(".", "[.]") for word in sorted(words, key=len, reverse=True))


MACROS = {
    "cents": Macro(cents, "cents(column), or cents(column, ',') where a comma is the decimal mark", MARKS),
    "number": Macro(number, "number(column), or number(column, ',') where a comma is the decimal mark", MARKS),
    "plain_digits": Macro(plain_digits, "plain_digits(column)"),
    "clean": Macro(clean, "clean(column)"),
    "somebody": Macro(somebody, "somebody(column)"),
    "yes": Macro(yes, "yes(column)"),
    "most_frequent": Macro(most_frequent, "most_frequent(column)"),
    "plain_date": Macro(plain_date, "plain_date(column, 'de')", tuple(WORDS["months"])),
}
