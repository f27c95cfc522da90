"""A value comes back from both engines as it went in, whatever its characters."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from lakehouse.config.documents import packaged
from lakehouse.errors import ConfigError
from lakehouse.lake.queries import answer, spark_answer
from lakehouse.sql.literal import identifier, in_query, in_query_literal, listed, literal, portable
from lakehouse.sql.query import Query

HARD = (
    "",
    "'",
    "''",
    "\\",
    "\\'",
    "'\\",
    "o'brien{x}",
    "{}",
    "{{0}}",
    "%s %",
    "\\n is no line end",
    "a\nb\r\nc\td",
    "\\u0041",
    '"`´',
    "-- no comment",
    "/* none */",
    ";",
    "😀 名前 é é",
    "\u2028\u200f",
    "\ufeff",
    "\x1a",
    "_\\_\\%",
    "${x}",
    ":name ?",
)
TEXTS = st.one_of(
    st.sampled_from(HARD),
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.text(alphabet="'\\{}\"`%n0u\n"),
)
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.none(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(min_value=-(10**15), max_value=10**15, places=6),
    st.dates(min_value=date(1900, 1, 1)),
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9999, 1, 1)),
)
QUICK = settings(max_examples=150, deadline=None)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # each example is a query of hundreds of values
ON_SPARK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)


@QUICK
@given(st.lists(VALUES, min_size=1, max_size=20))
def test_every_value_comes_back_from_duckdb_by_its_own_rule_and_from_sparks_words(values):
    own = ", ".join(literal(value, "duckdb") for value in values)
    with duckdb.connect() as engine:
        assert list(engine.sql(f"SELECT {own}").fetchall()[0]) == values
        asked = f"SELECT {', '.join(f'{in_query_literal(v)} AS c{i}' for i, v in enumerate(values))}"
        came_back = answer(engine, Query(asked, {})).to_pylist()[0].values()
        assert [v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in came_back] == values


@ON_SPARK
@given(st.lists(VALUES, min_size=40, max_size=80), st.lists(TEXTS, min_size=60, max_size=120))
def test_every_value_comes_back_from_spark(spark, values, texts):
    came_back = by_spark(spark, [*HARD, *values, *texts])
    assert came_back == [*HARD, *values, *texts]


def by_spark(spark: SparkSession, values: list[Any]) -> list[Any]:
    """What Spark gives for the values, as a query whose braces name a table."""
    asked = ", ".join(f"{in_query_literal(value)} AS c{i}" for i, value in enumerate(values))
    return list(spark_answer(spark, Query(f"SELECT {asked} FROM {{one}}", {}), {"one": spark.range(1)}).collect()[0])


def test_a_query_and_a_step_without_tables_keep_their_braces(spark):
    steps = {"one": f"SELECT {in_query_literal('{x}')} AS text"}
    assert spark_answer(spark, Query("SELECT text FROM {one}", {}, steps), {}).collect()[0].text == "{x}"
    assert spark_answer(spark, Query(steps["one"], {}), {}).collect()[0].text == "{x}"


@QUICK
@given(TEXTS)
def test_a_text_in_common_words_is_the_same_to_duckdb(text):
    with duckdb.connect() as engine:
        assert engine.sql(f"SELECT {portable(text)}").fetchall() == [(text,)]


def test_a_text_in_common_words_is_the_same_to_spark(spark):
    texts = ["it's", "a\\b", "'", "\\'", "plain", ""]
    found = spark.sql(f"SELECT {', '.join(f'{portable(t)} AS c{i}' for i, t in enumerate(texts))}").collect()[0]
    assert list(found) == texts


def test_lists_are_arrays_and_the_inside_of_in_equals_nothing_where_there_are_no_values(spark):
    values = ["a'b", "c\\d", None]
    with duckdb.connect() as engine:
        assert engine.sql(f"SELECT {literal(values, 'duckdb')}").fetchall() == [(values,)]
        assert engine.sql(f"SELECT 1 WHERE 'a' IN ({listed([], 'duckdb')})").fetchall() == []
        assert engine.sql(f"SELECT 1 WHERE 'a''b' IN ({listed(values, 'duckdb')})").fetchall() == [(1,)]
    assert spark.sql(f"SELECT {literal(values)} AS v, {literal([1, 2])} AS n").collect()[0].asDict() == {
        "v": values,
        "n": [1, 2],
    }


NAMES = ("plain", "two words", 'a"b', "a`b", "select", "ünï{c}", "日本", "a.b", "x'y", "\\")


def test_a_name_of_any_characters_names_its_column(spark):
    asked = ", ".join(f"1 AS {identifier(name, 'duckdb')}" for name in NAMES)
    with duckdb.connect() as engine:
        assert engine.sql(f"SELECT {asked}").columns == list(NAMES)
        in_spark = ", ".join(f"1 AS {in_query(identifier(name))}" for name in NAMES)
        assert answer(engine, Query(f"SELECT {in_spark}", {})).column_names == list(NAMES)
    assert spark.sql(f"SELECT {', '.join(f'1 AS {identifier(name)}' for name in NAMES)}").columns == list(NAMES)


@pytest.mark.parametrize(
    "value",
    ["a\0b", "\ud800", float("nan"), float("inf"), -float("inf"), Decimal("NaN"), 10**39, b"bytes", object(), {"a": 1}],
)
def test_what_no_query_can_hold_is_refused_without_its_value(value):
    with pytest.raises(ConfigError, match="cannot stand in a query") as refused:
        literal(["before", value])
    assert "a\0b" not in str(refused.value)
    assert "1000000" not in str(refused.value)


def test_an_instant_with_a_zone_is_the_same_instant_in_utc():
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert literal(noon) == literal(noon.astimezone(UTC)) == "TIMESTAMP '2026-03-01 06:30:00'"


BY_HAND = re.compile(r"""replace\(\s*["'](?:\\?'|\\\\|`|\\?")["']\s*,\s*["'](?:''|\\\\'|\\\\\\\\|``|"")["']""")


def test_nobody_escapes_by_hand():
    root = packaged("jobs").parent
    own = root / "lakehouse" / "sql" / "literal.py"
    files = [p for folder in ("lakehouse", "jobs") for p in Path(root / folder).rglob("*.py") if p != own]
    wrong = [str(path.relative_to(root)) for path in files if BY_HAND.search(path.read_text())]
    assert wrong == []
