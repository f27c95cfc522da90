"""What a column is about, by its name in several languages and by its values."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values, epoch

# role -> expressions over the plain name, clearest first; a column takes the role it fits best, a role the best column
NAMES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
PERSONAL = (
    "email",
    "phone",
    "given_name",
    "surname",
    "full_name",
    "birth_date",
    "sex",
    "address_1",
    "street_number",
    "city",
    "postcode",
    "state",
    "country",
    "company",
    "national_id",
)
NUMBERS = ("quantity", "unit_price", "amount", "discount", "rating")
TEXTS = ("product_name", "category", "product_type", "brand", "review", "full_name", "surname", "given_name")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?\(?\d[\d ()/.-]{6,}\d")
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def plain(name: str) -> str:
    """A name in small letters, words joined by _: `CustomerID`, `Customer ID` and `customer-id` are customer_id."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    bare = unicodedata.normalize("NFKD", split.lower().translate(SPELLED))
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", bare)).strip("_")


def assigned(sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """Role -> column. Each column has one role at most, each role one column."""
    scores = {
        (role, name): score
        for name in sample.names
        for role in NAMES
        if (score := _score(role, plain(name), values[name]))
    }
    columns: dict[str, str] = {}
    for role, name in sorted(scores, key=lambda pair: -scores[pair]):
        if role not in columns and name not in columns.values():
            columns[role] = name
    if not sample.header:
        columns = {**_by_position(sample, values), **columns}
    return columns


def _score(role: str, name: str, values: Values) -> float:
    """How well a column fits a role: 0 not at all. Earlier expressions of a role are the clearer ones."""
    place = next((i for i, words in enumerate(NAMES[role]) if re.fullmatch(words, name)), None)
    if not _can_be(role, values):
        return 0.0
    if place is None:
        return 0.55 if _looks_like(role, values) else 0.0
    exact = 0.05 if role in name else 0.0  # `order_date` before `ship_date`, `customer_id` before `user`
    filled = values.filled / max(1, values.rows)
    return 1.0 - 0.1 * place + exact + 0.05 * filled - (0.3 if role == "date" and "ship" in name else 0.0)


def _can_be(role: str, values: Values) -> bool:
    if values.kind == "empty":
        return False
    if role in ("date", "birth_date"):
        return values.is_date or (role == "date" and bool(epoch(values)))
    if role == "time":
        return values.kind == "time"
    if role in NUMBERS:
        return values.is_number
    if role == "consent":
        return values.kind == "flag"
    if role in TEXTS:
        return values.kind == "text"
    if role in ("customer_id", "order_id", "product_id"):
        return not values.is_date and values.kind not in ("items", "time", "flag") and not _is_prose(values)
    return values.kind != "items" and not (values.kind == "decimal" and role != "postcode")


def _is_prose(values: Values) -> bool:
    """Names and sentences are no keys."""
    spaced = sum(" " in text.strip() for text in values.seen)
    return values.kind == "text" and spaced > 0.5 * len(values.seen)


def _looks_like(role: str, values: Values) -> bool:
    pattern = {"email": EMAIL}.get(role)
    return bool(pattern and values.seen) and sum(
        bool(pattern and pattern.fullmatch(text)) for text in values.seen
    ) > 0.6 * len(values.seen)


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
    """A whole number column that is the date counts from 1970."""
    name = roles.get("date")
    if name and (unit := epoch(values[name])):
        return {**values, name: replace(values[name], kind="datetime", pattern=unit)}
    return values


def assigned_by_value(values: Values) -> str:
    """'email' or 'phone' where a key is a personal value itself, else ''."""
    for kind, pattern in (("email", EMAIL), ("phone", PHONE)):
        fits = sum(pattern.fullmatch(text) is not None for text in values.seen)
        if values.seen and fits > 0.6 * len(values.seen) and (kind == "email" or any("+" in t for t in values.seen)):
            return kind
    return ""
