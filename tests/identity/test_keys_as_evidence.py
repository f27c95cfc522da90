"""Keys are evidence, not commands: cards that are lent, mailboxes of couples, words in a number's place."""

import random
from datetime import date

import pytest

from jobs.identity.cleaners import junk
from jobs.identity.grouping import deterministic, key_trust
from jobs.identity.grouping.key_trust import AGREES, DIFFERS, UNKNOWN
from jobs.identity.matching.engines import DuckDBEngine, SparkEngine
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.conftest import FAMILY, GIVEN
from tests.identity.nights import Company, cleaned

CONF = Conf().settings("identity", Settings)
NIGHT = date(2025, 2, 1)


class People:
    """Made-up people, each with their own everything, and accounts of them."""

    def __init__(self, seed):
        self.draw, self.accounts = random.Random(seed), []

    def person(self, **values):
        draw = self.draw
        given = f"{draw.choice(GIVEN)}{draw.choice(GIVEN)}"
        family = f"{draw.choice(FAMILY)}{draw.choice(FAMILY)}"
        born = f"{draw.randint(1940, 2000)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
        digits = "".join(draw.choice("0123456789") for _ in range(9))
        address = {"street": f"{draw.choice(FAMILY)}weg", "house": str(draw.randint(1, 300))}
        email = f"{given}.{family}{draw.randint(1, 9999)}@mail.example"
        return {
            "given": given,
            "family": family,
            "birth": born,
            "phone": f"4{digits}",
            "email": email,
            "postcode": str(draw.randint(10000, 99999)),
            **address,
            **values,
        }

    def account(self, person, channel="shop", **values):
        number = f"{channel}:{len(self.accounts):04}"
        self.accounts.append({**person, "account_id": number, **values})
        return number

    def unrelated_people(self, count):
        """People seen by two channels, so that a model can be learned."""
        for _ in range(count):
            person = self.person()
            self.account(person)
            self.account(person, "crm", email=None)


def customers(people, conf=CONF):
    company = Company(conf)
    company.night(people.accounts, NIGHT)
    customer_of = dict(
        zip(*(company.previous[name].to_pylist() for name in ("account_id", "customer_id")), strict=True)
    )
    return customer_of, company


def reasons(company, *accounts):
    return [q["reason"] for q in company.review if {q["account_id_left"], q["account_id_right"]} == set(accounts)]


def couple(people):
    one = people.person()
    home = {name: one[name] for name in ("family", "street", "house", "postcode")}
    return one, people.person(**home)


@pytest.mark.parametrize("key", ["loyalty_card", "verified_email", "national_id", "device"])
def test_a_couple_that_shares_a_key_is_two_customers_and_a_question(key):
    people = People(3)
    people.unrelated_people(60)
    ends = []
    for number in range(8):
        shared = {key: f"90017735{number}2"} if key != "verified_email" else {}
        mailbox = {"email": f"familie{number}@mail.example"} if key == "verified_email" else {}
        values = {**shared, **mailbox, **({"verified_email": mailbox["email"]} if mailbox else {})}
        ends.append([people.account(person, **values) for person in couple(people)])
    customer_of, company = customers(people)
    assert [customer_of[a] == customer_of[b] for a, b in ends] == [False] * 8
    assert all(f"{key} shared, given names or births differ" in reasons(company, *pair) for pair in ends)


def test_friends_who_lend_a_card_are_two_customers():
    people = People(4)
    people.unrelated_people(60)
    ends = [[people.account(people.person(), loyalty_card=f"8{n}5517390") for _ in "ab"] for n in range(10)]
    customer_of, _ = customers(people)
    assert [customer_of[a] == customer_of[b] for a, b in ends] == [False] * 10


def test_a_card_goes_on_joining_one_person_who_moved_and_has_another_mailbox():
    people = People(5)
    people.unrelated_people(60)
    ends = []
    for number in range(12):
        one = people.person(loyalty_card=f"7{number:02}551739")
        elsewhere = {name: people.person()[name] for name in ("street", "house", "postcode", "phone", "email")}
        ends.append((people.account(one), people.account({**one, **elsewhere, "birth": None})))
    customer_of, _ = customers(people)
    assert [customer_of[a] == customer_of[b] for a, b in ends] == [True] * 12


@pytest.mark.parametrize("key", ["loyalty_card", "national_id", "device"])
def test_a_value_that_unrelated_people_share_is_no_key_and_is_named_in_the_queue(key):
    people = People(6)
    people.unrelated_people(60)
    holders = [people.account(people.person(), **{key: "zentrale7"}) for _ in range(15)]
    customer_of, company = customers(people)
    assert len({customer_of[account] for account in holders}) == 15
    assert [row["field"] for row in company.frequent_values] == [key]


def test_the_mailbox_of_a_firm_joins_none_of_those_who_use_it():
    people = People(7)
    people.unrelated_people(60)
    firm = {
        "email": "info@firm.example",
        "street": "hafenstr",
        "house": "1",
        "postcode": "20095",
        "phone": "4040123456",
    }
    staff = [people.account({**people.person(), **firm, "birth": None}) for _ in range(6)]
    customer_of, company = customers(people)
    assert len({customer_of[account] for account in staff}) == 6
    assert "email" in {row["field"] for row in company.frequent_values}


def test_a_steward_stands_above_what_a_key_says():
    people = People(8)
    people.unrelated_people(60)
    one, other = [people.account(person, loyalty_card="90017735") for person in couple(people)]
    company = Company(CONF)
    decision = {"decision": "same", "decided_on": NIGHT, "steward": "s", "reason": None}
    company.decisions = [{"account_id_left": one, "account_id_right": other, **decision}]
    company.night(people.accounts, NIGHT)
    customer_of = dict(
        zip(*(company.previous[name].to_pylist() for name in ("account_id", "customer_id")), strict=True)
    )
    assert customer_of[one] == customer_of[other]
    assert not reasons(company, one, other)


@pytest.mark.parametrize("only_new", [False, True])
def test_both_engines_believe_keys_alike(spark, only_new):
    people = People(11)
    people.unrelated_people(20)
    for number in range(10):
        one, other = couple(people)
        for person in (one, other, {**one, "email": None}, {**one, "given": None}):
            people.account(person, loyalty_card=f"8{number:02}551739", device="zentrale7")
    for _ in range(4):
        people.account(people.person(), device="zentrale8")
    rows = cleaned(people.accounts, NIGHT)
    tables = {}
    for engine in (DuckDBEngine(), SparkEngine(spark)):
        engine.put("changed", rows.select(["account_id"]).slice(40, 20))
        deterministic.without_frequent_values(engine, engine.table_of("accounts", rows), CONF, rows.column_names)
        keys = deterministic.key_evidence(engine, CONF, rows.column_names, only_new)
        made = {"frequent_values": "frequent_values", **vars(keys)}
        tables[engine.name] = {
            n: sorted(map(str, engine.fetch(f"SELECT * FROM {t}").to_pylist())) for n, t in made.items()
        }
        engine.close()
    assert tables["duckdb"] == tables["spark"]
    assert all(tables["duckdb"].values())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"given": "anna"}, {"given": "anna"}, AGREES),
        ({"given": "anna"}, {"given": "bert"}, DIFFERS),
        ({"given": "anna"}, {}, UNKNOWN),
        ({"given": "j"}, {"given": "john"}, AGREES),
        ({"given": "martin"}, {"given": "matrin"}, DIFFERS),  # two edits in a short name
        ({"given": "martin"}, {"given": "martyn"}, AGREES),
        ({"given": "erik", "sex": "m"}, {"given": "erika", "sex": "f"}, DIFFERS),
        ({"given": "bell", "family": "anna"}, {"given": "anna", "family": "bell"}, AGREES),
        ({"given": "anna", "birth": "19801104"}, {"given": "anna", "birth": "19800411"}, AGREES),
        ({"given": "anna", "birth": "19530513"}, {"given": "anna", "birth": "19810303"}, DIFFERS),
        ({"birth": "19530513"}, {"birth": "19810303"}, DIFFERS),
    ],
)
def test_two_holders_are_alike_or_not(one, other, expected):
    def row(holder):
        names = ("given", "given_form", "family", "birth", "sex")
        values = {**holder, "given_form": holder.get("given")}
        return ", ".join(
            f"CAST({'NULL' if values.get(n) is None else chr(39) + values[n] + chr(39)} AS VARCHAR) AS {n}"
            for n in names
        )

    sql = f"SELECT {key_trust.likeness()} AS x FROM (SELECT {row(one)}) l, (SELECT {row(other)}) r"
    assert DuckDBEngine().fetch(sql)["x"].to_pylist() == [expected]


def test_trust_is_what_was_declared_until_holders_say_otherwise():
    none = key_trust.trust("card", (12.0, True), 0, 0, 0.01)
    assert none.is_certain
    assert round(none.bits, 3) == 12
    assert not key_trust.trust("card", (12.0, True), 50, 150, 0.01).is_certain
    lent = key_trust.trust("card", (12.0, True), 50, 150, 0.01)
    assert lent.bits < 0 < lent.bits_of_agreeing
    assert key_trust.trust("card", (12.0, True), 190, 10, 0.01).is_certain
    assert key_trust.trust("device", (3.0, False), 500, 10, 0.01).bits <= 3


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "none",
        "unknown",
        "no card",
        "keine",
        "无",
        "0",
        "000",
        "12345678",
        "9876543",
        "77777",
        "121212",
        "—",
        "Keine Angabe",
        "brak",
        "aucun",
        "不详",
        "1234567890",
    ],
)
def test_what_stands_for_unknown_is_no_key(text):
    assert junk.key_code(text, CONF.junk) is None


@pytest.mark.parametrize("text", ["90017735", "D-48 113", "A1B2C3", "10203", "2024-0117"])
def test_a_number_that_somebody_was_given_is_one(text):
    assert junk.key_code(text, CONF.junk) is not None


def test_a_key_that_is_declared_certain_and_lent_is_not_certain_any_more():
    people = People(9)
    people.unrelated_people(60)
    for number in range(40):
        for _ in "ab":
            people.account(people.person(), loyalty_card=f"8{number:02}551739")
    first = people.account({**people.person(), "given": None}, loyalty_card="90017735")
    second = people.account({**people.person(), "given": None, "birth": None}, loyalty_card="90017735")
    customer_of, _ = customers(people)
    assert customer_of[first] != customer_of[second]
