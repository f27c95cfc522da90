"""Queries that both engines must answer alike."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from lakehouse.lake.queries import answer, in_duckdb
from lakehouse.lake.queries import spark_answer as stepwise
from lakehouse.sql.query import Query
from tests.frames import assert_answers


def answers(spark: SparkSession, sql: str, **tables: DataFrame | pa.Table) -> list[tuple[Any, ...]]:
    """The rows that Spark gives, sorted, after DuckDB has given the same ones."""
    frame = spark_answer(spark, sql, **tables)
    by_spark = [tuple(row) for row in frame.collect()]
    assert_answers(frame.columns, duckdb_answer(sql, **tables), by_spark)
    return sorted(by_spark, key=repr)


def spark_answer(spark: SparkSession, sql: str, **tables: DataFrame | pa.Table) -> DataFrame:
    """Spark's answer."""
    return spark.sql(sql, **{n: spark.createDataFrame(t) if isinstance(t, pa.Table) else t for n, t in tables.items()})


def duckdb_answer(sql: str, **tables: DataFrame | pa.Table) -> list[tuple[Any, ...]]:
    """DuckDB's answer."""
    with duckdb.connect() as engine:
        for name, table in tables.items():
            engine.register(name, table if isinstance(table, pa.Table) else table.toArrow())
        return [tuple(row) for row in engine.sql(in_duckdb(sql, tables)).fetchall()]


def stepwise_answers(
    spark: SparkSession, sql: str, steps: Mapping[str, str], **tables: DataFrame | pa.Table
) -> list[tuple[Any, ...]]:
    """As `answers`, of a query with named steps."""
    frames = {n: spark.createDataFrame(t) if isinstance(t, pa.Table) else t for n, t in tables.items()}
    frame = stepwise(spark, Query(sql, frames, steps), frames)
    by_spark = sorted((tuple(row) for row in frame.collect()), key=repr)
    assert_answers(frame.columns, stepwise_duckdb_answer(sql, steps, **tables), by_spark)
    return by_spark


def stepwise_duckdb_answer(
    sql: str, steps: Mapping[str, str] = MappingProxyType({}), **tables: DataFrame | pa.Table
) -> list[tuple[Any, ...]]:
    """DuckDB's rows, sorted."""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            engine.register(name, table if isinstance(table, pa.Table) else table.toArrow())
        found = answer(engine, Query(sql, tables, steps))
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)
