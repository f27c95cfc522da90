"""Whether values look like what their column's name says: `Tax` is no national id, a `state` of orders no address."""

import re
from collections.abc import Callable
from zoneinfo import available_timezones

from lakehouse.authoring.proposal.amounts import currency_code
from lakehouse.authoring.proposal.meanings import MEANINGS, holds_word, is_word, parts_of, plain_word
from lakehouse.authoring.proposal.values import NO, YES, Values, epoch, is_clock_number

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
NUMBERS = (
    "quantity",
    "unit_price",
    "total",
    "gross",
    "net",
    "subtotal",
    "amount",
    "refunded",
    "shipping",
    "fee",
    "tip",
    "balance",
    "discount",
    "rating",
)
KEYS = ("customer_id", "order_id", "product_id", "store_id", "till_id")
EMAIL = re.compile(r"[^@\s*]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"'?\+?\(?\d[\d ()/.-]{5,}\d|\d[.,]\d+[eE]\+\d+")
DOTTED = re.compile(r"\d{3,}\.\d{6,}")  # a browser's number and the second in which it was given
STATES = ("counted", "void")
ZONES = frozenset(available_timezones())
OFFSET = re.compile(r"(utc|gmt)? ?[+-]\d{1,2}(:?\d{2})?", re.IGNORECASE)


def can_be(role: str, name: str, values: Values) -> bool:
    """Whether the values allow the role at all."""
    if values.kind == "empty" or values.kind in ("items", "object"):
        return False
    if role in NUMBERS:
        return values.is_number
    if role in KEYS:
        return _is_key(role, values)
    check = CHECKS.get(role)
    return check is None or check(values)


def share(values: Values, test: Callable[[str], bool]) -> float:
    """Share of the different values that pass."""
    return sum(test(text) for text in values.seen) / max(1, len(values.seen))


def _is_key(role: str, values: Values) -> bool:
    is_decimal = values.kind == "decimal" and not values.is_float_id and not all(map(DOTTED.fullmatch, values.seen))
    if values.is_date or values.kind in ("time", "flag") or is_decimal:
        return _rounded_ids(values)
    if values.amounts and (values.amounts.signs or values.amounts.has_negative):
        return False
    if role == "order_id" and values.distinct == 1 and values.rows > 2:
        return False
    if role == "customer_id" and values.distinct == 1 and values.rows > 5:
        return False
    spaced = share(values, lambda text: " " in text.strip())
    return not (values.kind == "text" and spaced > 0.5) or role in ("store_id", "till_id")  # sentences are no keys


def _rounded_ids(values: Values) -> bool:
    return values.kind == "decimal" and values.rounded > 0 and values.distinct > 1


def _is_name(values: Values) -> bool:
    """A person's, firm's or thing's name: letters, and no code."""
    letters = share(values, lambda t: bool(re.search(r"[^\W\d_]", t)) and "@" not in t and len(t) <= 80)
    return values.kind == "text" and letters > 0.9


def _is_person(values: Values) -> bool:
    """Names of people: letters, few digits, no statuses."""
    digits = share(values, lambda text: bool(re.search(r"\d", text)))
    return _is_name(values) and digits < 0.1 and _status_share(values) < 0.5


def _is_place(values: Values) -> bool:
    return (
        values.kind == "text"
        and share(values, lambda t: bool(re.search(r"[^\W\d_]", t))) > 0.9
        and _status_share(values) < 0.5
    )


def _is_birth(values: Values) -> bool:
    return values.is_date


def _is_postcode(values: Values) -> bool:
    return (
        not values.is_date
        and share(values, lambda t: bool(re.fullmatch(r"'?[A-Za-z0-9][A-Za-z0-9 .-]{1,10}", t))) > 0.8
    )


def _is_national_id(values: Values) -> bool:
    """Six letters or digits at least, nearly all different from person to person."""
    formed = share(values, lambda t: len(re.sub(r"[^A-Za-z0-9*]", "", t)) >= 6 and bool(re.search(r"\d|\*", t)))
    return values.kind != "decimal" and formed > 0.8 and values.distinct > 1


def _status_share(values: Values) -> float:
    return share(values, lambda text: any(is_word(part, kind) for part in (text, *parts_of(text)) for kind in STATES))


def _is_status(values: Values) -> bool:
    """Few different words, of which statuses know most; `cancelled: true` is one, too."""
    few = bool(values.counts) and len(values.counts) <= 25 and values.kind in ("text", "flag")
    return few and (values.kind == "flag" or _status_share(values) >= 0.3)


def _is_kind(values: Values) -> bool:
    few = bool(values.counts) and len(values.counts) <= 25 and values.kind == "text"
    return few and share(values, lambda text: holds_word(text, "sale") or holds_word(text, "refund")) > 0


def _is_direction(values: Values) -> bool:
    known = share(values, lambda text: is_word(text, "income") or is_word(text, "expense"))
    return bool(values.counts) and known > 0.6 and any(is_word(text, "income") for text in values.seen)


def is_component(values: Values) -> bool:
    """Rows are parts of an order: its goods, and their tax, fees or shipping."""
    words = list(values.counts)
    return any(is_word(w, "principal") for w in words) and any(is_word(w, "part") for w in words)


def zone_of(text: str) -> str:
    """A zone's name or offset for what a file writes, '' where it is none."""
    word = text.strip()
    if word in ZONES or re.fullmatch(r"[+-]\d{2}:\d{2}", word):
        return word
    if OFFSET.fullmatch(word):
        number = re.sub(r"[^0-9+-]", "", word)
        return f"{number[0]}{int(number[1:3] if len(number) > 2 else number[1:]):02d}:{(number[3:5] or '00')}"
    return str(
        MEANINGS["zones"].get(plain_word(re.sub(r"^\(.*?\)\s*", "", word)), MEANINGS["zones"].get(word.lower(), ""))
    )


def _is_zone(values: Values) -> bool:
    return share(values, lambda text: bool(zone_of(text))) > 0.6


def _is_currency(values: Values) -> bool:
    return values.kind == "text" and share(values, lambda text: bool(currency_code(text))) > 0.9


def _is_yes_or_no(values: Values) -> bool:
    """Words for yes and no, other words a few; or the day of the answer, where it was given."""
    if values.is_date and values.filled < values.rows:
        return True
    known = share(values, lambda text: text.lower() in YES | NO)
    return values.kind == "flag" or (bool(values.counts) and known > 0.6 and len(values.counts) <= 8)


def _is_time(values: Values) -> bool:
    return values.kind == "time" or is_clock_number(values)


def _is_day(values: Values) -> bool:
    return values.is_date or bool(epoch(values))


def _is_few(values: Values) -> bool:
    return values.kind == "text" and bool(values.counts)


CHECKS: dict[str, Callable[[Values], bool]] = {
    "date": _is_day,
    "birth_date": _is_birth,
    "time": _is_time,
    "consent": _is_yes_or_no,
    "opt_out": _is_yes_or_no,
    "status": _is_status,
    "kind": _is_kind,
    "direction": _is_direction,
    "component": is_component,
    "zone": _is_zone,
    "currency": _is_currency,
    "tax": lambda values: values.is_number or share(values, lambda t: t.rstrip().endswith("%")) > 0.8,
    "email": lambda values: share(values, lambda t: EMAIL.fullmatch(t.strip("' ")) is not None) > 0.6,
    "phone": lambda values: not values.is_date and share(values, lambda t: PHONE.fullmatch(t) is not None) > 0.6,
    "given_name": _is_person,
    "surname": _is_person,
    "full_name": _is_person,
    "company": _is_name,
    "sex": lambda values: 0 < values.distinct <= 8,
    "address_1": _is_place,
    "street_number": lambda values: share(values, lambda t: bool(re.match(r"\d", t)) and len(t) <= 8) > 0.8,
    "city": _is_place,
    "state": _is_place,
    "country": _is_place,
    "postcode": _is_postcode,
    "national_id": _is_national_id,
    "product_name": lambda values: values.kind == "text",
    "category": lambda values: values.kind == "text",
    "product_type": lambda values: values.kind == "text",
    "brand": lambda values: values.kind == "text",
    "review": lambda values: values.kind == "text",
    "event": _is_few,
    "store_name": _is_name,
}


def looks_like(role: str, values: Values) -> bool:
    """Whether the values say it alone, whatever the name: addresses, parts of orders."""
    if role == "component":
        return is_component(values)
    return role == "email" and values.distinct > 1 and share(values, lambda t: EMAIL.fullmatch(t) is not None) > 0.6


def personal_kind(values: Values) -> str:
    """'email' or 'phone' where a key is a personal value itself, else ''."""
    if share(values, lambda text: EMAIL.fullmatch(text) is not None) > 0.6:
        return "email"
    is_phone = share(values, lambda text: PHONE.fullmatch(text) is not None) > 0.6
    return "phone" if is_phone and any("+" in text and "E+" not in text for text in values.seen) else ""
