"""silver.customers: newest record per account, accounts of events, personal keys."""

from datetime import date

from tests.silver.conftest import FIRST, SECOND, THIRD, target, till

AT = "2017-10-01 09:00:00"


def cards(company) -> None:
    columns = {"given_name": "clean(name)", "birth_date": "try_to_date(born)", "updated_at": "try_to_timestamp(at)"}
    company.export("cards", "pos", "card name born at", target("silver.customers", **columns), account={"key": "card"})


def test_a_record_that_its_export_marks_deleted_is_gone_until_it_comes_back(company):
    columns = {"given_name": "clean(name)", "_deleted": "state = 'closed'"}
    company.export("cards", "pos", "card name state", target("silver.customers", **columns), account={"key": "card"})
    lines = {FIRST: (("1", "Ada", ""), ("2", "Bo", "")), SECOND: (("1", "Ada", "closed"),), THIRD: (("1", "Ada", ""),)}
    there = []
    for night, rows in lines.items():
        company.land("cards", night, "a.csv", *rows)
        company.run("customers", night)
        there.append(company.rows("silver.customers", "account_id"))
    assert there == [[("pos:1",), ("pos:2",)], [("pos:2",)], [("pos:1",), ("pos:2",)]]


def test_a_record_that_left_a_whole_list_is_gone(company):
    columns = {"given_name": "clean(name)"}
    to_cards = target("silver.customers", **columns)
    company.export("cards", "pos", "card name", to_cards, account={"key": "card"}, snapshot=True)
    company.land("cards", FIRST, "a.csv", ("1", "Ada"), ("2", "Bo"))
    company.run("customers", FIRST)
    company.land("cards", SECOND, "b.csv", ("2", "Bo"))
    company.run("customers", SECOND)
    assert company.rows("silver.customers", "account_id") == [("pos:2",)]


def test_the_newest_record_by_its_own_time_wins_and_an_equal_one_changes_nothing(company):
    cards(company)
    company.land(
        "cards", FIRST, "a.csv", ("c1", "new", "", "2017-02-01"), ("c1", "old", "", "2017-01-01"), ("c2", "b", "", "")
    )
    company.run("customers", FIRST)
    company.land("cards", SECOND, "b.csv", ("c1", "late", "", "2016-01-01"), ("c2", "b", "", ""), ("c3", "c", "", ""))

    company.run("customers", SECOND)

    assert company.rows("silver.customers", "account_id", "given_name", "_run_date") == [
        ("pos:c1", "new", FIRST),
        ("pos:c2", "b", FIRST),
        ("pos:c3", "c", SECOND),
    ]
    assert company.account("silver.customers")["discarded"] == {"superseded": 1, "exact_duplicate": 1}


def test_a_personal_key_is_hashed_in_the_account_and_raw_in_one_column_only(company):
    company.export(
        "mail",
        "email",
        "address",
        target("silver.customers", email="address"),
        target("silver.consents", purpose="'newsletter'", is_granted="true"),
        account={"key": "address", "personal": True},
    )
    company.land("mail", FIRST, "a.csv", ("emma@mail.example",))

    for table in ("consents", "customers"):
        company.run(table, FIRST)

    [(account, key)] = company.rows("silver.customers", "account_id", "account_key")
    assert key == "emma@mail.example"
    assert account.startswith("email:")
    assert "emma" not in account
    assert company.rows("silver.consents", "account_id") == [(account,)]


def test_an_account_seen_only_in_events_has_a_row_until_its_record_comes(company):
    cards(company)
    till(company)
    company.land(
        "till",
        FIRST,
        "t.csv",
        ("c1", "s1", "7", "p1", "1", "1", AT),
        ("c2", "s1", "8", "p1", "1", "1", AT),
        ("", "s1", "9", "p1", "1", "1", AT),
    )
    company.land("cards", FIRST, "a.csv", ("c1", "a", "", ""))
    for table in ("orders", "customers"):
        company.run(table, FIRST)
    before = company.rows("silver.customers", "account_id", "channel", "is_event_only", "given_name")
    company.land("cards", SECOND, "b.csv", ("c2", "b", "", ""))

    company.run("customers", SECOND)

    assert before == [("pos:c1", "pos", False, "a"), ("pos:c2", "pos", True, None)]
    assert company.rows("silver.customers", "account_id", "is_event_only", "given_name") == [
        ("pos:c1", False, "a"),
        ("pos:c2", False, "b"),
    ]


def test_a_company_without_customer_files_has_the_accounts_of_its_orders(company):
    till(company)
    company.land("till", FIRST, "t.csv", ("c1", "s1", "7", "p1", "1", "1", AT))
    for table in ("orders", "customers"):
        company.run(table, FIRST)
    company.land("till", SECOND, "u.csv", ("c9", "s1", "10", "p1", "1", "1", AT))

    for table in ("orders", "customers"):
        company.run(table, SECOND)

    assert company.rows("silver.customers", "account_id", "is_event_only") == [("pos:c1", True), ("pos:c9", True)]


def test_a_birth_date_that_nobody_can_have_is_flagged(company):
    cards(company)
    company.land("cards", FIRST, "a.csv", ("c1", "a", "1066-10-14", ""), ("c2", "b", "1990-01-02", ""))

    company.run("customers", FIRST)

    assert company.rows("silver.customers", "birth_date", "quality_flags") == [
        (date(1066, 10, 14), ["birth_date_impossible"]),
        (date(1990, 1, 2), []),
    ]


def buyers(company) -> None:
    """Customers known from lines of sales."""
    names = {"given_name": "max(clean(given))", "surname": "max(clean(family))"}
    to_customers = target("silver.customers", _group_by=["card"], **names)
    company.export("till", "pos", "card given family", to_customers, account={"key": "card"})


def test_a_customers_name_is_what_most_lines_of_all_deliveries_say_whatever_the_newest_says(company):
    buyers(company)
    company.land("till", FIRST, "a.csv", *[("1", "Ada", "Keller")] * 3, ("1", "Zoe", "Test"), ("2", None, None))
    company.run("customers", FIRST)
    company.land("till", SECOND, "b.csv", *[("1", "Zoe", "Test")] * 2, ("2", "Bo", "Ek"))
    company.run("customers", SECOND)
    even = company.rows("silver.customers", "account_id", "given_name", "surname")
    company.land("till", THIRD, "c.csv", ("1", "Zoe", "Test"))
    company.run("customers", THIRD)
    nightly = company.rows("silver.customers", "account_id", "given_name", "surname", "name_counts")

    company.run("customers", THIRD, code="code-2")

    assert even == [("pos:1", "Ada", "Keller"), ("pos:2", "Bo", "Ek")]  # three lines each: the first in the alphabet
    assert nightly[0][1:3] == ("Zoe", "Test")
    assert company.rows("silver.customers", "account_id", "given_name", "surname", "name_counts") == nightly
