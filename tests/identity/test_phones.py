"""Telephone numbers against the library that knows the plans."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jobs.identity.cleaners import phones

COUNTRIES = ["CN", "US", "GB", "DE", "FR", "AU", "IT", "BR", "AR", "IN", "JP", "HK", "NZ", "MX"]


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("138 0013 8000", "CN", ("8613800138000", "mobile", None)),
        ("+86 138 0013 8000", "", ("8613800138000", "mobile", None)),
        ("0086-138-0013-8000", "CN", ("8613800138000", "mobile", None)),
        ("86 13800138000", "CN", ("8613800138000", "mobile", None)),
        ("１３８００１３８０００", "CN", ("8613800138000", "mobile", None)),
        ("010-62781234转801", "CN", ("861062781234", "landline", "801")),
        ("0755 8350 1234 分机12", "CN", ("8675583501234", "landline", "12")),
        ("(02) 9876 5432 ext. 12", "AU", ("61298765432", "landline", "12")),
        ("+44 (0)20 7946 0958", "AU", ("442079460958", "landline", None)),
        ("13800138000", "", ("13800138000", None, None)),
        ("212-555-0123", "US", ("12125550123", None, None)),  # there a plan does not tell mobile from fixed
        ("call me", "CN", (None, None, None)),
        ("138****1234", "CN", (None, None, None)),
        ("13800138000/13912345678", "CN", ("8613800138000", "mobile", None)),
        ("13800138000；13912345678", "CN", ("8613800138000", "mobile", None)),
        ("13800138000 13912345678", "CN", ("8613800138000", "mobile", None)),
        ("1234567890123456", "CN", (None, None, None)),
    ],
)
def test_a_number_is_read_with_its_country_kind_and_extension(text, country, expected):
    assert phones.phone(text, country) == expected


@given(
    st.sampled_from(COUNTRIES),
    st.sampled_from(["mobile", "fixed"]),
    st.sampled_from(["national", "abroad", "00"]),
    st.integers(0, 10**6),
)
def test_a_valid_number_is_what_the_library_reads_however_it_is_written(country, kind, way, salt):
    types = {"mobile": phonenumbers.PhoneNumberType.MOBILE, "fixed": phonenumbers.PhoneNumberType.FIXED_LINE}
    example = phonenumbers.example_number_for_type(country, types[kind])
    assume(example is not None)
    national = str(example.national_number)
    number = phonenumbers.PhoneNumber(
        country_code=example.country_code,
        italian_leading_zero=example.italian_leading_zero,
        national_number=int(national[: -len(str(salt))] + str(salt)) if len(str(salt)) < len(national) else 0,
    )
    assume(phonenumbers.is_valid_number(number))
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    written = {"national": home, "abroad": whole, "00": "00" + whole[1:]}[way]
    assume(phonenumbers.parse(written if way != "00" else whole, country) == number)
    assert phones.phone(written, country)[0] == whole[1:]


@given(
    st.text(st.characters() | st.sampled_from("0123456789+() ext转x"), max_size=24),
    st.sampled_from([*COUNTRIES, "", "XX"]),
)
def test_any_text_gives_digits_or_nothing(text, country):
    number, kind, extension = phones.phone(text, country)
    assert number is None or (number.isdecimal() and number.isascii())
    assert kind in ("mobile", "landline", None)
    assert extension is None or extension.isdecimal()


@pytest.mark.parametrize(
    ("texts", "region"),
    [
        (["+86 13800138000"] * 9 + ["13912345678", "+4930123456"], "CN"),
        (["0049 30 1234567"] * 5 + ["030 765432"], "DE"),
        (["+86 13800138000"] * 5 + ["+4930123456"] * 5, ""),
        (["+86 13800138000"] * 4, ""),
        (["13800138000"] * 20, ""),
    ],
)
def test_the_country_of_numbers_without_a_code_is_that_of_nearly_all_with_one(texts, region):
    assert phones.region_of(texts) == region
