"""Mapped rows of an export without Spark: its expressions, transpiled and run by DuckDB over the first lines."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot

from jobs import expressions
from jobs.config import Export, Target

LINES = 2000  # read so many lines; grouping targets want whole groups
MOST_BYTES = 4_000_000


def lines(path: Path, export: Export, limit: int = LINES) -> pa.Table:
    """The file's first records as text columns with `_source_line`, as bronze would hold them.

    Raises:
        ValueError: the file cannot be decoded or parsed.
    """
    if export.format == "parquet":
        batch = next(pq.ParquetFile(path).iter_batches(batch_size=limit))
        table = pa.Table.from_batches([batch])
        rows = [{k: None if v is None else str(v) for k, v in row.items()} for row in table.to_pylist()]
    else:
        text = decoded(path, export.encoding)
        rows = _json_rows(text, limit) if export.format == "json_lines" else _csv_rows(text, export, limit)
    names = list(dict.fromkeys([*export.columns, *(name for row in rows for name in row)]))
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.table({**columns, "_source_line": pa.array(range(2, len(rows) + 2), pa.int64())})


def decoded(path: Path, encoding: str, most: int = MOST_BYTES) -> str:
    """The beginning of a text file, gunzipped and decoded.

    Raises:
        ValueError: none of the known encodings fits.
    """
    import gzip

    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as stream:
        data = stream.read(most)
    return (
        data[: data.rfind(b"\n") + 1 or None]
        .decode(encoding_of(data) if encoding == "auto" else encoding, errors="strict")
        .lstrip("\ufeff")
    )


def encoding_of(data: bytes) -> str:
    """The encoding of a file's first bytes: byte order mark, UTF-8, then the Chinese ones, then latin-1."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return name
    whole = data[: data.rfind(b"\n") + 1 or None]
    for name in ("utf-8", "gb18030", "big5"):
        try:
            whole.decode(name)
            return name
        except UnicodeDecodeError:
            continue
    return "latin-1"


def _csv_rows(text: str, export: Export, limit: int) -> list[dict[str, Any]]:
    reader = csv.reader(io.StringIO(text), delimiter=export.delimiter, quotechar=export.quote or None)
    header = next(reader, []) if export.header else list(export.columns)
    found = []
    for values in reader:
        if len(values) == len(header):
            found.append(dict(zip(header, (value or None for value in values), strict=True)))
        if len(found) >= limit:
            break
    return found


def _json_rows(text: str, limit: int) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines()[:limit]:
        if isinstance(row := json.loads(line), dict):
            found.append({k: _text(v) for k, v in row.items()})
    return found


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def mapped(source: pa.Table, export: Export, target: Target, limit: int = 20) -> pa.Table:
    """The target's first rows.

    Raises:
        duckdb.Error: an expression does not run; its text names the column.
    """
    connection = duckdb.connect()
    connection.register("lines", source)
    return connection.execute(query(export, target, limit)).to_arrow_table()


def query(export: Export, target: Target, limit: int) -> str:
    """The SELECT that a target stands for, in DuckDB's dialect."""
    account = target.account or export.account
    columns = dict(target.columns)
    if account and "account_id" not in columns:
        channel = account.channel or f"'{export.channel}'"
        key = f"CAST({account.key} AS STRING)"
        shown = f"concat({channel}, ':', {'substring(sha2(' + key + ', 256), 1, 32)' if account.personal else key})"
        columns = {"account_id": f"min({shown})" if target.group_by else shown, **columns}
    chosen = ", ".join(f"{expressions.expand(sql)} AS `{name}`" for name, sql in columns.items())
    text = f"SELECT {chosen} FROM {_source(target)}"
    text += f" WHERE {expressions.expand(target.where)}" if target.where else ""
    text += f" GROUP BY {', '.join(f'`{name}`' for name in target.group_by)}" if target.group_by else ""
    return sqlglot.transpile(f"{text} LIMIT {limit}", read="spark", write="duckdb")[0]


def _source(target: Target) -> str:
    if not target.explode:
        return "lines"
    return f"(SELECT *, explode(from_json(`{target.explode.column}`, '{target.explode.schema}')) AS {target.explode.as_} FROM lines)"
