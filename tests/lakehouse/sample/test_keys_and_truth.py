"""The keys give nothing away, and what would give it away lies outside the drop zone."""

import re
from pathlib import Path

import pytest

from lakehouse.sample import SampleSummary
from tests.lakehouse.sample.conftest import Query

KEY_FORMS = {
    "pos": r"LC\d{8}",
    "eshop": r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f-]{21}",
    "email": r"[a-z.]+\d+@mail\.example",
    "phone": r"041\d{7}",
    "app": r"[0-9a-f]{32}",
    "erp": r"K-\d{5}",
    "lead_list": r"L\d{6}",
    "web_leads": r"W\d{6}",
    "delivery": r"D\d{6}",
}
KEYS = {
    "pos": "SELECT card_no FROM pos_cards",
    "eshop": "SELECT account_uuid::VARCHAR FROM eshop_accounts",
    "email": "SELECT address FROM email_subscribers",
    "phone": "SELECT phone FROM call_contacts",
    "app": "SELECT device_hash FROM app_profiles",
    "erp": "SELECT customer_no FROM erp_customers",
    "lead_list": "SELECT lead_id FROM lead_list",
    "web_leads": "SELECT lead_id FROM web_leads",
    "delivery": "SELECT contact_no FROM delivery_contacts",
}


def test_the_truth_lies_beside_the_drop_zone_and_never_inside(company: SampleSummary) -> None:
    assert company.truth == company.drop.parent / "truth"
    assert sorted(path.name for path in company.truth.iterdir()) == ["accounts.csv", "homes.csv", "households.csv"]
    assert not [path for path in company.drop.rglob("*") if "truth" in path.name]


def test_16000_accounts_are_7500_people_in_12038_pairs_without_the_delivery_service(query: Query) -> None:
    published = "FROM truth_accounts WHERE channel <> 'delivery'"
    assert query(f"SELECT count(*), count(DISTINCT (channel, channel_key)) {published}") == [(16_000, 16_000)]
    sizes = f"SELECT person_id, count(*) n {published} GROUP BY person_id"
    assert query(f"SELECT count(*), sum(n * (n - 1) / 2)::INT FROM ({sizes})") == [(7_500, 12_038)]


def test_the_delivery_services_contacts_add_270_people(query: Query) -> None:
    sizes = "SELECT person_id, count(*) n FROM truth_accounts GROUP BY person_id"
    assert query(f"SELECT sum(n), count(*), sum(n * (n - 1) / 2)::INT FROM ({sizes})") == [(16_473, 7_770, 12_481)]


def test_people_of_a_home_are_several_and_share_what_its_kind_says(query: Query) -> None:
    kinds = "SELECT kind, count(DISTINCT home_id), count(*) FROM truth_homes GROUP BY kind ORDER BY kind"
    assert query(kinds) == [("couple", 47, 94), ("family", 37, 120), ("firm", 13, 70), ("flat", 37, 93)]
    shared = query(f"""
        SELECT kind, {", ".join(f"max({name})" for name in ("places", "phones", "emails", "surnames"))},
               min(people), min(surnames)
        FROM (SELECT home_id, kind, count(DISTINCT person_id) people, count(DISTINCT phone) phones,
                     count(DISTINCT email) emails, count(DISTINCT surname) surnames,
                     count(DISTINCT concat_ws('|', street_number, address_1, address_2, postcode)) places
              FROM delivery_contacts JOIN truth_accounts ON channel = 'delivery' AND channel_key = contact_no
              JOIN truth_homes USING (person_id) GROUP BY home_id, kind) GROUP BY kind""")
    found = {kind: (places, phones, emails) for kind, places, phones, emails, *_ in shared}
    assert found == {"couple": (1, 1, 2), "family": (1, 1, 1), "flat": (1, 3, 3), "firm": (1, 1, 1)}
    assert {kind: people >= 2 for kind, *_, people, _ in shared} == dict.fromkeys(found, True)
    assert next(most for kind, _, _, _, most, *_ in shared if kind == "family") == 1
    assert next(least for kind, *_, least in shared if kind == "couple") == 2


def test_the_published_people_and_their_keys_are_as_without_the_delivery_service(query: Query) -> None:
    assert query("SELECT address FROM email_subscribers ORDER BY 1 LIMIT 1")[0][0].endswith("@mail.example")
    assert query("SELECT count(*) FROM truth_households WHERE channel = 'delivery'") == [(121,)]


def test_every_household_is_one_person(query: Query) -> None:
    joined = "truth_households JOIN truth_accounts USING (channel, channel_key)"
    counts = ", ".join(f"count(DISTINCT {what})" for what in ("household_id", "person_id", "(household_id, person_id)"))
    assert query(f"SELECT {counts} FROM {joined}") == [(2_469, 2_469, 2_469)]


@pytest.mark.parametrize("channel", KEYS)
def test_the_truth_has_exactly_the_keys_as_exported(query: Query, channel: str) -> None:
    truth = query(f"SELECT channel_key FROM truth_accounts WHERE channel = '{channel}' ORDER BY 1")
    assert truth == sorted(query(KEYS[channel]))
    assert all(re.fullmatch(KEY_FORMS[channel], key) for (key,) in truth)


@pytest.mark.parametrize("channel", ["pos", "email", "erp", "lead_list", "web_leads"])
def test_a_running_number_says_nothing_about_the_person(query: Query, channel: str) -> None:
    person = "regexp_extract(person_id, '-(\\d+)$', 1)::INT"
    number = r"regexp_extract(channel_key, '(\d+)(@.*)?$', 1)::INT"
    [(correlation, equal)] = query(f"""
        SELECT corr({person}, {number}), count(*) FILTER ({person} = {number})
        FROM truth_accounts WHERE channel = '{channel}' AND person_id NOT LIKE 'febrl1%'""")
    assert abs(correlation) < 0.2 if channel == "erp" else abs(correlation) < 0.07
    assert equal <= 5  # by chance about one


def test_no_export_has_the_record_id_of_the_benchmark(company: SampleSummary) -> None:
    text = [path for path in company.drop.glob("*/*") if path.suffix in (".csv", ".jsonl")]
    assert not [path.name for path in text if b"-org" in path.read_bytes() or b"-dup-" in path.read_bytes()]


def test_an_account_comes_no_later_than_its_first_basket(company: SampleSummary) -> None:
    cards: set[str] = set()
    for folder in sorted(company.drop.iterdir()):
        cards |= first_column(folder, "pos_cards_*.csv")
        assert first_column(folder, "pos_sales_*.csv") <= cards, folder.name


def first_column(folder: Path, files: str) -> set[str]:
    lines = [line for path in folder.glob(files) for line in path.read_text().splitlines()[1:]]
    return {line.split(",", 1)[0] for line in lines}
