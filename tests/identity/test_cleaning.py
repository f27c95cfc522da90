"""The record set: comparable values, junk to NULL, never an error; one function for both engines."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from jobs.identity.cleaners import cleaning, home_fields, number_fields, record_fields
from jobs.identity.cleaners.cleaning_settings import Rules

NIGHT = date(2017, 10, 2)
NO_TEXT = ("is_lead", "is_email_verified", "birth_date")
TYPES = pa.schema(
    [
        (name, pa.date32() if name == "birth_date" else pa.bool_() if name in NO_TEXT else pa.string())
        for name in record_fields.USED
    ]
)
TEXTS = [name for name in record_fields.USED if name not in ("account_id", *NO_TEXT)]
JUNGLE = [
    "",
    " ",
    "\x00",
    "🦊",
    "--",
    "'",
    "%",
    "NULL",
    "﷽",
    "ａ１",
    "０００",
    "a" * 5000,
    "\\",
    "(",
    "[",
    "İ",
    "\x1f",
    "王\x1f小明",
    "广东省\x1f1号",
    "\ue816",
    "́",
    "·",
    "王·",
    "号1",
    "+",
    "@",
    "+@b.cd",
    "Mr",
    "van",
]


def table(*accounts: dict[str, object]) -> pa.Table:
    rows = [
        {"account_id": f"web:{i}", "channel": "web", "is_lead": False, **account} for i, account in enumerate(accounts)
    ]
    return pa.Table.from_pylist([{name: row.get(name) for name in record_fields.USED} for row in rows], TYPES)


@pytest.fixture
def cleaned(rules, settings):
    """Rows of the record set from the few fields that a test names."""
    return lambda *accounts: cleaning.clean(table(*accounts), rules, settings.junk, NIGHT, "key").to_pylist()


@pytest.mark.parametrize(
    ("column", "field", "text", "expected"),
    [
        ("surname", "family", "  O'Brien-Smith ", "obriensmith"),
        ("surname", "family", "Müller", "muller"),
        ("surname", "family", "unknown", None),
        ("given_name", "given", "小偉", "小伟"),
        ("address_1", "street", "King St.", "kingst"),
        ("postcode", "postcode", " 21 48 ", "2148"),
        ("postcode", "postcode", "0000", None),
        ("email", "email", " Ann@Example.COM ", "ann@example.com"),
        ("email", "email", "ann at example", None),
        ("email", "email", "test@test.com", None),
        ("phone", "phone", "0049 (30) 12-34-56", "4930123456"),
        ("phone", "phone", "+86 138 0013 8000", "8613800138000"),
        ("phone", "phone", "000000", None),
        ("sex", "sex", "女", "f"),
        ("sex", "sex", "Male", "m"),
        ("sex", "sex", "?", None),
        ("company", "company", "Rose & Sons Pty. Ltd.", "rosesons"),
        ("company", "company", "深圳市科技有限公司", "深圳市科技"),
    ],
)
def test_a_field_has_the_comparable_value_or_null(cleaned, column, field, text, expected):
    assert cleaned({column: text})[0][field] == expected


def test_any_text_in_all_fields_is_cleaned_without_an_error(cleaned):
    assert len(cleaned(*[dict.fromkeys(TEXTS, text) for text in JUNGLE])) == len(JUNGLE)


SIGNS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(
    "王小明欧阳广东省市路号 ,.-+@()0123456789abcＡ１\x1f"
)


@given(st.lists(st.dictionaries(st.sampled_from(TEXTS), st.text(SIGNS, max_size=30)), max_size=20))
@bounds(max_examples=40, deadline=None)
def test_no_text_raises_and_no_field_is_empty_text(packaged_rules, packaged_settings, texts):
    names = (*record_fields.FIELDS, *record_fields.PARTS, *record_fields.KEYS)
    rows = cleaning.clean(table(*texts), packaged_rules, packaged_settings.junk, NIGHT, "key").to_pylist()
    assert not [row for row in rows for name in names if row[name] == ""]


@given(st.lists(st.dictionaries(st.sampled_from(TEXTS), st.text(SIGNS, max_size=30)), max_size=20))
@bounds(max_examples=40, deadline=None)
def test_the_fields_of_a_home_are_those_of_the_whole_record(packaged_rules, packaged_settings, texts):
    rows = table(*texts)
    whole = cleaning.clean(rows, packaged_rules, packaged_settings.junk, NIGHT, "key")
    assert home_fields.clean(rows, packaged_rules, packaged_settings.junk) == whole.select(home_fields.SCHEMA.names)


PLAIN = st.text("0123456789 .-+()ax@gmil", min_size=1, max_size=16)
NUMBERS = st.from_regex(r"(0|00|\+|86|61)?(1[3-9]|4|2|10|755)[0-9]{7,9}", fullmatch=True)


@given(st.lists(st.tuples(PLAIN | NUMBERS, st.sampled_from(["CN", "AU", "US", ""])), max_size=30))
@bounds(max_examples=60, deadline=None)
def test_a_column_at_once_gives_what_one_by_one_gives(packaged_rules, packaged_settings, raw):
    texts = [f"{text}@gmail.com" if "@" not in text and n % 2 else text for n, (text, _) in enumerate(raw)]
    rows = [
        {"phone": text, "country": country or None, "email": email, "national_id": text}
        for (text, country), email in zip(raw, texts, strict=True)
    ]
    at_once = cleaning.clean(table(*rows), packaged_rules, packaged_settings.junk, NIGHT, "key").to_pylist()
    for (text, country), email, row in zip(raw, texts, at_once, strict=True):
        phone = number_fields._phone(f"{text}\x1f{country}", packaged_settings.junk)
        assert (row["phone"], row["phone_kind"], row["phone_extension"]) == phone
        assert (row["email"], row["email_name"]) == cleaning._email(email, packaged_rules, packaged_settings.junk)
        assert row["national_id"] == number_fields._state_number(f"{text}\x1f{country}", packaged_settings.junk)[0]


def test_keys_that_prove_by_themselves_are_cleaned_where_exports_tell_them(cleaned):
    sure, unsure = cleaned(
        {"email": "Ann@x.org", "is_email_verified": True, "loyalty_card": "LC 0001", "device_id": "A-1"},
        {"email": "ann@x.org", "is_email_verified": False},
    )
    assert (sure["verified_email"], sure["loyalty_card"], sure["device"]) == ("ann@x.org", "lc0001", "a1")
    assert unsure["verified_email"] is None


def test_the_source_hash_is_of_the_values_as_exported(cleaned):
    one, other = cleaned({"surname": "Ng"}, {"surname": "NG"})
    assert one["source_hash"] != other["source_hash"]
    assert one["record_hash"] == other["record_hash"]


def test_a_birth_date_after_the_night_or_before_1890_is_junk(cleaned):
    days = [date(2017, 10, 2), date(2017, 10, 3), date(1889, 1, 1), date(1900, 1, 1)]
    assert [row["birth"] for row in cleaned(*[{"birth_date": day} for day in days])] == ["20171002", None, None, None]


def test_a_full_name_is_split_in_both_orders(cleaned):
    actual = cleaned({"full_name": "Ada M. Lovelace"}, {"full_name": "Lovelace, Ada"})
    assert {(row["given"], row["family"]) for row in actual} == {("ada", "lovelace")}


def test_characters_and_pinyin_share_the_name_key(cleaned):
    written = [
        {"full_name": "王小明"},
        {"full_name": "Wang Xiaoming"},
        {"full_name": "Xiao Ming Wang"},
        {"given_name": "Xiaoming", "surname": "WANG"},
        {"surname": "王", "given_name": "小明"},
        {"given_name": "王小明"},
        {"surname": "王小明"},
        {"full_name": "ＷＡＮＧ Xiaoming"},
        {"full_name": "Wang, Xiao-Ming"},
    ]
    assert {row["name_key"] for row in cleaned(*written)} == {"wang xiaoming"}


def test_a_nickname_and_a_particle_share_the_name_key_and_keep_their_fields(cleaned):
    short, long = cleaned({"given_name": "Bob", "surname": "van der Berg"}, {"given_name": "Robert", "surname": "Berg"})
    assert short["name_key"] == long["name_key"] == "berg robert"
    assert (short["given"], short["family"]) == ("bob", "vanderberg")


def test_a_resident_number_tells_birth_and_sex_where_they_are_missing(cleaned):
    stated, filled = cleaned(
        {"national_id": "11010519491231002X", "birth_date": date(1949, 12, 30), "sex": "男"},
        {"national_id": "11010519491231002x"},
    )
    assert (stated["birth"], stated["sex"]) == ("19491230", "m")
    assert (filled["birth"], filled["sex"], filled["national_id"]) == ("19491231", "f", "11010519491231002x")


def test_a_credit_code_is_the_companys_not_a_persons(cleaned):
    row = cleaned({"national_id": "91350100M000100Y43"})[0]
    assert (row["national_id"], row["company_id"]) == (None, "91350100m000100y43")


def test_a_phone_without_country_code_is_of_the_accounts_country(cleaned):
    row = cleaned({"phone": "010-6278 1234转801", "country": "中国"})[0]
    assert (row["phone"], row["phone_kind"], row["phone_extension"]) == ("861062781234", "landline", "801")


def test_a_chinese_address_is_the_same_however_it_is_cut(cleaned):
    rows = cleaned(
        {"address_1": "广东省深圳市南山区科技路1号"},
        {"address_1": "深圳南山科技路１号"},
        {"state": "粤", "city": "深圳", "suburb": "南山区", "address_1": "科技路", "street_number": "1"},
        {"state": "廣東", "city": "深圳市", "address_1": "南山科技路1號"},
    )
    fields = ("region", "city", "suburb", "street", "house")
    assert {tuple(row[name] for name in fields) for row in rows} == {("广东", "深圳", "南山", "科技路", "1")}


def test_a_house_number_is_taken_from_the_street_where_it_has_no_field(cleaned):
    first, last, own_field = cleaned(
        {"address_1": "12 King Street"},
        {"address_1": "Hauptstr. 12a"},
        {"address_1": "2 King St", "street_number": "7"},
    )
    assert (first["street"], first["house"]) == ("kingstreet", "12")
    assert (last["street"], last["house"]) == ("hauptstr", "12a")
    assert (own_field["street"], own_field["house"]) == ("2kingst", "7")


def test_an_account_without_a_usable_field_has_no_fingerprint(cleaned):
    actual = cleaned({}, {"surname": "test", "sex": "m"}, {"surname": "Ng"})
    assert [row["record_hash"] is None for row in actual] == [True, True, False]


def test_a_change_of_any_field_changes_the_fingerprint_and_the_rows_order_does_not(cleaned, rules, settings):
    before, after = cleaned({"surname": "Ng"}), cleaned({"surname": "Ng", "given_name": "Bob"})
    assert before[0]["record_hash"] != after[0]["record_hash"]
    rows = table({"surname": "Ng"}, {"surname": "Lee"})
    one, other = (cleaning.clean(rows.take(order), rules, settings.junk, NIGHT, "key") for order in ([0, 1], [1, 0]))
    assert one.to_pylist() == other.take([1, 0]).to_pylist()


def test_spark_gives_the_same_rows(spark, rules, settings):
    rows = table(
        *[{"full_name": text, "phone": text, "address_1": text, "email": text} for text in JUNGLE],
        {"full_name": "王小明", "birth_date": date(1980, 1, 2), "is_lead": None},
    )
    here = cleaning.clean(rows, rules, settings.junk, NIGHT, "key").to_pylist()
    there = cleaning.records(spark.createDataFrame(rows), rules, settings.junk, NIGHT, "key")
    assert sorted((row.asDict() for row in there.collect()), key=lambda row: row["account_id"]) == sorted(
        here, key=lambda row: row["account_id"]
    )


def test_rules_are_sent_to_other_machines_whole(rules: Rules):
    import pickle

    assert pickle.loads(pickle.dumps(rules)).nickname_roots["bob"] == "robert"
