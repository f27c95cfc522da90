"""Telephone numbers: country code and number in digits, landline or mobile, extension apart."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from jobs.identity.cleaners import letters

Kind = str | None
Phone = tuple[str | None, str | None, str | None]  # digits with the country code, kind, extension
NO_PHONE: Phone = (None, None, None)
EXTENSION = re.compile(r"(?:,|;|\bext\.?|\bextension|\bx|#|转|分机)\s*[:.：]?\s*(\d{1,7})\s*$")
AREA_ZERO = re.compile(r"(?<=\d)\s*\(0\)")  # +44 (0)20: the zero is for calls inside the country
LEAST_WITH_COUNTRY = 11
MASKED = re.compile(r"\d[\s\-]*[*＊•●]{2,}")  # 138****1234: whose it is, it does not say
BETWEEN = re.compile(r"[/／、;；,，|\n]|\s+(?:or|oder|或|和|及)\s+|或")  # several numbers in one cell
LEAST_OF_SEVERAL = 8  # digits
MOST_DIGITS = 15
NEVER = r"[^\s\S]"
LEAST_ABROAD, MOSTLY = 5, 0.8  # numbers with a country code that tell the country of the others, and their share
KINDS = {0: "landline", 1: "mobile"}  # phonenumbers' FIXED_LINE and MOBILE; 2 is either of them


def phone(text: str, region: str) -> Phone:
    """Read a telephone number.

    Args:
        text: as exported.
        region: ISO code of the country that a number without a country code belongs to; "" when it is not known.

    Returns:
        6 to 15 digits, with the country code where it is known; landline, mobile or None; extension or None.
    """
    plain = text.isascii() and text.isdecimal()
    if not plain and MASKED.search(text):
        return NO_PHONE
    bare, extension = (text, None) if plain else _without_extension(_first(text))
    digits, abroad = _digits(bare)
    if not 6 <= len(digits) <= MOST_DIGITS:
        return NO_PHONE
    number, kind = _read(digits, region, abroad) or (digits, None)
    return number, kind, extension


def _first(text: str) -> str:
    """The first number of a cell that has several."""
    parts = [part for part in BETWEEN.split(text) if sum(map(str.isdecimal, part)) >= LEAST_OF_SEVERAL]
    if len(parts) > 1:
        return parts[0]
    words = text.split()
    if sum(map(str.isdecimal, text)) > MOST_DIGITS and len(words) > 1:
        return next((word for word in words if sum(map(str.isdecimal, word)) >= LEAST_OF_SEVERAL), text)
    return text


def region_of(texts: Sequence[str]) -> str:
    """The country that numbers without a country code belong to: that of nearly all that have one, "" where none is.

    Args:
        texts: numbers as exported, some of them.
    """
    import phonenumbers

    abroad = (digits for digits, is_abroad in map(_digits, texts) if is_abroad and 8 <= len(digits) <= MOST_DIGITS)
    found: Counter[str] = Counter()
    for digits in abroad:
        with suppress(phonenumbers.NumberParseException):
            found[phonenumbers.region_code_for_number(phonenumbers.parse(f"+{digits}")) or ""] += 1
    (region, count), *_ = found.most_common(1) or [("", 0)]
    return region if count >= LEAST_ABROAD and count >= MOSTLY * found.total() else ""


def _without_extension(text: str) -> tuple[str, str | None]:
    whole = letters.plain(text).strip()
    match = EXTENSION.search(whole)
    return (whole[: match.start()], match.group(1)) if match else (whole, None)


def _digits(text: str) -> tuple[str, bool]:
    """Digits without +, 00 or (0); and whether the country code comes first."""
    bare = AREA_ZERO.sub("", text) if "(0)" in text else text
    digits = bare if bare.isdecimal() else "".join(filter(str.isdecimal, bare))
    if digits.startswith("00"):
        return digits[2:], True
    return digits, bare.lstrip("( ").startswith("+")


def _read(digits: str, region: str, abroad: bool) -> tuple[str, Kind] | None:
    """Number with country code, and its kind; None when no plan has such a number."""
    plan = plan_of(region) if region else None
    national = _national(digits, plan, abroad) if plan is not None else None
    # a plan that rewrites numbers (Argentina's) is the library's; so is a country code without its plus
    foreign = abroad or (bool(region) and len(digits) >= LEAST_WITH_COUNTRY)
    return national or (
        _by_library(digits, region, abroad) if foreign or (plan is not None and plan.rewrites) else None
    )


@dataclass(frozen=True)
class Plan:
    """A country's numbering plan, from the library's metadata."""

    code: str
    before: re.Pattern[str]  # national prefix, carrier codes
    rewrites: bool
    mobile: re.Pattern[str]
    landline: re.Pattern[str]
    other: re.Pattern[str]  # freephone, shared cost, internet telephony, ...


def _national(digits: str, plan: Plan, abroad: bool) -> tuple[str, Kind] | None:
    """The quick way for numbers of one's own country: the library's own patterns, without its parsing."""
    starts = [] if abroad else [0, match.end() if (match := plan.before.match(digits)) else 0]
    if digits.startswith(plan.code):
        starts.append(len(plan.code))
    for start in dict.fromkeys(starts):
        bare = digits[start:]
        is_mobile, is_landline = plan.mobile.fullmatch(bare), plan.landline.fullmatch(bare)
        if is_mobile or is_landline:
            return plan.code + bare, "landline" if not is_mobile else None if is_landline else "mobile"
        if plan.other.fullmatch(bare):
            return plan.code + bare, None
    return None


@cache
def plan_of(region: str) -> Plan | None:
    """The numbering plan of a country by its ISO code; None where the library has none."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return None
    others = (
        metadata.toll_free,
        metadata.premium_rate,
        metadata.shared_cost,
        metadata.personal_number,
        metadata.voip,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
    )
    before = metadata.national_prefix_for_parsing or metadata.national_prefix
    rewrites = metadata.national_prefix_transform_rule is not None
    return Plan(
        str(metadata.country_code),
        _any_of(before),
        rewrites,
        _numbers(metadata.mobile),
        _numbers(metadata.fixed_line),
        _numbers(*others),
    )


def _numbers(*descriptions: Any) -> re.Pattern[str]:
    return _any_of(*[d.national_number_pattern for d in descriptions if d is not None])


def _any_of(*patterns: str | None) -> re.Pattern[str]:
    alternatives = [pattern for pattern in patterns if pattern]
    return re.compile("|".join(f"(?:{pattern})" for pattern in alternatives) if alternatives else NEVER)


def _by_library(digits: str, region: str, abroad: bool) -> tuple[str, Kind] | None:
    """What `phonenumbers` makes of it."""
    import phonenumbers

    for text in (f"+{digits}",) if abroad else (digits, f"+{digits}"):
        try:
            number = phonenumbers.parse(text, region or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return written.removeprefix("+"), KINDS.get(phonenumbers.number_type(number))
    return None
