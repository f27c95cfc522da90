"""A lake's tables before DuckDB, as its last night or an earlier one left them: no JVM, no write."""

from datetime import date

import duckdb
import pyarrow as pa

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables
from lakehouse.errors import ConfigError
from lakehouse.lake import queries
from lakehouse.lake.reader import Reader
from lakehouse.ops.history import History
from lakehouse.sql import duckdb_engine
from lakehouse.sql.duckdb_engine import Limits
from lakehouse.sql.query import Query


class LocalTables:
    """Answers queries over one night's tables.

    Args:
        as_of: a night that was; None for the last.

    Raises:
        ConfigError: there is no night yet, or none of that day.
    """

    def __init__(self, conf: Conf, as_of: date | None = None) -> None:
        self.conf, self.root = conf, conf.profile.path(conf.profile.lake)
        nights = History(self.root).nights()
        if not nights:
            raise ConfigError("no night has been yet", self.root, "run 'lakehouse night' first")
        self.run_date = as_of or nights[-1]
        self.reader = Reader(self.root, as_of)
        self.versions = self.reader.versions()
        self.contracts = Contracts(conf)
        self.engine = duckdb_engine.connect(Limits(keeps_order=False), [self.root])
        self.tables: set[str] = set()

    def answer(self, query: Query) -> pa.Table:
        """The answer over tables of the lake, or in memory."""
        for name, table in query.tables.items():
            if isinstance(table, pa.Table) or name not in self.tables:
                self.engine.register(name, self._relation(table) if isinstance(table, str) else table)
                self.tables.add(name)
        answer = queries.answer(self.engine, query)
        for step in query.steps:
            self.engine.execute(f"DROP VIEW IF EXISTS {step}" if self._is_view(step) else f"DROP TABLE {step}")
        return answer

    def _is_view(self, step: str) -> bool:
        kinds = "SELECT count(*) FROM duckdb_views() WHERE view_name = ?"
        return bool(self.engine.execute(kinds, [step]).fetchall()[0][0])

    def _relation(self, table: str) -> duckdb.DuckDBPyRelation | pa.Table:
        path = f"{self.root}/{table.replace('.', '/', 1)}"
        version = delta_log.latest_version(path) if self.versions is None else self.versions.get(table)
        files = [] if version is None else rs_tables.files(path, version) if "://" not in path else None
        if files is None:
            return self.reader.sql(f"SELECT * FROM {table}")
        if not files:
            return rs_tables.arrow_schema(self.contracts[table]).empty_table()
        return self.engine.read_parquet(files, union_by_name=True)
