"""One form of letters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.cleaners import letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢｃ１２", "abc12"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Straße", "strasse"),
        ("ŁÓDŹ", "lodz"),
        ("Ærø", "aero"),
        ("İstanbul", "istanbul"),
        ("張偉", "张伟"),
        ("\uf90a", "金"),  # a compatibility character
        ("王\u200b小\ufe00明", "王小明"),
        ("한국", "한국"),
        ("ｶﾞ", "ガ"),
        ("٣४", "34"),
    ],
)
def test_every_way_to_write_it_is_one_form(text, expected):
    assert letters.plain(text) == expected


@pytest.mark.parametrize(("sent", "expected"), [(b"\xfe\x51", 0x20087), (b"\xfe\x59", 0x9FB4), (b"\xfe\x91", 0x241FE)])
def test_characters_that_gb18030_once_put_aside_come_back(sent, expected):
    assert letters.plain(sent.decode("gb18030")) == chr(expected)


@given(st.text(max_size=60))
def test_a_plain_text_stays_as_it_is(text):
    once = letters.plain(text)
    assert letters.plain(once) == once


@given(st.text(max_size=60))
def test_letters_are_letters_and_marks_alone(text):
    kinds = {unicodedata.category(sign)[0] for sign in letters.letters(letters.plain(text))}
    assert kinds <= {"L", "M"}


@given(st.text(st.sampled_from("abcxyz0189"), max_size=9), st.integers(1, 5))
def test_one_sign_only_is_what_a_set_says(text, least):
    assert letters.one_sign_only(text, least) == (len(text) >= least and len(set(text)) == 1)
