"""The best known value of each attribute and where it comes from, alike on both engines."""

import random
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from jobs.identity.golden_customers import golden_sql, golden_steps, junk_values
from jobs.identity.settings.golden_customers import Fill, Settings, Trust
from jobs.identity.settings.identity import Settings as IdentitySettings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.queries import answer
from lakehouse.sql.query import Query
from tests import both_engines

HOME = {"street_number": "12", "address_1": "Elm Street", "suburb": "Newtown", "postcode": "2042", "state": "nsw"}
AWAY = {"street_number": "7", "address_1": "Harbour Road", "suburb": "Cairns", "postcode": "4870", "state": "qld"}


def trust_of(channels: dict[str, float]) -> Trust:
    """Declared channels; others are right in 8 of 10 values."""
    return Trust(channels=channels, unmeasured=0.8, unmeasured_accounts=20)


def moment(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


class Company:
    """Accounts whose owner stands before the dot of `key`: `c1.shop` is channel shop of customer c1."""

    def __init__(self, schema: pa.Schema, conf: Conf) -> None:
        self.schema = schema
        self.settings = conf.settings("golden_customers", Settings)
        self.junk = junk_values(conf.settings("identity", IdentitySettings).junk)
        self.accounts: list[dict[str, Any]] = []

    def add_account(self, key: str, **values: Any) -> None:
        self.accounts.append({"account_id": key, "channel": key.split(".")[1], **values})

    @property
    def tables(self) -> dict[str, pa.Table]:
        """Customers and customer_map."""
        rows = [{name: account.get(name) for name in self.schema.names} for account in self.accounts]
        mapped = [
            {
                "account_id": a["account_id"],
                "channel": a["channel"],
                "customer_id": a["account_id"].split(".")[0],
                "arrived_on": date(2017, 10, 1),
            }
            for a in self.accounts
        ]
        return {"customers": pa.Table.from_pylist(rows, self.schema), "customer_map": pa.Table.from_pylist(mapped)}

    def steps(self) -> dict[str, str]:
        return golden_steps(self.settings, self.junk)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Customer -> its golden record; `sources` by attribute."""
        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            for name, table in self.tables.items():
                engine.register(name, table)
            records = answer(engine, Query(golden_sql(), self.tables, self.steps())).to_pylist()
        return {r["customer_id"]: {**r, "sources": {s["attribute"]: s for s in r["sources"] or []}} for r in records}

    def golden(self, about: str) -> tuple[Any, ...]:
        """Of customer c1: the value of an attribute, the rule, the method and the account."""
        row = self.rows()["c1"]
        source = row["sources"].get(about, {})
        return row[about], *[source.get(name) for name in ("rule", "method", "source_account_id")]


@pytest.fixture
def company(conf: Conf) -> Company:
    declared = arrow_schema(Contracts(conf)["silver.customers"])
    return Company(pa.schema([field.with_nullable(True) for field in declared]), conf)  # tests name few columns


def test_every_customer_is_there_with_its_accounts_even_without_a_value(company):
    company.add_account("c1.shop")
    company.add_account("c1.app")

    row = company.rows()["c1"]

    assert (row["surname"], row["account_count"], row["channels"]) == (None, 2, ["app", "shop"])
    assert row["first_account_id"] == "c1.app"


def test_the_most_frequent_value_survives_whatever_its_capitals(company):
    company.add_account("c1.shop", surname="Ng")
    company.add_account("c1.app", surname="Nh")
    company.add_account("c1.web", surname="NG")

    assert company.golden("surname") == ("Ng", "most_frequent", "observed", "c1.shop")


def test_of_two_spellings_the_one_that_other_customers_have_survives(company):
    company.add_account("c1.shop", surname="Smiht")
    company.add_account("c1.app", surname="Smith")
    for i in range(2, 6):
        company.add_account(f"c{i}.web", surname="Smith")

    assert company.golden("surname") == ("Smith", "most_common", "observed", "c1.app")


def test_a_declared_channel_is_trusted_over_others(company):
    company.settings = company.settings.replace(trust=trust_of({"erp": 0.97}))
    company.add_account("c1.app", birth_date=date(1980, 2, 3))
    company.add_account("c1.erp", birth_date=date(1980, 3, 2))

    assert company.golden("birth_date") == (date(1980, 3, 2), "most_trusted", "observed", "c1.erp")


def test_a_channel_that_is_mostly_outvoted_is_trusted_less_without_anyone_declaring_it(company):
    for i in range(12):
        company.add_account(f"x{i}.app", birth_date=date(1960 + i, 5, 1))
        company.add_account(f"x{i}.web", birth_date=date(1960 + i, 5, 1))
        company.add_account(f"x{i}.sloppy", birth_date=date(1960 + i, 1, 5))
    company.add_account("c1.sloppy", birth_date=date(1980, 2, 3))
    company.add_account("c1.web", birth_date=date(1980, 3, 2))

    assert company.golden("birth_date") == (date(1980, 3, 2), "most_trusted", "observed", "c1.web")


def test_the_newest_contact_address_survives(company):
    company.add_account("c1.app", email="old@x.org", updated_at=moment(2016))
    company.add_account("c1.web", email="old@x.org", registered_at=moment(2015))
    company.add_account("c1.erp", email="new@x.org", updated_at=moment(2017))

    assert company.golden("email") == ("new@x.org", "most_recent", "observed", "c1.erp")


def test_a_checked_value_survives_newer_ones(company):
    company.settings = company.settings.replace(verified={"email": ("shop",)})
    company.add_account("c1.shop", email="checked@x.org", updated_at=moment(2016))
    company.add_account("c1.erp", email="new@x.org", updated_at=moment(2017))

    assert company.golden("email") == ("checked@x.org", "verified", "observed", "c1.shop")


def test_a_confirmed_address_survives_newer_ones(company):
    company.add_account("c1.shop", email="confirmed@x.org", is_email_verified=True, updated_at=moment(2016))
    company.add_account("c1.erp", email="new@x.org", updated_at=moment(2017))

    assert company.golden("email") == ("confirmed@x.org", "verified", "observed", "c1.shop")


def test_values_that_mean_unknown_do_not_survive(company):
    company.add_account(
        "c1.shop", email="test@test.com", surname="Unknown", phone="1234567890", birth_date=date(1900, 1, 1)
    )
    company.add_account("c1.app", email="ng@x.org")

    row = company.rows()["c1"]

    assert [row[name] for name in ("email", "surname", "phone", "birth_date")] == ["ng@x.org", None, None, None]


def test_an_address_is_never_mixed_from_two_places(company):
    company.add_account("c1.shop", **HOME, updated_at=moment(2015))
    company.add_account("c1.app", **{**AWAY, "address_1": None}, updated_at=moment(2017))

    row = company.rows()["c1"]

    assert [row[name] for name in HOME] == ["7", None, "Cairns", "4870", "qld"]


def test_the_same_place_in_another_account_fills_and_corrects_the_address(company):
    company.add_account("c1.shop", **{**HOME, "suburb": "Newtwon", "state": None}, updated_at=moment(2017))
    company.add_account("c1.app", **{**HOME, "street_number": None})
    company.add_account("c1.web", suburb="Newtown", postcode="2042")

    assert company.golden("suburb") == ("Newtown", "most_frequent", "corrected_at_same_place", "c1.app")
    assert company.golden("state") == ("nsw", "only_value", "filled_at_same_place", "c1.app")


def test_names_in_each_others_fields_are_turned_when_the_company_knows_them_so(company):
    for i in range(5):
        company.add_account(f"x{i}.shop", given_name="Wei", surname="Zhang")
    company.add_account("c1.shop", given_name="Zhang", surname="Wei")
    company.add_account("c1.app", surname="Zhang")

    assert company.golden("surname")[0] == "Zhang"
    assert company.golden("given_name") == ("Wei", "only_value", "turned_names", "c1.shop")


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("Curie, Marie", ("Marie", "Curie")),
        ("Marie Sklodowska Curie", ("Marie", "Curie")),
        ("Curie", (None, "Curie")),
        (", ", (None, None)),
    ],
)
def test_a_name_in_one_field_is_split(company, full, names):
    company.add_account("c1.shop", full_name=full)

    assert (company.golden("given_name")[0], company.golden("surname")[0]) == names


def test_a_missing_value_follows_from_another_where_nearly_all_customers_agree(company):
    company.settings = company.settings.replace(
        fill=Fill(from_={"suburb": "postcode"}, least_customers=20, least_share=0.9)
    )
    for i in range(20):
        company.add_account(f"x{i}.shop", postcode="2042", suburb="Newtown")
        company.add_account(f"y{i}.shop", postcode="3000", suburb="Carlton" if i % 2 else "Fitzroy")
    for key, postcode, suburb in (
        ("c1", "2042", None),
        ("c2", "3000", None),
        ("c3", "2042", "Newtonw"),
        ("c4", "2042", "Glebe"),
    ):
        company.add_account(f"{key}.app", postcode=postcode, suburb=suburb)

    rows = company.rows()

    assert [rows[key]["suburb"] for key in ("c1", "c2", "c3", "c4")] == ["Newtown", None, "Newtown", "Glebe"]
    assert rows["c1"]["sources"]["suburb"]["method"] == "filled_from_postcode"
    assert rows["c3"]["sources"]["suburb"]["method"] == "corrected_from_postcode"


def test_texts_of_the_configuration_are_quoted(company):
    company.settings = company.settings.replace(
        verified={"email": ("o'brien{x}",)},
        trust=trust_of({"o'brien\\": 0.9}),
    )
    company.junk = {"surname": ("o'nobody",)}
    company.add_account("c1.shop", surname="O'Nobody", email="a@x.org")

    assert (company.golden("surname")[0], company.golden("email")[0]) == (None, "a@x.org")


def test_confidence_is_that_of_independent_sources(company):
    """Two sources of accuracy 0.8 against one, 100 wrong values: ACCU by hand."""
    company.settings = company.settings.replace(trust=trust_of({"a": 0.8, "b": 0.8, "c": 0.8}))
    for channel, day in (("a", 1), ("b", 1), ("c", 2)):
        company.add_account(f"c1.{channel}", birth_date=date(1980, 1, day))

    confidence = company.rows()["c1"]["sources"]["birth_date"]["confidence"]

    one = 100 * 0.8 / 0.2
    assert confidence == pytest.approx(one**2 / (one**2 + one + 98), abs=1e-4)


def test_both_engines_choose_alike(company, spark):
    drawn(company)
    columns = "customer_id, surname, given_name, email, phone, birth_date, suburb, state, channels"
    texts = ", ".join(f"s.{name}" for name in ("attribute", "source_account_id", "rule", "method"))

    rows = both_engines.stepwise_answers(
        spark,
        f"SELECT {columns} FROM ({golden_sql()}) g",
        company.steps(),
        **company.tables,
    )
    sources = both_engines.stepwise_answers(
        spark,
        f"SELECT g.customer_id, {texts}, s.confidence FROM ({golden_sql()}) g LATERAL VIEW explode(sources) t AS s",
        company.steps(),
        **company.tables,
    )

    assert len(rows) == 42
    assert {rule for _, _, _, rule, _, _ in sources} >= {"only_value", "most_frequent", "most_recent", "verified"}


def test_a_customers_only_account_has_what_a_vote_of_one_would_give(company):
    drawn(company)
    alone = company.steps()
    counted = {
        name: sql.replace("count(*) OVER (PARTITION BY m.customer_id) = 1", "FALSE") for name, sql in alone.items()
    }
    assert counted != alone
    here, there = (
        both_engines.stepwise_duckdb_answer(golden_sql(), steps, **company.tables) for steps in (alone, counted)
    )
    assert here == there


def drawn(company):
    """Forty customers of one to four accounts, and two more."""
    company.settings = company.settings.replace(
        verified={"email": ("shop",), "place": ("erp",)},
        trust=trust_of({"erp": 0.95}),
        fill=Fill(from_={"suburb": "postcode", "state": "postcode"}, least_customers=3, least_share=0.5),
    )
    draw = random.Random(5)
    for i in range(40):
        place = draw.choice([HOME, AWAY])
        for channel in draw.sample(["shop", "erp", "app", "web"], draw.randint(1, 4)):
            parts = {name: value for name, value in place.items() if draw.random() < 0.7}
            names = draw.choice([("Ann", "Lee"), ("Lee", "Ann"), ("Bob", "Ng"), ("Ann", "Leigh")])
            company.add_account(
                f"c{i}.{channel}",
                given_name=names[0],
                surname=names[1],
                phone=draw.choice([None, "+61 233"]),
                full_name="Chen, Li",
                email=draw.choice([None, f"a{i}@x.org", "B@x.org"]),
                **parts,
                birth_date=draw.choice([None, date(1980, 1, 2), date(1980, 2, 1)]),
                updated_at=draw.choice([None, moment(2016), moment(2017)]),
            )
    company.add_account("c41.web", full_name="Li Chen")
    company.add_account("c42.web")
