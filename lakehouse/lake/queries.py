"""Queries over large tables that both engines answer alike: DuckDB over the tables' files on one machine, else Spark.

The text is Spark's SQL with tables named in braces as `{order_lines}`; sqlglot puts it into DuckDB's words. Sums of
whole numbers are cast to BIGINT (DuckDB's are wider). Both answer from the versions that the job has pinned; a test
shows for each query that does more than pick rows that they answer alike.
"""

import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables
from lakehouse.errors import LakehouseError
from lakehouse.lake.snapshot import Snapshot
from lakehouse.sql import dialect, duckdb_engine
from lakehouse.sql.duckdb_engine import Limits
from lakehouse.sql.query import Appended, Made, Query, Table
from lakehouse.storage.places import is_remote


def fetch(lake: Snapshot, query: Query) -> pa.Table:
    """The answer in this process; the caller bounds it."""
    files = {name: _files(lake, table) for name, table in query.tables.items() if not isinstance(table, pa.Table)}
    if lake.profile.is_on_spark_alone or any(file is None for file in files.values()):
        return _by_spark(lake, query).toArrow()
    lake.engines.add("local")
    folders = [lake.root, *([lake.base.root] if lake.base else [])]
    with duckdb_engine.connect(Limits(spill=_spill(lake.root), keeps_order=False), folders) as engine:
        for name, table in query.tables.items():
            engine.register(name, _relation(engine, lake, table, files.get(name)))
        return answer(engine, query)


def _spill(root: str) -> str:
    return f"{tempfile.gettempdir()}/_spill" if is_remote(root) else f"{root}/_spill"


def answer(engine: duckdb.DuckDBPyConnection, query: Query) -> pa.Table:
    """DuckDB's answer over tables that it knows by the query's names."""
    for name, step in query.steps.items():
        kind = "TABLE" if _is_shared(name, query) else "VIEW"
        engine.execute(f"CREATE TEMP {kind} {name} AS {in_duckdb(step, query.names)}")
    return engine.sql(in_duckdb(query.sql, query.names)).to_arrow_table()


def _is_shared(name: str, query: Query) -> bool:
    """Whether a step is named more than once; as parts of one query Spark would repeat it wherever it is named."""
    return sum(text.count(f"{{{name}}}") for text in (query.sql, *query.steps.values())) > 1


def in_duckdb(sql: str, tables: Iterable[str]) -> str:
    """The query in DuckDB's dialect, over tables of these names."""
    return dialect.in_duckdb(sql.format(**{name: name for name in tables}))


def select(lake: Snapshot, query: Query, most_rows: int | None = None) -> DataFrame:
    """The answer as a DataFrame.

    Args:
        most_rows: no more rows than these come back; None: as many as the largest table has.
    """
    if _is_for_spark(lake, query, most_rows):
        return _by_spark(lake, query)
    answer = fetch(lake, query)
    return lake.for_rows(answer.num_rows).spark.createDataFrame(answer)


def rows(lake: Snapshot, query: Query, most_rows: int) -> DataFrame | pa.Table:
    """The answer as it is to be published: at hand where it is small, else as Spark will make it."""
    return _by_spark(lake, query) if _is_for_spark(lake, query, most_rows) else fetch(lake, query)


def materialise(lake: Snapshot, query: Query, most_rows: int) -> Table:
    """The answer for further queries, computed once: at hand where it is small, else held by Spark until `release`."""
    if _is_for_spark(lake, query, most_rows):
        return lake.persist(_by_spark(lake, query), most_rows)
    return fetch(lake, query)


def _is_for_spark(lake: Snapshot, query: Query, most_rows: int | None) -> bool:
    named = [table for table in query.tables.values() if isinstance(table, str)]
    most = max(map(lake.row_count, named), default=0) if most_rows is None else most_rows
    large = [table for table in query.tables.values() if not isinstance(table, pa.Table)]
    return most > lake.profile.collect_up_to_rows or any(_files(lake, table) is None for table in large)


def _files(lake: Snapshot, table: Table) -> list[str] | None:
    """The table's files at the pinned version, [] where it does not exist, None where only Spark can read it."""
    if isinstance(table, DataFrame):
        return None
    if isinstance(table, (Made, Query)):
        raise _empty_handed()
    if isinstance(table, Appended):
        newest = lake.pin(table.table)
        if newest is None or not lake.is_local:
            return None
        return rs_tables.files_appended(lake.source(table.table), table.since, newest)
    version = lake.pin(table)
    if not lake.is_local or lake.row_count(table) > lake.profile.query_up_to_rows:
        return None
    return [] if version is None else rs_tables.files(lake.source(table), version)


def _empty_handed() -> LakehouseError:
    return LakehouseError("what stands for rows in a check holds none", "", "give the rows themselves")


def _relation(engine: duckdb.DuckDBPyConnection, lake: Snapshot, table: Table, files: list[str] | None) -> Any:
    if isinstance(table, pa.Table):
        return table
    if files:
        return engine.read_parquet(files, union_by_name=True)
    name = table.table if isinstance(table, Appended) else str(table)
    return rs_tables.arrow_schema(lake.contracts[name]).empty_table()


def _by_spark(lake: Snapshot, query: Query) -> DataFrame:
    lake.engines.add("spark")
    return spark_answer(lake.spark, query, {name: _frame(lake, table) for name, table in query.tables.items()})


def spark_answer(spark: SparkSession, query: Query, frames: Mapping[str, DataFrame]) -> DataFrame:
    """Spark's answer over these frames.

    A step that is named more than once is kept, without the plan that made it: plans that are put together out of
    plans double with every step.
    """
    known = dict(frames)
    for name, step in query.steps.items():
        known[name] = _by_name(spark, step, known)
        if _is_shared(name, query):
            known[name] = known[name].localCheckpoint(eager=False)
    return _by_name(spark, query.sql, known)


def _by_name(spark: SparkSession, sql: str, known: Mapping[str, DataFrame]) -> DataFrame:
    """Spark leaves braces alone where it is given no table: doubled ones are then made single here."""
    named = _named_in(sql, known)
    return spark.sql(sql if named else sql.format(), args=None, **named)


def _named_in(sql: str, known: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    return {name: frame for name, frame in known.items() if f"{{{name}}}" in sql}


def _frame(lake: Snapshot, table: Table) -> DataFrame:
    if isinstance(table, str):
        return lake.read(table)
    if isinstance(table, Appended):
        return _appended(lake, table)
    if isinstance(table, (Made, Query)):
        raise _empty_handed()
    return lake.spark.createDataFrame(table) if isinstance(table, pa.Table) else table


def _appended(lake: Snapshot, table: Appended) -> DataFrame:
    """The rows of the files that the appends brought: for these the table needs no change feed."""
    source, newest = lake.source(table.table), lake.pin(table.table)
    later = range(table.since + 1, (table.since if newest is None else newest) + 1)
    files = [f"{source}/{name}" for version in later for name in delta_log.files_added(source, version)]
    schema = lake.contracts[table.table].schema()
    return lake.spark.read.schema(schema).parquet(*files) if files else lake.empty(table.table)
