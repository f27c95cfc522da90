"""Which questions a steward gets, and which first."""

import pytest

from benchmarks import questions
from jobs.identity.grouping.groups import TORN
from jobs.identity.persistent_ids.review import MANY
from tests.identity.nights import Company
from tests.identity.test_keys_as_evidence import CONF, NIGHT, People, reasons


def after_a_night(people, values=None, conf=CONF, decided=()):
    company = Company(conf)
    company.values = values or {}
    for left, right, decision in decided:
        company.decide(left, right, decision, NIGHT)
    company.night(people.accounts, NIGHT)
    return company


def test_an_account_that_fits_two_that_were_decided_apart_is_a_question():
    people = People(51)
    people.unrelated_people(60)
    one = people.person()
    first, second, torn = people.account(one), people.account(one, "crm"), people.account(one, "web")
    company = after_a_night(people, decided=[(first, second, "never")])
    asked = {*reasons(company, first, torn), *reasons(company, second, torn)}
    assert asked == {TORN}
    company = after_a_night(people, decided=[(first, second, "never"), (first, torn, "same")])
    assert not {*reasons(company, first, torn), *reasons(company, second, torn)}


def test_a_customer_of_unusually_many_accounts_is_a_question_until_confirmed():
    people = People(52)
    people.unrelated_people(60)
    one = people.person()
    accounts = [people.account(one, f"shop{number}") for number in range(56)]
    company = after_a_night(people)
    (question,) = [q for q in company.review if q["reason"] == MANY]
    assert question["account_count"] == 56
    assert (question["subject"], question["change_if_decided"]) == ("cluster", "never")
    confirmed = [(accounts[0], other, "same") for other in accounts[1:]]
    assert MANY not in {q["reason"] for q in after_a_night(people, decided=confirmed).review}


def test_people_with_two_state_numbers_and_two_given_names_are_no_question():
    people = People(53)
    people.unrelated_people(60)
    one = people.person(national_id="501771234", birth=None)
    other = {**one, "given": people.person()["given"], "national_id": "889013377"}
    slip = {**one, "national_id": "743119028"}
    ends = [people.account(person, channel) for person, channel in ((one, "shop"), (other, "crm"), (slip, "web"))]
    company = after_a_night(people)
    assert not reasons(company, ends[0], ends[1])
    assert "national_id" in reasons(company, ends[0], ends[2])


def test_of_two_like_questions_that_about_the_better_customer_comes_first():
    people = People(54)
    people.unrelated_people(60)
    asked = []
    for _ in range(2):
        one = people.person(national_id=str(people.draw.randrange(10**8, 10**9)))
        other = {**one, "national_id": str(people.draw.randrange(10**8, 10**9))}
        asked.append((people.account(one), people.account(other, "crm")))
    for better in asked:
        company = after_a_night(people, values=dict.fromkeys(better, 90000))
        first = min(company.review, key=lambda q: q["priority"])
        assert {first["account_id_left"], first["account_id_right"]} == set(better)
        assert first["value_cents"] == 180_000
    assert sorted(q["priority"] for q in company.review) == list(range(1, len(company.review) + 1))


@pytest.mark.slow
def test_most_of_the_first_hundred_questions_touch_a_customer_that_is_wrong():
    for name, asked, customer_of, person_of in questions.made_up(7):
        wrong = questions.wrong_customers(customer_of, person_of)
        first = sorted((q for q in asked if q["subject"] != "value"), key=lambda q: q["priority"])[:100]
        hits = sum(bool({q["customer_id_left"], q["customer_id_right"]} & wrong) for q in first)
        assert hits >= min(questions.LEAST_SHARE * len(first), 0.9 * len(wrong)), name
