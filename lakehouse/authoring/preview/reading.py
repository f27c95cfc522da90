"""The beginning of an export's file as bronze would hold it, with the very parsers of a night."""

import codecs
import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from lakehouse.config.exports import Export
from lakehouse.files import csv_lines, encodings, json_lines, parquet_rows

LINES = 2000  # a preview reads so many lines: grouping targets want whole groups
MOST_BYTES = 4_000_000
FALLBACKS = ("gb18030", "big5", "cp1252")  # conf/landing.yaml's, for callers without a configuration
RECORD_LINES = 1000


@dataclass(frozen=True)
class Lines:
    """The first records of a file.

    Args:
        table: the file's columns as text, `_source_line` BIGINT, `_source_file` and `_file_id` STRING.
        malformed: lines that did not parse, by their numbers.
        missing: required columns that the file lacks.
        extra: columns that the export does not list.
    """

    table: pa.Table
    malformed: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def lines(
    path: Path, export: Export, limit: int = LINES, most: int = MOST_BYTES, fallbacks: Sequence[str] = FALLBACKS
) -> Lines:
    """Read the file's first records.

    Raises:
        ValueError: the file cannot be decoded, or is not of the export's format.
    """
    if export.format == "parquet":
        columns, numbers, bad = _parquet(path, limit)
    else:
        text = decoded(path, export.encoding, most, fallbacks)
        columns, numbers, bad = _json(text, limit) if export.format == "json_lines" else _csv(text, export)
    return _as_exported(columns, numbers, bad, export, limit, path.name)


Parsed = tuple[dict[str, Any], Any, list[int]]


def _as_exported(columns: dict[str, Any], numbers: Any, bad: list[int], export: Export, limit: int, name: str) -> Lines:
    known = {column.casefold(): column for column in export.columns}
    named = {known.get(c.strip().casefold(), c.strip()): values for c, values in columns.items()}
    count = min(limit, len(numbers))
    missing = tuple(c for c, spec in export.columns.items() if spec.required and c not in named)
    extra = tuple(c for c in named if c not in export.columns)
    named |= {c: pa.nulls(len(numbers), pa.string()) for c in export.columns if c not in named}
    table = pa.table({c: values.slice(0, count) for c, values in named.items()})
    table = table.append_column("_source_line", pa.array(numbers, pa.int64()).slice(0, count))
    for technical in ("_source_file", "_file_id"):
        table = table.append_column(technical, pa.repeat(name, count))
    return Lines(table, tuple(bad), missing if count else (), extra)


def decoded(path: Path, encoding: str, most: int = MOST_BYTES, fallbacks: Sequence[str] = FALLBACKS) -> str:
    """The beginning of a text file, gunzipped and decoded, up to its last whole line.

    Raises:
        ValueError: none of the known encodings fits.
    """
    data, is_cut = beginning(path, most)
    chosen = encoding_of(data, fallbacks) if encoding == "auto" else encoding
    try:
        text = codecs.getincrementaldecoder(chosen)("strict").decode(data, final=not is_cut)
    except (UnicodeDecodeError, LookupError) as error:
        raise ValueError(f"the file is not {chosen} text") from error
    text = text.removeprefix("\ufeff")
    return text[: text.rfind("\n") + 1] if is_cut and "\n" in text else text


def beginning(path: Path, most: int = MOST_BYTES) -> tuple[bytes, bool]:
    """The first bytes of a file, gunzipped by its content, and whether there are more."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as stream:
            data = stream.read(most + 1)
    except (EOFError, OSError) as error:
        raise ValueError("the file cannot be unpacked") from error
    return data[:most], len(data) > most


def encoding_of(data: bytes, fallbacks: Sequence[str] = FALLBACKS) -> str:
    """The encoding of a file's first bytes, as landing judges it.

    Raises:
        ValueError: none of the known ones.
    """
    encoding = encodings.marked(data)
    if encoding:
        return str(encoding)
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data, final=False)
        return "utf-8"
    except UnicodeDecodeError as error:
        around = data[max(0, error.start - 65_536) : error.start + 65_536]
    likely = encodings.likely(around.partition(b"\n")[2] or around, fallbacks)
    if likely is None:
        raise ValueError(f"the file is neither UTF-8 nor one of {', '.join(fallbacks)}")
    return str(encodings.canonical(likely))


def _csv(text: str, export: Export) -> Parsed:
    header, start, first = _header(text, export) if export.header else (list(export.columns), 0, 1)
    dialect = csv_lines.Dialect(export.delimiter, export.quote, RECORD_LINES)
    parsed = csv_lines.parse(text[start:].encode(), first, len(header), dialect, True)
    return dict(zip(header, parsed.columns, strict=True)), parsed.lines, list(parsed.bad_lines)


def _header(text: str, export: Export) -> tuple[list[str], int, int]:
    """The header's names, the position after it, and the number of the line there."""
    seen: list[str] = []
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if export.quote else csv.QUOTE_NONE
    rows = csv.reader(_noted(text, seen), delimiter=export.delimiter, quotechar=export.quote or None, quoting=quoting)
    try:
        names = next((row for row in rows if row), [])
    except csv.Error as error:
        raise ValueError("the header is not CSV by `delimiter` and `quote`") from error
    return [name.strip() or f"column_{i}" for i, name in enumerate(names, 1)], sum(map(len, seen)), len(seen) + 1


def _noted(text: str, seen: list[str]) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        seen.append(text[start:end])
        yield seen[-1]
        start = end


def _json(text: str, limit: int) -> Parsed:
    rows, numbers, bad = [], [], []
    texts = text.split("\n")
    for number, values in enumerate(json_lines.parse(texts), 1):
        if values is not None:
            rows.append(values)
            numbers.append(number)
        elif texts[number - 1].strip():
            bad.append(number)
        if len(rows) >= limit:
            break
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}, numbers, bad


def _parquet(path: Path, limit: int) -> Parsed:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        batches = []
        for batch in file.iter_batches(batch_size=min(limit, 65_536)):
            batches.append(batch)
            if sum(b.num_rows for b in batches) >= limit:
                break
        table = pa.Table.from_batches(batches, file.schema_arrow).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise ValueError("it does not open as Parquet") from error
    columns = {
        name: parquet_rows.as_text(column.combine_chunks())
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return columns, list(range(1, table.num_rows + 1)), []
