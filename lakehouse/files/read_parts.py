"""The work of one task: parts of landed files to Arrow batches of text columns with file and line."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakehouse.files import csv_lines, json_lines, parquet_rows
from lakehouse.files.column_names import in_bronze
from lakehouse.files.tasks import Part, Reading
from lakehouse.storage import s3

BATCH_ROWS = 65_536


@dataclass(frozen=True)
class PartReader:
    """What Spark's workers run: it is sent to them, so this module imports neither Spark nor the lake."""

    shares: list[list[Part]]  # by task
    reading: Reading
    names: tuple[str, ...] = ()

    def lines(self, tasks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The lines of the parts of each task number that comes in."""
        for share in self._shares(tasks):
            yield from read_parts(share, self.reading, self.names)

    def json_keys(self, tasks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The column names of all top-level keys in the parts of each task number that comes in."""
        for share in self._shares(tasks):
            yield pa.RecordBatch.from_arrays([pa.array(json_columns(share, self.reading), pa.string())], names=["key"])

    def _shares(self, tasks: Iterator[pa.RecordBatch]) -> Iterator[list[Part]]:
        return (self.shares[i] for batch in tasks for i in batch.column(0).to_pylist())


class UnlistedKeysError(Exception):
    """A JSON line has a key that no column was foreseen for: the reader must look at all lines first."""


def read_parts(
    parts: Iterable[Part], reading: Reading, names: Sequence[str], foreseen: bool = True
) -> Iterator[pa.RecordBatch]:
    """Every line of the parts: columns `names`, _file_id, _source_file, _source_line, _malformed.

    Args:
        foreseen: `names` must hold every key of JSON lines; else the keys that it lacks are added to a batch.

    Raises:
        UnlistedKeysError: a JSON line has a key that is not among the foreseen names.
    """
    readers = {"csv": _csv, "json_lines": _json_lines, "parquet": _parquet}
    for part in parts:
        for columns, lines, malformed in readers[reading.format](part, reading):
            yield from _batches(part, names if foreseen else _with_new(names, columns), columns, lines, malformed)


def _with_new(names: Sequence[str], columns: Iterable[str]) -> list[str]:
    known = {name.casefold() for name in names}
    return [*names, *(name for name in columns if name.casefold() not in known)]


def read_side_by_side(
    parts: Sequence[Part], reading: Reading, names: Sequence[str], at_once: int
) -> Iterator[pa.RecordBatch]:
    """The same batches in the parts' order, with some parts parsed ahead by threads; never more than `at_once`."""
    with ThreadPoolExecutor(at_once) as pool:
        ahead: deque[Future[list[pa.RecordBatch]]] = deque()
        for part in parts:
            ahead.append(pool.submit(_all_of, part, reading, names))
            if len(ahead) > at_once:
                yield from ahead.popleft().result()
        while ahead:
            yield from ahead.popleft().result()


def _all_of(part: Part, reading: Reading, names: Sequence[str]) -> list[pa.RecordBatch]:
    return list(read_parts([part], reading, names))


def dated(batch: pa.RecordBatch, nights: Mapping[tuple[str, str], date]) -> pa.RecordBatch:
    """The batch with _run_date.

    Args:
        nights: path and file_id of every file that may be in it -> the night that took it.
    """
    of_day = set(nights.values())
    if len(of_day) == 1:
        days = pa.repeat(pa.scalar(of_day.pop(), pa.date32()), batch.num_rows)
    else:
        files = pa.array([f"{file_id}|{path}" for path, file_id in nights])
        own = pc.binary_join_element_wise(batch["_file_id"], batch["_source_file"], "|")
        days = pa.array(nights.values(), pa.date32()).take(pc.index_in(own, files))
    return pa.RecordBatch.from_arrays([*batch.columns, days], names=[*batch.schema.names, "_run_date"])


def json_columns(parts: Iterable[Part], reading: Reading) -> list[str]:
    """The column names of all top-level keys in JSON lines."""
    known = dict(reading.known)
    rows = (values or {} for part in parts for _, _, values in json_objects(part, reading))
    return sorted({in_bronze(key, known) for row in rows for key in row})


Piece = tuple[dict[str, pa.Array], pa.Array, pa.Array | None]


def _batches(
    part: Part, names: Sequence[str], columns: dict[str, pa.Array], lines: pa.Array, malformed: pa.Array | None
) -> Iterator[pa.RecordBatch]:
    by_name = {name.casefold(): values for name, values in columns.items()}
    if not by_name.keys() <= {name.casefold() for name in names}:
        raise UnlistedKeysError
    for start in range(0, len(lines), BATCH_ROWS):
        count = min(BATCH_ROWS, len(lines) - start)
        empty = pa.nulls(count, pa.string())
        values = [by_name[n.casefold()].slice(start, count) if n.casefold() in by_name else empty for n in names]
        broken = malformed.slice(start, count) if malformed is not None else empty
        meta = [pa.repeat(part.file_id, count), pa.repeat(part.source_file, count), lines.slice(start, count), broken]
        yield pa.RecordBatch.from_arrays(
            values + meta, names=[*names, "_file_id", "_source_file", "_source_line", "_malformed"]
        )


def _open(path: str) -> BinaryIO:
    if "://" not in path:
        return Path(path).open("rb")
    system, inner = s3.file_system(path)
    handle: BinaryIO = system.open_input_file(inner)
    return handle


def _csv(part: Part, reading: Reading) -> Iterator[Piece]:
    width, line, rest = len(part.columns), part.first_line, b""
    for block, is_last in _blocks(part, reading.block_bytes):
        text = rest + block
        parsed = csv_lines.parse(text, line, width, reading.dialect, is_last)
        rest, line = text[parsed.consumed :], line + parsed.consumed_lines
        if len(parsed.lines):
            yield dict(zip(part.columns, parsed.columns, strict=True)), pa.array(parsed.lines, pa.int64()), None
        if parsed.bad_lines:
            broken = dict(zip(part.columns, parsed.bad_columns, strict=True))
            yield broken, pa.array(parsed.bad_lines, pa.int64()), pa.array(parsed.bad_texts, pa.string())


def _blocks(part: Part, size: int) -> Iterator[tuple[bytes, bool]]:
    """The part's bytes in blocks, the last one marked as such."""
    with _open(part.path) as handle:
        handle.seek(part.start)
        left = part.end - part.start if part.end >= 0 else None
        block = _take(handle, size, left)
        while True:
            left = left - len(block) if left is not None else None
            following = _take(handle, size, left)
            yield block, not following
            if not following:
                return
            block = following


def _take(handle: BinaryIO, size: int, left: int | None) -> bytes:
    return handle.read(size if left is None else min(size, left))


def json_objects(part: Part, reading: Reading) -> Iterator[tuple[int, str, dict[str, str | None] | None]]:
    """Line number, text and top-level values (None: malformed) of each line that is not empty."""
    line, rest = part.first_line, b""
    for block, is_last in _blocks(part, reading.block_bytes):
        whole, cut, tail = (rest + block).rpartition(b"\n")
        if is_last:
            whole, cut, tail = whole + cut + tail, b"", b""
        rest = tail
        texts = whole.decode().split("\n") if whole or cut else []
        for text, values in zip(texts, json_lines.parse(texts), strict=True):
            if text.strip():
                yield line, text.removesuffix("\r"), values
            line += 1


def _json_lines(part: Part, reading: Reading) -> Iterator[Piece]:
    known = dict(reading.known)
    batch: list[tuple[int, str, dict[str, str | None] | None]] = []
    for item in json_objects(part, reading):
        batch.append(item)
        if len(batch) == BATCH_ROWS:
            yield _json_piece(batch, known)
            batch = []
    if batch:
        yield _json_piece(batch, known)


def _json_piece(batch: list[tuple[int, str, dict[str, str | None] | None]], known: dict[str, str]) -> Piece:
    rows = [values or {} for _, _, values in batch]
    keys = dict.fromkeys(key for row in rows for key in row)
    columns: dict[str, pa.Array] = {}
    for key in keys:
        name = in_bronze(key, known)
        values = pa.array([row.get(key) for row in rows], pa.string())
        columns[name] = values if name not in columns else columns[name].fill_null(values)
    malformed = pa.array([text if values is None else None for _, text, values in batch], pa.string())
    return columns, pa.array([line for line, _, _ in batch], pa.int64()), malformed


def _parquet(part: Part, _: Reading) -> Iterator[Piece]:
    with _open(part.path) as handle:
        file = pq.ParquetFile(handle, read_dictionary=parquet_rows.texts(pq.read_schema(handle)))
        last = part.end if part.end >= 0 else file.num_row_groups
        line = part.first_line
        for batch in file.iter_batches(BATCH_ROWS, row_groups=range(part.start, last)):
            for piece in parquet_rows.in_pieces(batch):
                values = [parquet_rows.as_text(column) for column in piece.columns]
                lines = pa.array(range(line, line + piece.num_rows), pa.int64())
                line += piece.num_rows
                yield dict(zip(part.columns, values, strict=True)), lines, None
