"""State numbers with a check of their own, e-mail addresses, companies."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.cleaners import companies, emails, national_ids

DIGITS = st.text("0123456789", min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("code", "birth", "sex"),
    [
        ("11010519491231002x", "19491231", "f"),  # the standard's own examples
        ("440524188001010014", "18800101", "m"),
        ("130503670401001", "19670401", "m"),  # 15 digits, as until 1999
    ],
)
def test_a_resident_number_tells_birth_and_sex(code, birth, sex):
    resident = national_ids.resident(code)
    assert resident is not None
    assert (resident.birth, resident.sex, len(resident.number)) == (birth, sex, 18)


@pytest.mark.parametrize("code", ["110105194912310021", "11010519490231002x", "99010519491231002x", "1", "", "x" * 18])
def test_a_number_with_a_wrong_check_day_or_province_is_none(code):
    assert national_ids.resident(code) is None


@given(st.dates(min_value=date(1900, 1, 1)), DIGITS, st.integers(0, 17), st.integers(1, 9))
def test_every_wrong_digit_is_found(day, order, place, step):
    body = f"110105{day:%Y%m%d}{order}"
    code = body + national_ids.check_sign(body)
    assert national_ids.resident(code) is not None
    wrong = "0123456789"[(int(code[place]) + step) % 10] if code[place] != "x" else str(step)
    assert national_ids.resident(code[:place] + wrong + code[place + 1 :]) is None


def test_credit_codes_are_told_by_their_check():
    assert national_ids.is_credit_code("91350100m000100y43")  # the standard's own example
    assert not national_ids.is_credit_code("91350100m000100y44")
    assert not national_ids.is_credit_code("91350100o000100y43")


@given(st.text(max_size=20))
def test_any_text_is_read(text):
    national_ids.resident(text)
    national_ids.is_credit_code(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann.Smith+shop@GoogleMail.com", "annsmith@gmail.com"),
        ("ann.smith@example.org", "ann.smith@example.org"),
        ("ann+news@example.org", "ann@example.org"),
        ("a.n-n@pm.me", "ann@proton.me"),
        ("ann@me.com", "ann@icloud.com"),
        ("＜Ann＠Example.com＞", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("+@gmail.com", "+@gmail.com"),
        ("ann@localhost", None),
        ("@example.com", None),
        ("a@b@example.com", None),
    ],
)
def test_addresses_of_one_box_are_one_address(rules, text, expected):
    assert emails.email(text, rules) == expected


@given(st.text(max_size=30) | st.emails())
def test_an_address_in_its_one_form_stays(packaged_rules, text):
    once = emails.email(text, packaged_rules)
    assert once is None or emails.email(once, packaged_rules) in (once, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller GmbH & Co. KG", "muller"),
        ("Acme Pty. Ltd.", "acme"),
        ("深圳市腾讯计算机系统有限公司", "深圳市腾讯计算机系统"),
        ("Limited", "limited"),
        ("公司", "公司"),
    ],
)
def test_a_company_is_told_without_its_legal_form(rules, text, expected):
    assert companies.company(text, rules) == expected
