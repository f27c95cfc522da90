"""Columns made of several: a day whose year, month and day stand apart, an amount with its exponent beside it."""

import re
from dataclasses import replace

from lakehouse.authoring.proposal.column_forms import forms, plain
from lakehouse.authoring.proposal.expressions_of import Reader, quoted
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values, judged

PARTS = {
    "year": r"(\w+_)?(year|yr|jahr|annee|an|ano|anno|jaar|ar|aar|rok|yil|год|年|년)",
    "month": r"(\w+_)?(month|mth|monat|mois|mes|mese|maand|manad|maaned|mesic|miesiac|ay|месяц|月|월)",
    "day": r"(\w+_)?(day(_of_month)?|tag|jour|dia|giorno|dag|den|dzien|gun|день|日|일)",
}
BOUNDS = {"year": (1990, 2100), "month": (1, 12), "day": (1, 31)}
EXPONENT = re.compile(r"(\w+_)?(exponent|decimals|decimal_(places|digits)|minor_unit_digits|currency_digits)")
MOST_DIGITS = 4  # of a currency: Chile's unit of account
AMOUNT = re.compile(r"(\w+_)?(amount|total|value|sum|betrag|montant|importe)(_\w+)?")


def with_made_columns(sample: Sample) -> Sample:
    """The sample with such columns; itself where nothing stands apart."""
    if not sample.header or sample.words or sample.paths:
        return sample
    values = {name: judged(texts) for name, texts in sample.columns.items() if _may_be_a_part(name)}
    return _with_adjusted(_with_day(_with_exponent(sample, values), values))


def _may_be_a_part(name: str) -> bool:
    words = "|".join([*PARTS.values(), EXPONENT.pattern, AMOUNT.pattern])
    return any(re.fullmatch(words, form) for form in forms(name))


def _with_day(sample: Sample, values: dict[str, Values]) -> Sample:
    found = [_part(values, part) for part in PARTS]
    if not all(found) or len(set(found)) < len(PARTS):
        return sample
    rows = zip(*(sample.columns[name] for name in found), strict=True)
    texts = ["-".join((text or "").strip().zfill(2) for text in row) if all(row) else None for row in rows]
    year, month, day = (f"trim({Reader(sample, values).column(name)})" for name in found)
    sql = f"concat_ws('-', {year}, lpad({month}, 2, '0'), lpad({day}, 2, '0'))"
    asked = f"no column has the whole day: it is put together of {', '.join(found)}; is that so?"
    return _made(sample, f"order date ({', '.join(found)})", texts, sql, asked, ())


def _part(values: dict[str, Values], part: str) -> str:
    low, high = BOUNDS[part]
    named = [name for name in values if any(re.fullmatch(PARTS[part], form) for form in forms(name))]
    fitting = [n for n in named if values[n].kind == "integer" and low <= values[n].low and values[n].high <= high]
    return fitting[0] if fitting else ""


def _with_exponent(sample: Sample, values: dict[str, Values]) -> Sample:
    """An amount in minor units, where a column says how many of its digits are decimals."""
    digits = [name for name in values if EXPONENT.fullmatch(plain(name)) and _are_digits(values[name])]
    whole = [name for name in values if AMOUNT.fullmatch(plain(name)) and values[name].kind == "integer"]
    if len(digits) != 1 or len(whole) != 1:
        return sample
    amount, exponent = whole[0], digits[0]
    texts = [_shifted(*pair) for pair in zip(sample.columns[amount], sample.columns[exponent], strict=True)]
    read = Reader(sample, values)
    number, power = (
        f"try_cast(trim({read.column(amount)}) AS DOUBLE)",
        f"try_cast(trim({read.column(exponent)}) AS INT)",
    )
    sql = f"CAST(CAST({number} / power(10, {power}) AS DECIMAL(18, 4)) AS STRING)"
    asked = f"{amount} counts minor units, and {exponent} says how many of its digits are decimals: is that so?"
    return _made(sample, f"{amount} (in units)", texts, sql, asked, (amount, exponent))


ADJUSTED = re.compile(
    r"(adjusted|corrected|revised|updated|amended|korrigierte[rs]?|angepasste[rs]?|ajuste|corrige|ajustado|corretto|aangepast)_(.+)"
)
ZEROS = ("", "0", "0.00", "0,00", "0.0")


def _with_adjusted(sample: Sample) -> Sample:
    """A total that was changed later, on the rows that have one; the first total on the others."""
    names = {plain(name): name for name in sample.names}
    for name in sample.names:
        found = ADJUSTED.fullmatch(plain(name))
        first = names.get(found[2], "") if found and AMOUNT.fullmatch(found[2]) else ""
        texts = [(text or "").strip() for text in sample.columns[name]]
        changed = sum(text not in ZEROS for text in texts)
        if first and 0 < changed < len(texts):
            rows = zip(texts, sample.columns[first], strict=True)
            made = [before if text in ZEROS else text for text, before in rows]
            asked = f"{name} counts on the {changed:,} rows that have it, {first} on the others: is that so?"
            return _made(sample, f"{first} (adjusted)", made, _adjusted(sample, name, first), asked, (name, first))
    return sample


def _adjusted(sample: Sample, name: str, first: str) -> str:
    column, before = (Reader(sample, {}).column(of) for of in (name, first))
    none = ", ".join(quoted(zero) for zero in ZEROS)
    return f"coalesce(CASE WHEN trim({column}) NOT IN ({none}) THEN {column} END, {before})"


def _are_digits(values: Values) -> bool:
    return bool(values.seen) and all(text.isdigit() and int(text) <= MOST_DIGITS for text in values.seen)


def _shifted(text: str | None, power: str | None) -> str | None:
    is_told = bool(text) and bool(power) and re.fullmatch(r"\s*-?\d+\s*", text or "")
    return f"{int(text or 0) / 10 ** int(power or 0):.4f}" if is_told else None


def _made(sample: Sample, name: str, texts: list[str | None], sql: str, asked: str, parts: tuple[str, ...]) -> Sample:
    return replace(
        sample,
        columns={**sample.columns, name: texts},
        made={**sample.made, name: sql},
        parts=(*sample.parts, *parts),
        remarks=(*sample.remarks, asked),
    )
