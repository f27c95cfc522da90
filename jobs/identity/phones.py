"""Telephone numbers: country code and number in digits, landline or mobile, extension apart."""

import re
from functools import cache

from jobs.identity import letters

Phone = tuple[str | None, str | None, str | None]  # digits with the country code, kind, extension
NOTHING: Phone = (None, None, None)
EXTENSION = re.compile(r"(?:,|;|\bext\.?|\bextension|\bx|#|转|分机)\s*[:.：]?\s*(\d{1,7})\s*$")
KINDS = {0: "landline", 1: "mobile"}  # phonenumbers' FIXED_LINE and MOBILE; 2 is either of them


def phone(text: str, region: str) -> Phone:
    """Read a telephone number.

    Args:
        text: as exported.
        region: ISO code of the country that a number without a country code belongs to; "" when it is not known.
    Returns:
        6 to 15 digits, with the country code where it is known; landline, mobile or None; extension or None.
    """
    whole = letters.plain(text).strip()
    found = EXTENSION.search(whole)
    extension = found.group(1) if found else None
    digits, abroad = _digits(whole[: found.start()] if found else whole)
    if not 6 <= len(digits) <= 15:
        return NOTHING
    quick = _national(digits, region, abroad) if region else None
    if quick is None and (region or abroad):
        quick = _by_library(digits, region, abroad)
    number, kind = quick or (digits, None)
    return number, kind, extension


def _digits(text: str) -> tuple[str, bool]:
    """Digits without +, 00 or (0); and whether the country code comes first."""
    bare = re.sub(r"(?<=\d)\s*\(0\)", "", text) if "(0)" in text else text
    digits = bare if bare.isdecimal() else "".join(filter(str.isdecimal, bare))
    if digits.startswith("00"):
        return digits[2:], True
    return digits, bare.lstrip("( ").startswith("+")


def _national(digits: str, region: str, abroad: bool) -> tuple[str, str | None] | None:
    """The quick way for numbers of one's own country: the library's own patterns, without its parsing."""
    plan = _plan(region)
    if plan is None:
        return None
    code, prefix, mobile, landline = plan
    for before in (code,) if abroad else (prefix, code):
        bare = digits.removeprefix(before)
        if abroad and bare == digits:
            continue
        is_mobile, is_landline = mobile.fullmatch(bare), landline.fullmatch(bare)
        if is_mobile or is_landline:
            return code + bare, "landline" if not is_mobile else None if is_landline else "mobile"
    return None


@cache
def _plan(region: str) -> tuple[str, str, re.Pattern[str], re.Pattern[str]] | None:
    """Country code, national prefix, and the patterns of mobile and fixed numbers."""
    from phonenumbers import PhoneMetadata

    plan = PhoneMetadata.metadata_for_region(region, None)
    if plan is None:
        return None
    mobile, landline = (p.national_number_pattern if p else None for p in (plan.mobile, plan.fixed_line))
    never = r"(?!)"
    return (
        str(plan.country_code),
        plan.national_prefix or "",
        re.compile(mobile or never),
        re.compile(landline or never),
    )


def _by_library(digits: str, region: str, abroad: bool) -> tuple[str, str | None]:
    """What `phonenumbers` makes of it; the digits as they are where it makes nothing of them."""
    import phonenumbers

    for text in (f"+{digits}",) if abroad else (digits, f"+{digits}") if region else (f"+{digits}",):
        try:
            number = phonenumbers.parse(text, region or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return written.removeprefix("+"), KINDS.get(phonenumbers.number_type(number))
    return digits, None
