"""Facts beside the comparable fields."""

import dataclasses

import pytest
from pyspark.sql import functions as F

from jobs.config import Conf
from jobs.errors import ConfigError
from jobs.identity import accounts
from jobs.identity.settings import Settings, Veto

CONF = Conf().settings("identity", Settings)


def test_a_veto_on_a_field_that_no_record_has_is_refused_with_the_nearest():
    odd = dataclasses.replace(CONF.evidence, vetoes={"x": Veto({"nationl_id": 1})})
    with pytest.raises(ConfigError, match="did you mean 'national_id'"):
        accounts.check_fields(dataclasses.replace(CONF, evidence=odd), ["phone", "email", *CONF.evidence.keys])


def test_sex_is_read_from_the_words_that_channels_use(spark):
    told = {
        "F": "f",
        "weiblich": "f",
        "männlich": "m",
        "Female ": "f",
        "女": "f",
        "M": "m",
        "Herr": "m",
        "x": None,
        "": None,
    }
    rows = spark.createDataFrame([(word,) for word in told], "word STRING")
    found = rows.select("word", accounts.sex(F.col("word")).alias("sex")).collect()
    assert {row.word: row.sex for row in found} == told


def test_what_an_export_tells_is_news_and_what_our_cleaning_makes_of_it_is_not(spark, silver, settings):
    told = silver([{"account_id": "web:1", "surname": " Meyer"}, {"account_id": "web:2", "surname": "meyer"},
                   {"account_id": "web:3", "surname": "meyer"}])  # fmt: skip
    seen = told.select("account_id", accounts.beside(told.columns, settings.junk, "s")["source_hash"].alias("h"))
    hashes = {row.account_id: row.h for row in seen.collect()}
    assert hashes["web:1"] != hashes["web:2"] == hashes["web:3"]
