"""A query is a value: frozen, and it knows which function made it."""

from dataclasses import FrozenInstanceError, replace

import pyarrow as pa
import pytest

from lakehouse.sql.query import Query, spark_columns


def red_colours() -> Query:
    return Query("SELECT colour FROM {colours}", {"colours": "gold.colours"}, answers="colour STRING")


def test_a_query_cannot_be_changed():
    query = red_colours()

    with pytest.raises(FrozenInstanceError):
        query.sql = "SELECT 1"
    with pytest.raises(TypeError):
        query.tables["colours"] = "gold.shapes"


def test_a_query_knows_the_function_that_made_it():
    line = red_colours.__code__.co_firstlineno

    assert red_colours().where == f"tests/lakehouse/sql/test_query.py:{line}"


def test_a_query_with_other_tables_is_another_query():
    query = red_colours()

    assert replace(query, tables={"colours": "gold.shapes"}) != query
    assert replace(query, tables=dict(query.tables)) == query


def test_a_query_fills_a_table_or_answers_with_columns():
    assert red_colours().fills is None
    assert Query("SELECT 1 AS n", {}, answers="gold.colours").fills == "gold.colours"


def test_rows_in_memory_have_sparks_types():
    rows = pa.table(
        {"n": pa.array([1], pa.int32()), "day": pa.array([], pa.date32()).take(pa.array([None], pa.int32()))}
    )

    assert spark_columns(rows.schema) == {"n": "int", "day": "date"}
