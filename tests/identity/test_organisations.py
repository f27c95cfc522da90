"""Organisations are a graph of their own."""

from datetime import date

from jobs.identity import organisations
from tests.identity.test_customer_map import night

FIRST = date(2017, 10, 1)
FIRM = {"company": "Muster GmbH", "postcode": "8000", "address_1": "Bahnhofstrasse", "street_number": "1"}


def test_a_company_at_one_place_is_an_organisation_and_no_person(lake, silver, people, settings):
    accounts = [
        {**FIRM, "account_id": "erp:1"},
        {**FIRM, "account_id": "erp:2", "company": "MUSTER Gmbh.", "given_name": "Nora", "surname": "Meyer"},
        {**FIRM, "account_id": "erp:3"},
        {**FIRM, "account_id": "erp:4", "company": "Other Ltd"},
        {"account_id": "erp:5", "company": "muster", "postcode": "1000"},
    ]
    night(lake, silver([*people, *accounts]), FIRST, settings)
    for _ in range(2):
        organisations.run(lake.for_job("identity.organisations", "h"), FIRST, settings)
        rows = lake.for_job("test", "h").read("identity.organisations").collect()
    by_account = {row.account_id: row for row in rows}
    assert len({by_account[f"erp:{n}"].organisation_id for n in (1, 2, 3)}) == 1
    assert len({row.organisation_id for row in rows}) == 3  # another name there, the same name elsewhere
    assert {a: row.is_person for a, row in by_account.items()} == {f"erp:{n}": n == 2 for n in range(1, 6)}
    assert len({row.customer_id for row in rows}) == 5  # the same firm is not the same person
