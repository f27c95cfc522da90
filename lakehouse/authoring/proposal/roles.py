"""What a column is about, by its name in several languages, if its values fit."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

import yaml

from lakehouse.authoring.proposal import looks
from lakehouse.authoring.proposal.amounts import currency_code
from lakehouse.authoring.proposal.column_forms import MINOR, forms, plain
from lakehouse.authoring.proposal.looks import PERSONAL
from lakehouse.authoring.proposal.second_look import settled
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import CENTURY, Values, epoch

# role -> expressions over the plain name, clearest first; a column takes the role it fits best, a role the best column
NAMES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
PAID = ("total", "gross", "amount", "net", "subtotal", "unit_price")
SIDE_DATES = re.compile(
    r"ship|deliver|deposit|fulfil|cancel|updat|modif|due|end|start|refund|expire|last|change|print|versand|liefer|faellig"
)
SIDE_NAMES = re.compile(
    r"ship|deliver|recipient|liefer|livraison|envio|second|work|other|alternat|_to\b|^to_|merchant|seller|shop"
)


def currency_in(name: str) -> str:
    """ISO 4217 code that a column's name ends with or has in parentheses: `Amount (EUR)`, `total_usd`, `金额（元）`."""
    sign = next((c for c in "€£₹₩₺₽" if c in name), "")
    last = plain(name).rpartition("_")[2]
    code = currency_code(sign or last.upper()) if "_" in plain(name) or sign else ""
    return "" if code == "¥" else code


SHORTENED = re.compile(r"(?i)\.\s*$|\b(in|ex)[ck]l?\.")  # `Auftr.geb.` and `Total incl. VAT` are no paths


PENCE = re.compile(r"[(\[] ?(p|¢|øre|öre) ?[)\]]")  # `Amount (p)`


def is_minor(name: str) -> bool:
    """Whether a column's name says that it counts cents, pence or the like."""
    return MINOR.search(plain(name)) is not None or PENCE.search(name) is not None


def assigned(sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """Role -> column. Each column has one role at most, each role one column."""
    scores = {
        (role, name): score
        for name in sample.names
        for role in NAMES
        if role != "advertising"
        if (score := _score(role, name, values[name]))
    }
    scores = _without_zeros(scores, values)
    columns: dict[str, str] = {}
    for role, name in sorted(scores, key=lambda pair: -scores[pair]):
        if role not in columns and name not in columns.values():
            columns[role] = name
    if not sample.header:
        columns = {**_by_position(sample, values), **columns}
    return settled(columns, sample, values)


def _without_zeros(scores: dict[tuple[str, str], float], values: Mapping[str, Values]) -> dict[tuple[str, str], float]:
    """A column of zeros, or of fines, is no amount where another one could be: nothing was paid by it."""
    empty = {name for role, name in scores if role in PAID and (FINES.search(plain(name)) or _is_nothing(values[name]))}
    if all(name in empty for role, name in scores if role in PAID):
        return scores
    return {(role, name): score for (role, name), score in scores.items() if role not in PAID or name not in empty}


FINES = re.compile(
    r"штраф|(^|_)(fines?|penalt(y|ies)|strafen?|bussen?|amendes?|multas?|sanzion[ei]|boetes?|kary|pokuty?)(_|$)|罚款|违约金|벌금|違約金"
)


def _is_nothing(values: Values) -> bool:
    """Whether a column of amounts has nothing but zeros, or zeros on nearly all rows."""
    return (not values.high and not values.low) or values.zeros > MOSTLY * values.filled


MOSTLY = 0.8


def _score(role: str, column: str, values: Values) -> float:
    """How well a column fits a role: 0 not at all. Earlier expressions of a role are the clearer ones."""
    name = plain(column)
    if not looks.can_be(role, name, values):
        return 0.0
    place = place_of(role, column)
    if role == "consent" and place_of("opt_out", column) is not None:
        return 0.0  # `desabonne_le` has the word for a subscription in it
    if place is None:
        return 0.55 if looks.looks_like(role, values) else 0.0
    exact = 0.05 if role in name else 0.0  # `order_date` before `ship_date`, `customer_id` before `user`
    exact += 0.06 if role == "date" and "timestamp" in name else 0.0  # `event_timestamp` before `event_date`
    exact -= 0.3 if role == "consent" and "sms" in name else 0.0
    filled = values.filled / max(1, values.rows)
    aside = SIDE_DATES if role == "date" else SIDE_NAMES if role in PERSONAL else None
    return max(
        0.01,
        1.0
        - 0.1 * place
        + exact
        + 0.05 * filled
        - 0.3 * bool(aside and aside.search(name))
        - 0.4 * _is_sparse(role, filled),
    )


def place_of(role: str, column: str) -> float | None:
    """Where in a role's words a column's name stands; None where it does not.

    Of a key inside an object (`order.customer.id`) the whole name says more than its last part.
    """
    parts = [column] if SHORTENED.search(column) else column.split(".")
    whole = _place(role, forms(column))
    inner = (_place(role, forms(".".join(parts[at:]))) for at in range(1, len(parts) - 1))
    told = next((place for place in (whole, *inner) if place is not None), None)
    if told is not None or len(parts) == 1:
        return told
    last = _place(role, forms(parts[-1]))
    return None if last is None else last + 1


@cache
def _words(role: str) -> list[re.Pattern[str]]:
    return [re.compile(words) for words in NAMES[role]]


@lru_cache(100_000)
def _place(role: str, names: tuple[str, ...]) -> float | None:
    """Where in the role's words a form of the name stands; the name as it is before its other forms."""
    places = (
        (at + 0.02 * (number > 0))
        for at, words in enumerate(_words(role))
        for number, form in enumerate(names)
        if words.fullmatch(form)
    )
    return next(places, None)


def _is_sparse(role: str, filled: float) -> bool:
    return role in ("date", "order_id") and filled < 0.5


def _by_position(sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """Without names: the first whole number that repeats is the customer, the last decimal the amount."""
    names = sample.names
    dates = [n for n in names if values[n].is_date]
    decimals = [n for n in names if values[n].kind == "decimal"]
    wholes = [n for n in names if values[n].kind == "integer" and n not in dates]
    repeated = [n for n in wholes if 1 < values[n].distinct < values[n].rows]
    keys = [n for n in repeated if values[n].high > 100 or _padded(values[n])]
    small = [n for n in wholes if values[n].high <= 1000 and values[n].distinct < 100 and n not in keys[:1]]
    candidates = {"date": dates[:1], "amount": decimals[-1:], "customer_id": keys[:1], "quantity": small[-1:]}
    return {role: columns[0] for role, columns in candidates.items() if columns}


def _padded(values: Values) -> bool:
    """Whether the numbers are written in one width: 00017 is a key, no count."""
    return len({len(text) for text in values.seen}) == 1 and any(text.startswith("0") for text in values.seen)


def with_epochs(values: dict[str, Values], roles: Mapping[str, str]) -> dict[str, Values]:
    """A number column that is the date counts from 1970, or in a spreadsheet's days."""
    name = roles.get("date")
    if name and (unit := epoch(values[name])):
        is_day = unit in ("spreadsheet_days", CENTURY) and values[name].kind == "integer"
        return {**values, name: replace(values[name], kind="date" if is_day else "datetime", pattern=unit)}
    return values
