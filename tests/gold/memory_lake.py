"""A lake in memory, answered by DuckDB alone: what a job computes on real data, without Spark and without files."""

from datetime import date

import duckdb
import pyarrow as pa

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from lakehouse.lake.publish import Published
from lakehouse.lake.queries import answer
from lakehouse.sql.query import Query


class MemoryLake:
    """The part of `Lake` that jobs of one SQL use; what they publish stands in `published`, their notes in `notes`."""

    def __init__(self, conf: Conf | None = None, **tables: pa.Table) -> None:
        """Tables by their short names, as customer_map; without a configuration of its own it registers no model."""
        self.is_replay = conf is None
        self.conf = conf or Conf()
        self.contracts = Contracts(self.conf)
        self.profile = self.conf.profile
        self.root, self.base = self.profile.path(self.profile.lake), None
        self.tables = tables
        self.published: dict[str, pa.Table] = {}
        self.notes: list[str] = []

    def row_count(self, table: str) -> int:
        return self.at_hand(table).num_rows

    def pin(self, table: str) -> int | None:
        return 0 if self.exists(table) else None

    def exists(self, table: str) -> bool:
        return table.split(".")[1] in self.tables

    def is_current(self, table: str) -> bool:
        return self.exists(table)

    def at_hand(self, table: str | pa.Table) -> pa.Table:
        if not isinstance(table, str):
            return table
        name = table.split(".")[1]
        return self.tables[name] if name in self.tables else rs_tables.arrow_schema(self.contracts[table]).empty_table()

    def fetch(self, query: Query) -> pa.Table:
        with duckdb.connect(config={"threads": 2}) as engine:
            engine.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
            for name, table in query.tables.items():
                engine.register(name, self.at_hand(table))
            return answer(engine, query)

    def materialise(self, query: Query, _most: int) -> pa.Table:
        return self.fetch(query)

    def rows(self, query: Query, _most: int) -> pa.Table:
        return self.fetch(query)

    def note(self, table: str, text: str) -> None:
        self.notes.append(f"{table}: {text}")

    def publish(self, table: str, rows: pa.Table, _run_date: date, mode: str | None = None) -> Published:
        self.published[table] = rs_tables.aligned(rows, self.contracts[table])
        return Published(table, 0, self.published[table].num_rows, "")
