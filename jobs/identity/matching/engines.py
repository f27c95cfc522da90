"""Two engines behind one interface: DuckDB in this process over Arrow, or Spark itself.

Both take the same SQL (the part of it that they share) and the same Splink settings. What an engine hands to Python
(`fetch`) is counts and bounded edges, never records. A step takes tables and gives new ones (`table`), which no other
step overwrites; only what a whole run looks at has a name of its own (`make`, `put`, `load`).
"""

import logging
from abc import ABC, abstractmethod
from itertools import count
from typing import TYPE_CHECKING, Any, NewType, Protocol

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

if TYPE_CHECKING:
    from lakehouse.sql.duckdb_engine import Limits

CONSTRAINTS = "spark.sql.constraintPropagation.enabled"
Table = NewType("Table", str)  # name of a table that one step has made and none makes again


class Engine(Protocol):
    """An engine with named tables."""

    name: str

    def table(self, name: str, sql: str) -> Table:
        """A new table of what a query gives; its name begins so."""

    def table_of(self, name: str, rows: pa.Table | DataFrame) -> Table:
        """A new table of rows; its name begins so."""

    def rename(self, table: Table, name: str) -> None:
        """Give a table the name that a whole run knows it by; nothing is copied."""

    def drop(self, *tables: Table) -> None:
        """Forget tables that no later step looks at."""

    def number(self, table: str, source: str, condition: str) -> None:
        """Make `table`: the rows of a table that fulfil a condition, with rid, a whole number for each."""

    def hashed(self, text: str) -> str:
        """SQL: a 64-bit hash of a text."""

    def exploded(self, column: str) -> str:
        """SQL: one row per word of a text of words."""

    def keyed(self, source: str, keys: dict[int, str]) -> str:
        """SQL: rid, rule, key of a source (as r), one row per key that is not NULL."""

    def load(self, table: str, rows: DataFrame) -> None:
        """Make a Spark DataFrame a table of the engine."""

    def put(self, table: str, rows: pa.Table) -> None:
        """Make an Arrow table a table of the engine."""

    def make(self, table: str, sql: str) -> None:
        """Make a table from a query."""

    def fetch(self, sql: str) -> pa.Table:
        """A bounded answer."""

    def frame(self, sql: str) -> DataFrame:
        """An answer as a Spark DataFrame."""

    def answer(self, sql: str) -> DataFrame | pa.Table:
        """An answer as the engine has it, to be published."""

    def splink(self) -> Any:
        """Splink's handle on the engine."""

    def close(self) -> None:
        """Let go of tables and memory."""


class _NewTables(ABC):
    """Tables under names that nothing else has."""

    def __init__(self) -> None:
        self.numbers = count(1)

    @abstractmethod
    def make(self, table: str, sql: str) -> None:
        """Make `table` of what a query gives."""

    @abstractmethod
    def put(self, table: str, rows: pa.Table) -> None:
        """Make `table` of rows in memory."""

    @abstractmethod
    def load(self, table: str, rows: DataFrame) -> None:
        """Make `table` of these rows."""

    def table(self, name: str, sql: str) -> Table:
        """A new table of what a query gives; its name begins so."""
        made = Table(f"{name}_{next(self.numbers)}")
        self.make(made, sql)
        return made

    def table_of(self, name: str, rows: pa.Table | DataFrame) -> Table:
        """A new table of rows; its name begins so."""
        made = Table(f"{name}_{next(self.numbers)}")
        if isinstance(rows, pa.Table):
            self.put(made, rows)
        else:
            self.load(made, rows)
        return made


class DuckDBEngine(_NewTables):
    """DuckDB in memory; rows come and go as Arrow."""

    name = "duckdb"

    def __init__(self, spark: SparkSession | None = None, limits: "Limits | None" = None) -> None:
        from lakehouse.sql import duckdb_engine

        super().__init__()
        self.spark = spark
        limits = limits or duckdb_engine.WHOLE_MACHINE
        self.connection = duckdb_engine.connect(limits, folders=None)  # records lie anywhere

    def number(self, table: str, source: str, condition: str) -> None:
        """Make `table`: the rows of `source` that meet the condition, each with a number, `rid`."""
        # rows have numbers already: nothing is copied
        numbered = f"SELECT CAST(rowid AS INT) AS rid, * FROM {source} WHERE {condition}"
        self.connection.execute(f"CREATE OR REPLACE VIEW {table} AS {numbered}")

    def hashed(self, text: str) -> str:
        """SQL: a hash of this text."""
        return f"hash({text})"

    def exploded(self, column: str) -> str:
        """SQL: a row for each word of this column."""
        return f"unnest(string_split({column}, ' '))"

    def keyed(self, source: str, keys: dict[int, str]) -> str:
        """SQL: rid, rule, key of each record and blocking key."""
        return " UNION ALL ".join(
            f"SELECT r.rid, {rule} AS rule, {key} AS key FROM {source} r WHERE {key} IS NOT NULL"
            for rule, key in keys.items()
        )

    def load(self, table: str, rows: DataFrame) -> None:
        """Make `table` of these rows."""
        self.put(table, rows.toArrow())

    def put(self, table: str, rows: pa.Table) -> None:
        """Make `table` of rows in memory."""
        self.connection.register("arrived", rows)
        self.make(table, "SELECT * FROM arrived")
        self.connection.unregister("arrived")

    def make(self, table: str, sql: str) -> None:
        """Make `table` of what a query gives."""
        self.connection.execute(f"CREATE OR REPLACE TABLE {table} AS {sql}")

    def fetch(self, sql: str) -> pa.Table:
        """A query's answer, in memory."""
        return self.connection.sql(sql).to_arrow_table()

    def frame(self, sql: str) -> DataFrame:
        """A query's answer as a DataFrame."""
        if self.spark is None:
            raise RuntimeError("this engine has no Spark session")
        return self.spark.createDataFrame(self.fetch(sql))

    def answer(self, sql: str) -> pa.Table:
        """A query's answer as this engine holds it."""
        return self.fetch(sql)

    def rename(self, table: Table, name: str) -> None:
        """Give a table the name that a whole run knows it by; nothing is copied."""
        self.connection.execute(f"DROP TABLE IF EXISTS {name}")
        self.connection.execute(f"ALTER TABLE {table} RENAME TO {name}")

    def drop(self, *tables: Table) -> None:
        """Forget tables that no later step looks at."""
        for table in tables:
            self.connection.execute(f"DROP TABLE {table}")

    def splink(self) -> Any:
        """Splink's interface to this engine."""
        _silence_splink()
        from splink import DuckDBAPI

        return DuckDBAPI(self.connection)

    def close(self) -> None:
        """Let go of what was made."""
        self.connection.close()


class SparkEngine(_NewTables):
    """Spark; tables are checkpointed DataFrames under a name."""

    name = "spark"

    def __init__(self, spark: SparkSession) -> None:
        super().__init__()
        self.spark = spark
        # Spark derives constraints from every alias of every CASE of a plan: without end where there are dozens
        self.before = spark.conf.get(CONSTRAINTS, "true") or "true"
        spark.conf.set(CONSTRAINTS, "false")
        self.names: list[str] = []

    def number(self, table: str, source: str, condition: str) -> None:
        """Make `table`: the rows of `source` that meet the condition, each with a number, `rid`."""
        rows = self.spark.sql(f"SELECT monotonically_increasing_id() AS rid, * FROM {source} WHERE {condition}")
        self.load(table, rows)

    def hashed(self, text: str) -> str:
        """SQL: a hash of this text."""
        return f"xxhash64({text})"

    def exploded(self, column: str) -> str:
        """SQL: a row for each word of this column."""
        return f"explode(split({column}, ' '))"

    def keyed(self, source: str, keys: dict[int, str]) -> str:
        """SQL: rid, rule, key of each record and blocking key."""
        # one pass over the source, and one plan: hundreds of branches of a union take minutes before their first row
        structs = ", ".join(f"struct({rule} AS rule, {key} AS key)" for rule, key in keys.items())
        made = f"SELECT r.rid, explode(array({structs})) AS k FROM {source} r"
        return f"SELECT rid, k.rule AS rule, k.key AS key FROM ({made}) e WHERE k.key IS NOT NULL"

    def load(self, table: str, rows: DataFrame) -> None:
        """Kept as it is now and cut off from how it was made.

        A view brings its whole plan into each query that names it, and Spark analyses that again every time: a chain
        of cached tables takes minutes before its first row.
        """
        rows.localCheckpoint().createOrReplaceTempView(table)
        self.names.append(table)

    def put(self, table: str, rows: pa.Table) -> None:
        """Make `table` of rows in memory."""
        self.spark.createDataFrame(rows).createOrReplaceTempView(table)
        self.names.append(table)

    def make(self, table: str, sql: str) -> None:
        """Make `table` of what a query gives."""
        self.load(table, self.spark.sql(sql))

    def fetch(self, sql: str) -> pa.Table:
        """A query's answer, in memory."""
        return self.spark.sql(sql).toArrow()

    def frame(self, sql: str) -> DataFrame:
        """A query's answer as a DataFrame."""
        return self.spark.sql(sql)

    def answer(self, sql: str) -> DataFrame:
        """A query's answer as this engine holds it."""
        return self.spark.sql(sql)

    def rename(self, table: Table, name: str) -> None:
        """Give a table the name that a whole run knows it by; nothing is copied."""
        self.spark.table(table).createOrReplaceTempView(name)
        self.names.append(name)
        self.drop(table)

    def drop(self, *tables: Table) -> None:
        """Forget tables that no later step looks at."""
        for table in tables:
            self.spark.catalog.dropTempView(table)
            self.names.remove(table)

    def splink(self) -> Any:
        """Splink's interface to this engine."""
        _silence_splink()
        from splink import SparkAPI

        # the similarity jar is not needed: every comparison is made of functions that Spark has itself
        return SparkAPI(spark_session=self.spark, break_lineage_method="persist", register_udfs_automatically=False)

    def close(self) -> None:
        """Let go of what was made."""
        for table in self.names:
            self.spark.catalog.dropTempView(table)
        self.spark.conf.set(CONSTRAINTS, self.before)


def _silence_splink() -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)


def choose(spark: SparkSession, engine: str, record_count: int, duckdb_up_to_records: int) -> Engine:
    """The engine that the profile names, or by size: DuckDB while one machine holds the records easily."""
    if engine == "duckdb" or (engine == "auto" and record_count <= duckdb_up_to_records):
        return DuckDBEngine(spark)
    return SparkEngine(spark)
