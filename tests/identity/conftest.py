"""Small silver.customers for the identity tests: people drawn with a fixed seed, each seen by two channels."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.identity.cleaners import cleaning_settings
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake

GIVEN = (
    "anna",
    "bela",
    "carl",
    "dora",
    "emil",
    "fred",
    "gina",
    "hugo",
    "ines",
    "jana",
    "kurt",
    "lena",
    "mark",
    "nora",
    "otto",
    "paul",
    "rosa",
    "sven",
    "tina",
    "uwe",
)
FAMILY = (
    "adler",
    "bauer",
    "cramer",
    "decker",
    "ebert",
    "fischer",
    "gruber",
    "huber",
    "jansen",
    "keller",
    "lorenz",
    "meyer",
    "neumann",
    "otten",
    "peters",
)
Silver = Callable[[list[dict[str, Any]]], DataFrame]


@pytest.fixture
def settings(conf: Conf) -> Settings:
    """conf/identity.yaml as packaged."""
    return conf.settings("identity", Settings)


@pytest.fixture(scope="session")
def packaged_settings() -> Settings:
    """conf/identity.yaml as packaged, for tests that draw their own examples."""
    return Conf().settings("identity", Settings)


@pytest.fixture(scope="session")
def packaged_rules() -> Rules:
    """conf/cleaning.yaml as packaged."""
    return cleaning_settings.rules(Conf())


@pytest.fixture
def rules(packaged_rules: Rules) -> Rules:
    """The same for tests with other fixtures of their own."""
    return packaged_rules


@pytest.fixture
def silver(spark: SparkSession, lake: Lake) -> Silver:
    """Rows of silver.customers from the few fields that a test names."""

    def rows(accounts: list[dict[str, Any]]) -> DataFrame:
        schema = lake.contracts["silver.customers"].schema()
        usual = {
            "is_lead": False,
            "is_event_only": False,
            "quality_flags": [],
            "_export": "test",
            "_source_file": "test.csv",
            "_source_line": 1,
            "_run_date": date(2017, 10, 1),
        }
        filled = [{**usual, "channel": a["account_id"].split(":")[0], **a} for a in accounts]
        return spark.createDataFrame([[row.get(name) for name in schema.names] for row in filled], schema)

    return rows


@pytest.fixture(scope="session")
def people() -> list[dict[str, Any]]:
    """120 accounts of 60 people: card:N has all fields, web:N the same with a slip in every third."""
    draw = random.Random(7)
    accounts: list[dict[str, Any]] = []
    for number in range(60):
        person = {
            "given_name": draw.choice(GIVEN),
            "surname": draw.choice(FAMILY),
            "postcode": str(draw.randint(1000, 9999)),
            "birth_date": date(draw.randint(1940, 1999), draw.randint(1, 12), draw.randint(1, 28)),
            "suburb": draw.choice(FAMILY) + "dorf",
        }
        slip = {"surname": person["surname"][:-1] + "x"} if number % 3 == 0 else {}
        accounts += [{**person, "account_id": f"card:{number}"}, {**person, **slip, "account_id": f"web:{number}"}]
    return accounts
