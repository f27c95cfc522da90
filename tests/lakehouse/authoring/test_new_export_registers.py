"""Registers of people who want no mail or calls: bare lists whose file's name alone says what they are."""

import pytest

from tests.lakehouse.authoring.test_new_export_kinds import tried

MAILS = [f"r{at}@mail.example" for at in range(8)]
PHONES = [f"+1 212 555 01{at:02d}" for at in range(8)]


def refusals(made) -> list[bool]:
    return [bool(granted) for granted in made.rows("consents")["is_granted"]]


@pytest.mark.parametrize(
    "name",
    ["robinsonliste.csv", "unsubscribed_2024.txt", "Sperrliste Abmeldungen.csv", "do_not_call.csv", "退订名单.csv"],
)
def test_a_bare_list_of_addresses_named_as_a_register_refuses_marketing(tmp_path, name):
    made = tried(tmp_path, MAILS, name)

    assert refusals(made) == [False] * 8
    assert made.asks("refuse")


def test_a_register_of_phone_numbers_refuses_from_the_day_that_it_names(tmp_path):
    rows = [f"{phone},2024-01-{at + 1:02d}" for at, phone in enumerate(PHONES)]

    made = tried(tmp_path, ["Phone,Date added", *rows], "do_not_call.csv")

    assert refusals(made) == [False] * 8
    assert str(made.rows("consents")["recorded_at"].min())[:10] == "2024-01-01"


def test_a_register_with_a_number_and_a_reason_is_a_register(tmp_path):
    rows = [f"{at};{mail};Abmeldung" for at, mail in enumerate(MAILS)]

    made = tried(tmp_path, ["Nr;E-Mail-Adresse;Grund", *rows], "Sperrliste.csv")

    assert refusals(made) == [False] * 8


def test_who_left_a_list_has_not_consented_on_the_day_on_which_they_had_joined_it(tmp_path):
    rows = [f"{mail},Ada,Moe,2023-01-0{at + 1} 10:00:00,2024-02-0{at + 1} 10:00:00" for at, mail in enumerate(MAILS)]

    made = tried(
        tmp_path,
        ["Email Address,First Name,Last Name,OPTIN_TIME,UNSUB_TIME", *rows],
        "unsubscribed_members_export_ab12.csv",
    )

    assert refusals(made) == [False] * 8


def test_a_bare_list_of_addresses_without_such_a_name_asks_what_its_people_want(tmp_path):
    made = tried(tmp_path, MAILS, "addresses.csv")

    assert made.tables == ["customers"]
    assert made.asks("addresses.csv")


def test_a_list_with_answers_of_its_own_is_read_by_them(tmp_path):
    rows = [f"K{at},Ada,Moe,{mail},{'Yes' if at < 3 else 'No'}" for at, mail in enumerate(MAILS)]

    made = tried(tmp_path, ["Customer No,First,Last Name,Email,Unsubscribed", *rows], "unsubscribes.csv")

    assert sorted(refusals(made)) == [False] * 3 + [True] * 5


def test_numbers_and_days_apart_by_spaces_are_no_list_of_phone_numbers(tmp_path):
    rows = [f"{at % 3 + 1:05d} 199701{at + 1:02d} {at + 1} {11 + at}.77" for at in range(12)]

    made = tried(tmp_path, rows, "cdnow.txt")

    assert made.tables[0] == "orders"
