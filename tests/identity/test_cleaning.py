"""Cleaners: comparable values, junk to NULL, never an error."""

from datetime import date

import pytest
from pyspark.sql import functions as F

from jobs.identity import cleaning

NIGHT = date(2017, 10, 2)
JUNGLE = ["", " ", "\x00", "🦊", "--", "'", "%", "NULL", "﷽", "ａ１", "０００", "a" * 5000, "\\", "(", "[", "İ"]


@pytest.mark.parametrize(
    ("cleaner", "given", "expected"),
    [
        ("name", "  O'Brien-Smith ", "obriensmith"),
        ("name", "Müller", "muller"),
        ("name", "unknown", None),
        ("name", "张伟", "张伟"),
        ("words", "12 King St.", "12kingst"),
        ("code", " 21 48 ", "2148"),
        ("code", "0000", None),
        ("email", " Ann@Example.COM ", "ann@example.com"),
        ("email", "ann at example", None),
        ("email", "test@test.com", None),
        ("phone", "0049 (30) 12-34-56", "4930123456"),
        ("phone", "+86 138 0013 8000", "8613800138000"),
        ("phone", "000000", None),
    ],
)
def test_a_cleaner_gives_the_comparable_value_or_null(spark, settings, cleaner, given, expected):
    clean = getattr(cleaning, cleaner)
    column = clean(F.lit(given)) if cleaner == "code" else clean(F.lit(given), settings.junk)
    assert spark.range(1).select(column).first()[0] == expected


def test_any_text_at_all_is_cleaned_without_an_error(spark, silver, settings):
    fields = ("full_name", "given_name", "surname", "email", "phone", "street_number", "address_1", "postcode")
    odd = [{"account_id": f"web:{i}", **dict.fromkeys(fields, text)} for i, text in enumerate(JUNGLE)]
    assert len(cleaning.records(silver(odd), settings.junk, NIGHT, "key").collect()) == len(JUNGLE)


def test_a_birth_date_after_the_night_or_before_1890_is_junk(silver, settings):
    days = [date(2017, 10, 2), date(2017, 10, 3), date(1889, 1, 1)]
    rows = silver([{"account_id": f"web:{i}", "birth_date": day} for i, day in enumerate(days)])
    found = cleaning.records(rows, settings.junk, NIGHT, "key").orderBy("account_id").select("birth").collect()
    assert [row.birth for row in found] == ["20171002", None, None]


def test_a_full_name_is_split_in_both_orders(silver, settings):
    rows = silver(
        [{"account_id": f"a:{i}", "full_name": n} for i, n in enumerate(("Ada M. Lovelace", "Lovelace, Ada"))]
    )
    found = cleaning.records(rows, settings.junk, NIGHT, "key").select("given", "family").collect()
    assert {tuple(row) for row in found} == {("ada", "lovelace")}


def test_an_account_without_a_usable_field_has_no_fingerprint(silver, settings):
    rows = silver([{"account_id": f"a:{i}", "surname": name} for i, name in enumerate((None, "test", "Ng"), 1)])
    found = cleaning.records(rows, settings.junk, NIGHT, "key").collect()
    assert {row.account_id: row.record_hash is None for row in found} == {"a:1": True, "a:2": True, "a:3": False}
