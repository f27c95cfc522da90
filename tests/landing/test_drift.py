"""Each way in which a delivery can differ from those before it has one outcome, and none is silent."""

from datetime import date
from pathlib import Path

import pytest

from lakehouse.config.drift import Drift
from lakehouse.ops import tables as ops_tables
from tests.landing.conftest import Company
from tests.landing.drift_cases import CASES, EXPORT, Case, as_it_is, each, rows, table

NIGHT = date(2024, 3, 9)


@pytest.fixture
def shop(company: Company) -> Company:
    """A company with three days of orders in the drop zone."""
    company.export("orders", text=EXPORT.replace("{", "{{").replace("}", "}}"))
    for day in (1, 2, 3):
        company.drop(f"2024-03-0{day}/orders_{day}.csv", as_it_is(rows(day)))
    return company


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_a_drift_has_the_outcome_that_the_docs_say(shop: Company, case: Case) -> None:
    assert {event["state"] for event in shop.night(date(2024, 3, 3))} == {"received"}
    shop.drop("2024-03-04/orders_4.csv", case.file(rows(4)))

    (event,) = shop.night(NIGHT)

    said = " | ".join([event["reason"] or "", event["remedy"] or "", *(event["remarks"] or ())])
    assert event["state"] == case.state, said
    for words in case.told:
        assert words in said
    if not case.told:
        assert "differs" not in said


def test_files_of_one_night_are_held_against_each_other_in_their_order(shop: Company) -> None:
    shop.drop("2024-03-04/orders_4.csv", each(price=lambda v: f'"{v.replace(".", ",")}"')(rows(4)))
    states = {event["path"][-5:]: event["state"] for event in shop.night(NIGHT)}
    assert states == {"1.csv": "received", "2.csv": "received", "3.csv": "received", "4.csv": "refused"}


def test_a_refused_file_is_taken_once_a_person_says_from_which_day_the_change_is_right(shop: Company) -> None:
    changed = each(price=lambda v: str(round(float(v) * 100)))
    shop.drop("2024-03-04/orders_4.csv", changed(rows(4)))
    shop.night(date(2024, 3, 4))

    more = "drift: {usual_from: 2024-03-04}"
    shop.export("orders", text=(EXPORT + more).replace("{", "{{").replace("}", "}}"))
    shop.drop("2024-03-05/orders_5.csv", changed(rows(5)))
    shop.drop("2024-03-06/orders_6.csv", as_it_is(rows(6)))
    later = {event["path"][-5:]: event["state"] for event in shop.night(NIGHT)}

    assert later == {
        "4.csv": "received",
        "5.csv": "received",
        "6.csv": "refused",
    }  # the guard stays, with the new usual


def test_a_policy_of_the_export_takes_what_it_names(shop: Company) -> None:
    more = "drift: {unit_changed: take, date_form_changed: warn, ignore: [city]}"
    shop.export("orders", text=(EXPORT + more).replace("{", "{{").replace("}", "}}"))
    drifted = each(
        price=lambda v: str(round(float(v) * 100)),
        city=lambda _: "12",
        birth_date=lambda v: v.replace("/", "."),
    )
    shop.drop("2024-03-04/orders_4.csv", drifted(rows(4)))
    *_, event = shop.night(NIGHT)
    (remark,) = event["remarks"]
    assert (event["state"], "birth_date writes dates" in remark) == ("received", True)


def test_what_is_kept_of_a_file_holds_no_value_and_no_hash_of_a_personal_one(shop: Company) -> None:
    shop.night(NIGHT)
    kept = ops_tables.read(shop.lake().path("ops.column_profiles"))
    assert {row["column"] for row in kept if row["sketch"]} >= {"city", "channel", "price"}
    personal = [row for row in kept if row["column"] in ("email", "given_name", "surname", "birth_date")]
    assert [row for row in personal if row["sketch"] or row["deciles"]] == []
    assert not any(name in str(kept) for name in ("Anna", "Meyer", "mail.example", "Köln"))


def test_a_refused_file_leaves_no_copy_in_the_lake_and_is_not_asked_about_twice(shop: Company) -> None:
    shop.drop("2024-03-04/orders_4.csv", each(price=lambda _: "pending")(rows(4)))
    shop.night(NIGHT)
    copies = list((shop.folder / "lake" / "landing").glob("*.csv"))
    assert (len(copies), shop.night(date(2024, 3, 10))) == (3, [])


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_rows_are_too_few_to_differ(shop: Company, count: int) -> None:
    shop.drop("2024-03-04/orders_4.csv", each(price=lambda _: "pending")(rows(4)[:count]))
    *_, event = shop.night(NIGHT)
    assert event["state"] == "received"


def test_the_docs_show_these_cases_and_every_key_of_the_policy() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "drift.md").read_text()
    assert table() in page
    told = {case.outcome for case in CASES if case.outcome}
    assert told == set(Drift.model_fields) - {"usual_from", "ignore"}
