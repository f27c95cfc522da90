"""Whose clock a customer lives by (zones of contact_policy.yaml): country first, a state within it alone."""

import pytest

from jobs.activation import decisions
from jobs.activation.contact import clocks
from jobs.activation.settings.contact_policy import Settings
from lakehouse.config.layers import Conf
from lakehouse.config.time_zones import countries_of
from lakehouse.errors import ConfigError
from lakehouse.sql.query import Query
from tests.activation.small_company import CONF, Nights, policy, rows

AMERICA = {
    "US": "America/New_York",
    "US/CA": "America/Los_Angeles",
    "CA": "America/Toronto",
    "CA/BC": "America/Vancouver",
}


def clock(zones: dict[str, str], state: str | None, country: str | None) -> str | None:
    """The zone of one customer of such an address; None is the company's."""
    golden = rows("identity.golden_customers", [{"customer_id": "c", "state": state, "country": country}])
    known = clocks.tables(policy(zones=zones), CONF) | {"golden_customers": golden}
    sql = f"SELECT {clocks.ZONE} AS zone FROM {{golden_customers}} g {clocks.JOINS}"
    (zone,) = Nights().fetch(Query(sql, known, answers="zone STRING"))["zone"].to_pylist()
    return zone


@pytest.mark.parametrize(
    ("state", "country", "zone"),
    [
        ("CA", "US", "America/Los_Angeles"),
        ("CA", "United States", "America/Los_Angeles"),
        ("ca", " usa ", "America/Los_Angeles"),
        ("NY", "US", "America/New_York"),
        (None, "CA", "America/Toronto"),
        ("ON", "Canada", "America/Toronto"),
        ("BC", "CA", "America/Vancouver"),
        ("CA", None, "America/Los_Angeles"),  # only one country's state is told that is written so
        ("CA", "IT", None),  # Cagliari
        ("CA", "Atlantis", None),
        (None, None, None),
    ],
)
def test_california_is_not_canada(state, country, zone):
    assert clock(AMERICA, state, country) == zone


def test_a_state_without_a_country_belongs_to_the_zones_country():
    zones = {"QLD": "Australia/Brisbane", "AU": "Australia/Sydney"}
    assert clock(zones, "QLD", None) == clock(zones, "QLD", "Australia") == "Australia/Brisbane"
    assert clock(zones, "QLD", "NZ") is None
    assert clock(zones, "NSW", "AU") == "Australia/Sydney"


def test_a_state_that_two_countries_have_is_neither_without_one():
    zones = {"AU/WA": "Australia/Perth", "US/WA": "America/Los_Angeles"}
    assert clock(zones, "WA", None) is None
    assert clock(zones, "WA", "AU") == "Australia/Perth"


def test_a_country_in_words_of_its_own_is_taken_as_addresses_write_it():
    assert clock({"Sverige": "Europe/Stockholm"}, None, "sverige") == "Europe/Stockholm"
    assert clock({"Deutschland": "Europe/Berlin"}, None, "Germany") == "Europe/Berlin"


@pytest.mark.parametrize("key", ["CA", "Canada"])
def test_a_country_with_a_zone_of_another_is_refused_with_what_to_write(key, tmp_path):
    (tmp_path / "contact_policy.yaml").write_text(f"zones: {{{key}: America/Los_Angeles}}\n")
    with pytest.raises(ConfigError) as refused:
        Conf([tmp_path]).settings("contact_policy", Settings)
    said = str(refused.value)
    assert f"{key} is a country (CA), and America/Los_Angeles is none of its zones" in said
    assert f"COUNTRY/{key}" in said


def test_former_names_of_zones_are_of_the_same_country():
    assert countries_of("US/Pacific") == {"US"}
    assert countries_of("Asia/Calcutta") == {"IN"}
    assert "LI" in countries_of("Europe/Zurich")


def test_how_many_live_where_no_zone_is_told_is_noted():
    golden = [
        {"customer_id": "a", "country": "IT", "state": "CA"},
        {"customer_id": "b", "country": "US", "state": "CA"},
        {"customer_id": "c"},
    ]
    lake = Nights(CONF, golden_customers=rows("identity.golden_customers", golden))
    decisions.note_clocks(lake, policy(zones=AMERICA))
    (note,) = lake.notes
    assert "has no clock: 1; the company's" in note
