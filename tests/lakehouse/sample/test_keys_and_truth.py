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
}


def test_the_truth_lies_beside_the_drop_zone_and_never_inside(company: SampleSummary) -> None:
    assert company.truth == company.drop.parent / "truth"
    assert sorted(path.name for path in company.truth.iterdir()) == ["accounts.csv", "households.csv"]
    assert not [path for path in company.drop.rglob("*") if "truth" in path.name]


def test_16000_accounts_are_7500_people_in_12038_pairs(query: Query) -> None:
    accounts = "SELECT count(*), count(DISTINCT (channel, channel_key)) FROM truth_accounts"
    assert query(accounts) == [(16_000, 16_000)]
    sizes = "SELECT person_id, count(*) n FROM truth_accounts GROUP BY person_id"
    assert query(f"SELECT count(*), sum(n * (n - 1) / 2)::INT FROM ({sizes})") == [(7_500, 12_038)]


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
