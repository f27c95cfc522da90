"""What the gate sees of rows that are at hand as an Arrow table: the same values as Spark's aggregate, by DuckDB."""

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from lakehouse.quality import row_hashes
from lakehouse.quality.compiler import Check, column
from lakehouse.sql import dialect, duckdb_engine


def observed(rows: pa.Table, checks: list[Check]) -> dict[str, Any] | None:
    """Row count, fingerprint and the values of all checks; None where a type or a check is Spark's alone."""
    hashes = row_hashes.row_hashes(rows)
    if hashes is None:
        return None
    named = {f"c{i}_{name}": sql for i, check in enumerate(checks) for name, sql in check.columns.items()}
    try:
        with _engine(rows) as engine:
            values = _aggregates(engine, named)
            for i, check in enumerate(checks):
                if check.distinct:
                    values[f"c{i}_distinct"] = _different(engine, check.distinct.names, check.distinct.validated)
    except duckdb.Error:  # a regular expression of Java's kind, a function that DuckDB lacks
        return None
    return {"rows": rows.num_rows, "fingerprint": row_hashes.total(hashes) if rows.num_rows else None, **values}


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
