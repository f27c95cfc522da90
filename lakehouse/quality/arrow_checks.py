"""What the gate sees of rows in memory or in files of this machine: the same values as Spark's aggregate, by DuckDB."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from lakehouse.quality import file_hashes, row_hashes
from lakehouse.quality.compiler import Check, column
from lakehouse.sql import dialect, duckdb_engine
from lakehouse.sql.duckdb_engine import Limits

MEMORY_OF_FILES = "2GB"  # which holds the keys of some ten million rows; more go through files


def observed(rows: pa.Table, checks: list[Check]) -> dict[str, Any] | None:
    """Row count, fingerprint and the values of all checks; None where a type or a check is Spark's alone."""
    hashes = row_hashes.row_hashes(rows)
    if hashes is None:
        return None
    with _engine(rows) as engine:
        values = _values(engine, checks)
    known = {"rows": rows.num_rows, "fingerprint": row_hashes.total(hashes) if rows.num_rows else None}
    return None if values is None else {**known, **values}


@dataclass(frozen=True)
class Local:
    """Parquet files of this machine.

    Args:
        files: at least one.
        folder: that holds them.
        schema: their columns in the order in which they are hashed.
        spill: a folder for what does not fit into memory.
    """

    files: Sequence[str]
    folder: str
    schema: pa.Schema
    spill: str


def observed_files(rows: Local, checks: list[Check]) -> dict[str, Any] | None:
    """The same for rows that lie in files, whatever their number."""
    values = checked_files(rows, checks)
    hashed = None if values is None else file_hashes.fingerprint(rows.files, rows.schema)
    return None if values is None or hashed is None else {**values, "fingerprint": hashed}


def checked_files(rows: Local, checks: list[Check]) -> dict[str, Any] | None:
    """Row count and the values of all checks; None where a check is Spark's alone."""
    limits = Limits(memory=MEMORY_OF_FILES, spill=rows.spill, keeps_order=False)
    with duckdb_engine.connect(limits, [rows.folder, rows.spill]) as engine:
        engine.register("batch", engine.read_parquet(list(rows.files)))
        values = _values(engine, checks)
        count = (engine.execute("SELECT count(*) FROM batch").fetchone() or (0,))[0]
    return None if values is None else {"rows": count, **values}


def _values(engine: duckdb.DuckDBPyConnection, checks: list[Check]) -> dict[str, Any] | None:
    """The values of all checks over `batch`."""
    named = {f"c{i}_{name}": sql for i, check in enumerate(checks) for name, sql in check.columns.items()}
    try:
        values = _aggregates(engine, named)
        for i, check in enumerate(checks):
            if check.distinct:
                values[f"c{i}_distinct"] = _different(engine, check.distinct.names, check.distinct.validated)
    except duckdb.Error:  # a regular expression of Java's kind, a function that DuckDB lacks
        return None
    return values


def different(rows: pa.Table, validated: str, names: tuple[str, ...]) -> int:
    """Different values of columns among the rows that a column says count; every type, lists and structs too."""
    if not rows.num_rows:
        return 0
    with _engine(rows.select([validated, *dict.fromkeys(names)])) as engine:
        return _different(engine, names, column(validated))


def _engine(rows: pa.Table) -> duckdb.DuckDBPyConnection:
    engine = duckdb_engine.connect(duckdb_engine.ONE_THREAD)
    engine.register("batch", rows)
    return engine


def _aggregates(engine: duckdb.DuckDBPyConnection, named: dict[str, str]) -> dict[str, Any]:
    columns = ", ".join(f"{sql} AS {name}" for name, sql in named.items())
    seen = engine.execute(dialect.in_duckdb(f"SELECT {columns} FROM batch")).fetchone() if columns else ()
    return dict(zip(named, seen or (), strict=True))


def _different(engine: duckdb.DuckDBPyConnection, names: Iterable[str], validated: str) -> int:
    chosen = ", ".join(map(column, names))
    query = f"SELECT count(*) FROM (SELECT DISTINCT {chosen} FROM batch WHERE {validated}) found"
    return int((engine.execute(dialect.in_duckdb(query)).fetchone() or (0,))[0])
