"""Rows of some groups leave a table by its files: those that hold any are written anew without them, the others stay.

An order that is told anew changes the files that its lines stand in; what a night writes grows with what is corrected,
not with the table.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.delta import rs_tables
from lakehouse.delta.rs_tables import ROW_GROUP_ROWS
from lakehouse.delta.staged import Staged, new_folder
from lakehouse.sql import duckdb_engine
from lakehouse.sql.duckdb_engine import Limits
from lakehouse.sql.literal import identifier, literal

FILE_ROWS = 4_000_000  # a file with more is hard to share among readers


class Rest(NamedTuple):
    """What is left of the files that hold rows of the groups.

    Args:
        version: of the table whose files these are.
        gone: names of the files, within the table's folder.
        kept: their other rows, written.
    """

    version: int
    gone: tuple[str, ...]
    kept: Staged


def rest(root: str, path: str, version: int, groups: pa.Table) -> Rest | None:
    """Write the rows that stay of every file that holds rows of the groups; None where only Spark reads the table.

    Args:
        root: the lake's, where the files wait for their commit.
        path: the table's folder on this machine's disk.
        groups: their values, by the table's column names; a NULL is in no group.
    """
    files = rs_tables.files(path, version)
    if files is None:
        return None
    with duckdb_engine.connect(Limits(spill=f"{root}/_spill"), folders=None) as engine:
        engine.register("groups", groups)
        held = holding(engine, files, groups.column_names)
        kept = _without(engine, root, held, groups.column_names, rs_tables.stored_schema(path, version))
    return Rest(version, tuple(str(Path(file).relative_to(path)) for file in held), kept)


def holding(engine: duckdb.DuckDBPyConnection, files: list[str], columns: list[str]) -> list[str]:
    """The files with rows of the groups that the engine has as `groups`: of all files only these columns are read."""
    if not files:
        return []
    query = (
        f"SELECT DISTINCT filename FROM read_parquet({literal(files, 'duckdb')}, filename = true, "
        f"union_by_name = true) t SEMI JOIN groups g ON {_alike(columns)} ORDER BY filename"
    )
    return [name for (name,) in engine.execute(query).fetchall()]


def _without(
    engine: duckdb.DuckDBPyConnection, root: str, files: list[str], columns: list[str], schema: pa.Schema
) -> Staged:
    if not files:
        return Staged(new_folder(root), (), 0)
    rows = engine.sql(joined("ANTI", files, columns, schema.names))
    return written(new_folder(root), schema, rows.to_arrow_reader(ROW_GROUP_ROWS))


def joined(kind: Literal["SEMI", "ANTI"], files: list[str], columns: list[str], chosen: list[str]) -> str:
    """The query for the rows of files that are in the groups, or that are in none."""
    names = ", ".join(f"t.{identifier(name, 'duckdb')}" for name in chosen)
    source = f"read_parquet({literal(files, 'duckdb')}, union_by_name = true)"
    return f"SELECT {names} FROM {source} t {kind} JOIN groups g ON {_alike(columns)}"


def _alike(columns: list[str]) -> str:
    names = [identifier(name, "duckdb") for name in columns]
    return " AND ".join(f"t.{name} = g.{name}" for name in names)


def of_rows(root: str, rows: pa.Table) -> Staged:
    """Rows of this process as files below a lake's root."""
    return written(new_folder(root), rows.schema, iter(rows.to_batches(ROW_GROUP_ROWS)))


def written(folder: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Staged:
    """Write batches as Parquet files of a bounded number of rows; none where there are no rows."""
    schema, counts = schema.remove_metadata(), dict[str, int]()
    filled = (batch.cast(schema) for batch in batches if batch.num_rows)
    while (first := next(filled, None)) is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        file = f"{folder}/part-{len(counts):05d}-{uuid4().hex}.parquet"
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            counts[file] = _fill(writer, first, filled)
    return Staged(folder, tuple(counts), sum(counts.values()))


def _fill(writer: pq.ParquetWriter, first: pa.RecordBatch, more: Iterator[pa.RecordBatch]) -> int:
    """Write batches until there are no more, or the file is full; its rows."""
    rows = 0
    for batch in chain([first], more):
        writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
        rows += batch.num_rows
        if rows >= FILE_ROWS:
            break
    return rows
