"""Rows of the lake's tables at fixed versions, and those of them that belong to rows of another table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables
from lakehouse.delta.log import table_path
from lakehouse.sql.literal import identifier

MOST_ROWS = 100_000  # more are counted, not shown: no way back leads through them
Pairs = tuple[tuple[str, str], ...]  # a column of the rows that are known, and the other table's column


@dataclass
class Rows:
    """Answers from tables at fixed versions.

    Args:
        engine: reads files of the lake and nothing else.
    """

    root: str
    contracts: Contracts
    engine: duckdb.DuckDBPyConnection

    def matching(self, table: str, version: int, known: pa.Table, pairs: Pairs) -> pa.Table:
        """The rows whose columns equal those of a known row, for each of the pairs; all rows without pairs."""
        source = self._relation(table, version)
        if not pairs:
            return self._answer(f"SELECT * FROM {source}")
        self.engine.register("known", known)
        try:
            wanted = " AND ".join(f"k.{_name(mine)} = t.{_name(other)}" for mine, other in pairs)
            condition = f"EXISTS (SELECT 1 FROM known AS k WHERE {wanted})"
            return self._answer(f"SELECT * FROM {source} AS t WHERE {condition}")
        except duckdb.Error:  # columns of one name and of types that cannot be compared
            return self._answer(f"SELECT * FROM {source} LIMIT 0")
        finally:
            self.engine.unregister("known")

    def of_groups(self, table: str, version: int, known: pa.Table, keys: Sequence[str]) -> pa.Table:
        """All lines of bronze that stand in one group with a known line: of its file, with the same keys.

        Args:
            known: `_source_file` and `_source_line` of the first line of each group.
            keys: DuckDB's SQL over the export's columns.
        """
        self.engine.register("known", known)
        try:
            named = ", ".join(f"{key} AS _key{i}" for i, key in enumerate(keys))
            same = " AND ".join(f"f._key{i} = l._key{i}" for i in range(len(keys)))
            return self._answer(f"""
                WITH files AS (SELECT DISTINCT _source_file FROM known),
                keyed AS (SELECT *, {named} FROM {self._relation(table, version)} SEMI JOIN files USING (_source_file)),
                firsts AS (SELECT * FROM keyed SEMI JOIN known USING (_source_file, _source_line))
                SELECT l.* FROM keyed AS l WHERE EXISTS (
                    SELECT 1 FROM firsts AS f
                    WHERE f._source_file = l._source_file AND f._file_id = l._file_id AND {same})""")
        finally:
            self.engine.unregister("known")

    def with_key(self, table: str, version: int, key: Iterable[tuple[str, str]]) -> pa.Table:
        """The rows with these values, given as text."""
        conditions, values = ["TRUE"], []
        for column, value in key:
            conditions.append(f"CAST({_name(column)} AS VARCHAR) = ?")
            values.append(value)
        query = f"SELECT * FROM {self._relation(table, version)} WHERE {' AND '.join(conditions)}"
        return self._answer(query, values)

    def none(self, table: str, version: int) -> pa.Table:
        """No rows, in the table's columns."""
        return self._answer(f"SELECT * FROM {self._relation(table, version)} LIMIT 0")

    def count(self, table: str, version: int) -> int:
        """How many rows the table has."""
        return delta_log.row_count(table_path(self.root, table), version)

    def readable(self, table: str, version: int | None) -> int | None:
        """The version itself where its files are still there, else the newest; None where there is no table."""
        path = table_path(self.root, table)
        newest = delta_log.latest_version(path)
        if version is None or newest is None or version == newest:
            return newest
        return version if version in delta_log.versions(path) and self._has_files(path, version) else newest

    def _has_files(self, path: str, version: int) -> bool:
        system, inner = delta_log.file_system(path)
        names = pa.table(DeltaTable(path, version=version).get_add_actions(flatten=True)).column("path").to_pylist()
        found = system.get_file_info([name if name.startswith("/") else f"{inner}/{name}" for name in names])
        return all(one.is_file for one in found)

    def _relation(self, table: str, version: int) -> str:
        """A name for the table in the engine: a view of its files, or rows that delta-rs's own engine reads."""
        path, name = table_path(self.root, table), f"{table.replace('.', '__')}__{version}"
        if name not in {row[0] for row in self.engine.execute("SELECT view_name FROM duckdb_views()").fetchall()}:
            files = rs_tables.files(path, version)
            if files:
                self.engine.read_parquet(files, union_by_name=True).create_view(name)
            else:
                rows = (
                    rs_tables.arrow_schema(self.contracts[table]).empty_table() if files == [] else _read(path, version)
                )
                self.engine.register(name, rows)
        return _name(name)

    def _answer(self, query: str, values: list[str] | None = None) -> pa.Table:
        return self.engine.sql(f"SELECT * FROM ({query}) LIMIT {MOST_ROWS}", params=values or None).to_arrow_table()


def _read(path: str, version: int) -> pa.Table:
    """A table with deletion vectors or mapped columns, which files alone do not show."""
    builder = QueryBuilder().register("t", DeltaTable(path, version=version))
    return pa.table(builder.execute("SELECT * FROM t").read_all())


def _name(column: str) -> str:
    return identifier(column, "duckdb")
