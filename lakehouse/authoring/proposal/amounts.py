"""How a column writes numbers: decimal mark, thousands, signs, currency."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lakehouse.authoring.proposal.meanings import MEANINGS
from lakehouse.sql import macros

SPACES = re.compile("[\u00a0\u202f\u2007\u2009\u3000\t]")
FORM = re.compile(
    r"^'?[(]?[+-]? ?(?P<before>(?:[A-Z]{1,3} )?[^0-9()+.,'\u2019 -]{1,4}[.]?)? ?[+-]? ?[(]?"
    r"(?P<digits>[.,]?\d[\d.,'\u2019 ]*)(?P<exponent>[eE][-+]?\d+)? ?"
    r"(?P<after>[^0-9()+.,'\u2019 -]{1,4}[.]?)? ?[+-]?[)]?$"
)
CODE = re.compile(r"[A-Za-z]{1,2}\d{3,}")  # R1001 numbers a reservation; rand have a space, a mark or another length
FEWEST_CODES = 10
NO_HUNDREDTHS = re.compile(macros.NO_HUNDREDTHS)
GROUPED = r"[1-9]\d{0,2}(?:[%s]\d{2,3})*[%s]\d{3}"
CODES = {str(code): str(code) for code in MEANINGS["currency_codes"]}
CURRENCIES: dict[str, str] = {**CODES, **MEANINGS["currency_signs"]}


@dataclass(frozen=True)
class Amounts:
    """How numbers are written.

    Args:
        mark: decimal mark as `cents()` takes it: '' where all are whole; None: plain numbers of a program.
        signs: currency sign or code -> values with it.
        is_doubtful: groups of three digits that could be decimals.
        is_odd: signs by parentheses, trailing minus or apostrophe, thousands separators, currencies: not plain numbers.
    """

    mark: str
    is_whole: bool
    low: float
    high: float
    signs: dict[str, int]
    is_doubtful: bool = False
    is_odd: bool = False
    has_negative: bool = False


def amounts_of(texts: Sequence[str], comma_file: bool = False, enough: float = 0.98) -> Amounts | None:
    """Judge number texts; None where too many of them are no numbers."""
    plain = [_plain(text) for text in texts]
    forms = [form for text in plain if (form := FORM.match(text)) and known_currency(form)]
    if not forms or len(forms) < enough * len(plain):
        return None
    if len(plain) >= FEWEST_CODES and all(CODE.fullmatch(text) for text in plain) and len(set(map(len, plain))) == 1:
        return None
    digits = [form["digits"].strip() for form in forms]
    mark, is_doubtful = mark_of(digits, comma_file)
    numbers = [n for text in plain if (n := as_number(text, mark)) is not None]
    if len(numbers) < enough * len(plain):
        return None
    signs = Counter(sign for form in forms for sign in (form["before"], form["after"]) if sign)
    is_odd = bool(signs) or any(re.search(r"[(),'\u2019 ]|\d-$", text) for text in plain)
    is_odd = is_odd or any(short != text.strip() for short, text in zip(plain, texts, strict=True))
    is_whole = mark == "" or (all(n == int(n) for n in numbers) and not any(mark in d for d in digits))
    return Amounts(
        mark, is_whole, min(numbers), max(numbers), dict(signs), is_doubtful, is_odd, any(n < 0 for n in numbers)
    )


def _plain(text: str) -> str:
    """The text with plain spaces and minus signs, and without what stands for hundredths that are none."""
    bare = SPACES.sub(" ", text).replace("\u2212", "-").replace("\u2013", "-").strip()
    return NO_HUNDREDTHS.sub("", bare)


def known_currency(form: re.Match[str]) -> bool:
    """Whether letters beside a number are a currency's: `12 EUR` is an amount, `12 kg` and `Item 1` are none."""
    return all(currency_code(sign) for sign in (form["before"], form["after"]) if sign)


def currency_code(sign: str) -> str:
    """ISO 4217 code of a sign or word, '' where it is none."""
    word = re.sub(r"(?<=[A-Z]) (?=\W)", "", sign.strip().rstrip("."))  # US $
    return CURRENCIES.get(word.upper(), "") or CURRENCIES.get(word, "") or CURRENCIES.get(word.lower(), "")


def mark_of(digits: Sequence[str], comma_file: bool) -> tuple[str, bool]:
    """The decimal mark, and whether the other reading fits, too.

    Three digits behind a single mark are a thousand, where nothing else in the column speaks for decimals.
    """
    point, comma = (_votes(digits, *pair) for pair in ((".", ","), (",", ".")))
    if point or comma:
        mark = "." if point >= comma else ","
        return mark + ("3" if _has_three_decimals(digits, mark) else ""), False
    if any("." in text for text in digits):
        return ",", not comma_file and not _is_certain(digits, ".")
    if any("," in text for text in digits):
        return ".", comma_file and not _is_certain(digits, ",")
    return "", False


def _votes(digits: Sequence[str], mark: str, other: str) -> int:
    """Values that only this decimal mark explains."""
    sure = re.compile(
        rf"(?:[\d{other}'\u2019 ]*\d)?[{mark}](\d{{1,2}}|\d{{4,}})|0?[{mark}]\d+|\d{{4,}}[{mark}]\d+"
        rf"|{GROUPED % (other, other)}[{mark}]\d+"
    )
    return sum(sure.fullmatch(text) is not None for text in digits)


def _has_three_decimals(digits: Sequence[str], mark: str) -> bool:
    three = re.compile(rf"\d+[{mark}]\d{{3}}")
    return sum(three.fullmatch(text) is not None for text in digits) > 0


def _is_certain(digits: Sequence[str], separator: str) -> bool:
    """Several groups of thousands can be nothing else."""
    return any(text.count(separator) > 1 for text in digits)


def as_number(text: str | None, mark: str) -> float | None:
    """A number as the column writes it; None where it is none."""
    form = FORM.match(_plain(text or ""))
    if not form:
        return None
    digits, point = form["digits"].strip(), mark[:1]
    others = ".,'\u2019 ".replace(point, "") if point else ".,'\u2019 "
    bare = re.sub(f"[{re.escape(others)}]", "", digits)
    try:
        number = float((bare.replace(",", ".") if point == "," else bare) + (form["exponent"] or ""))
    except ValueError:
        return None
    return (
        -number
        if re.search(r"[(-]", form.string[: form.start("digits")] + form.string[form.end("digits") :].replace("e-", ""))
        else number
    )
