"""SQL over the lake without a JVM: delta-rs reads the tables, Spark SQL is transpiled, names are resolved by us."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from sqlglot import exp

from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError, LakehouseError
from lakehouse.ops import damages
from lakehouse.ops.history import History
from lakehouse.sql import dialect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Reader:
    """Reads tables of a lake by name, as they are now or as a day's night published them.

    Args:
        spark: a session that answers in delta-rs's place: for what that cannot, and for runs on Spark alone.
    """

    root: str
    as_of: date | None = None
    spark: "SparkSession | None" = None

    def versions(self) -> dict[str, int] | None:
        """The manifest of the asked night, None for the present.

        Raises:
            ConfigError: that day has no published night.
        """
        if self.as_of is None:
            return None
        history = History(self.root)
        manifest = history.manifest(self.as_of)
        if manifest is None:
            nights = ", ".join(map(str, history.nights()[-5:])) or "none"
            raise ConfigError(f"there is no published night of {self.as_of}", "--as-of", f"the last ones are: {nights}")
        return manifest

    def table(self, name: str, versions: dict[str, int] | None) -> DeltaTable:
        """One table as delta-rs sees it.

        Raises:
            ConfigError: there is no such table (then), with the nearest names.
        """
        return DeltaTable(table_path(self.root, name), version=self.version(name, versions))

    def version(self, name: str, versions: dict[str, int] | None) -> int:
        """The version of a table in a manifest, or its newest where there is none.

        Raises:
            ConfigError: there is no such table (then).
        """
        path = table_path(self.root, name)
        version = delta_log.latest_version(path) if versions is None else versions.get(name)
        if version is None:
            raise ConfigError(
                f"there is no table {name}", "SQL", "'lakehouse tables' lists them; run a night to make them"
            )
        return version

    def sql(self, text: str) -> pa.Table:
        """Run one read-only query.

        Raises:
            ConfigError: it is not a query, a table is missing, or the engine refuses it.
            LakehouseError: a table that it asks for is damaged.
        """
        tree = dialect.query(text)
        try:
            return self._by_spark(self.spark, tree) if self.spark else self._by_delta_rs(tree)
        except LakehouseError:
            raise
        except Exception as error:
            hurt = damages.of_tables(self.root, list(dialect.tables_of(tree)))
            for table, faults in hurt.items():
                remedy = "run 'lakehouse doctor': it names what to do"
                raise LakehouseError(f"the table is damaged: {faults[0]}", table, remedy) from None
            raise ConfigError(
                f"the query failed: {str(error)[:300]}", "SQL", "correct it, or try --engine spark"
            ) from error

    def _by_delta_rs(self, tree: exp.Expr) -> pa.Table:
        versions, builder = self.versions(), QueryBuilder()
        for name in dialect.tables_of(tree):
            builder = builder.register(dialect.flat(name), self.table(name, versions))
        return pa.table(builder.execute(dialect.in_delta_rs(tree)).read_all())

    def _by_spark(self, spark: "SparkSession", tree: exp.Expr) -> pa.Table:
        own, versions = spark.newSession(), self.versions()  # the names of its views are nobody else's
        for name in dialect.tables_of(tree):
            version = self.version(name, versions)
            frame = own.read.format("delta").option("versionAsOf", version).load(table_path(self.root, name))
            frame.createOrReplaceTempView(dialect.flat(name))
        return own.sql(dialect.in_spark(tree)).toArrow()


def rows(conf: Conf, text: str, as_of: date | None = None) -> list[dict[str, Any]]:
    """The query's rows as dictionaries, for small answers."""
    records: list[dict[str, Any]] = Reader(conf.profile.path(conf.profile.lake), as_of).sql(text).to_pylist()
    return records
