"""Accounts that end: each is retired with its day, and who comes back under a key is its old holder or somebody new."""

from datetime import timedelta

import pytest

from tests.identity.test_keys_as_evidence import NIGHT, People, customers

DAY = timedelta(days=1)


def ended(company, on):
    """Account -> customer of the accounts that were retired on a day."""
    rows = [
        row for row in company.moves.to_pylist() if row["run_date"] == on and row["event"] in ("retired", "renumbered")
    ]
    assert all(row["fingerprint"] for row in rows)
    assert all((row["to_customer_id"] == "") == (row["event"] == "retired") for row in rows)
    return {row["account_id"]: row["from_customer_id"] for row in rows}


def night(company, people, without, number):
    company.night([a for a in people.accounts if a["account_id"] not in without], NIGHT + number * DAY)
    return company.ids()


def couple_of_accounts(people):
    one = people.person()
    return people.account(one), people.account(one, "crm")


def test_an_account_that_is_gone_is_retired_with_its_day_though_its_customer_lives_on():
    people = People(21)
    people.unrelated_people(40)
    first, last = couple_of_accounts(people)
    before, company = customers(people)
    after = night(company, people, {first}, 1)
    assert ended(company, NIGHT + DAY) == {first: before[first]}
    assert after[last] == before[last]
    assert company.events(NIGHT + DAY) == []


def test_a_key_that_was_absent_for_a_night_has_its_customer_again_also_without_the_one_that_founded_it():
    people = People(22)
    people.unrelated_people(40)
    first, last = couple_of_accounts(people)
    before, company = customers(people)
    night(company, people, {first, last}, 1)
    after = night(company, people, {first}, 2)
    assert after[last] == before[last] == before[first]
    assert company.events(NIGHT + 2 * DAY) == [(before[last], "restored", "", "new account")]
    assert night(company, people, set(), 3)[first] == before[first]


def test_who_comes_under_a_key_that_was_absent_and_shares_nothing_with_its_old_holder_is_no_heir():
    people = People(23)
    people.unrelated_people(40)
    key = people.account(people.person())
    before, company = customers(people)
    night(company, people, {key}, 1)
    people.accounts = [a for a in people.accounts if a["account_id"] != key]
    people.accounts.append({**people.person(), "account_id": key})
    assert night(company, people, set(), 2)[key] != before[key]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_absent_on_whichever_nights_comes_back_to_its_customer(seed):
    people = People(30 + seed)
    people.unrelated_people(25)
    accounts = [a["account_id"] for a in people.accounts]
    before, company = customers(people)
    there = set(accounts)
    for number in range(1, 5):
        absent = {a for a in accounts if people.draw.random() < 0.3} if number < 4 else set()
        after = night(company, people, absent, number)
        assert set(ended(company, NIGHT + number * DAY)) == there - set(after)
        assert {a: after[a] for a in after} == {a: before[a] for a in after}
        there = set(after)
