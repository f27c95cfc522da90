"""What a landed file's columns look like: forms, sizes, how many differ; from some rows spread over its beginning.

A profile that is kept holds no value: of columns that are not personal it keeps short hashes of some values, so that a
renamed word or a moved column is known again.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakehouse.files.drift.forms import forms
from lakehouse.files.read_parts import read_parts
from lakehouse.files.spec import FileSpec
from lakehouse.files.tasks import Part, reading_of

LOOKED_AT = 250  # rows
FIRST_BYTES = 1 << 19  # of a large file so much is read
SKETCH = 48  # values of a column that are known again, the lowest by their hashes
DECILES = 9
MOST_COLUMNS = 300  # of a wider file the first ones


@dataclass(frozen=True)
class ColumnProfile:
    """What the values of a column look like.

    Args:
        looked_at: rows, empty ones included.
        forms: form -> values; "" for empty ones.
        distinct: different values.
        deciles: of the numbers among them, nine figures; () without numbers.
        sketch: short hashes of values, the lowest first; () where none may be kept.
    """

    looked_at: int
    forms: Mapping[str, int]
    distinct: int
    deciles: tuple[float, ...] = ()
    sketch: tuple[str, ...] = ()

    @property
    def empty(self) -> int:
        """How many are empty."""
        return self.forms.get("", 0)

    @property
    def filled(self) -> int:
        """How many are not."""
        return self.looked_at - self.empty

    @property
    def shares(self) -> dict[str, float]:
        """Form -> share of the values that are there."""
        return {name: count / self.filled for name, count in self.forms.items() if name and self.filled}


@dataclass(frozen=True)
class FileProfile:
    """A file's columns in its order, and how many rows it has (about, where values hold newlines)."""

    rows: int
    columns: dict[str, ColumnProfile] = field(default_factory=dict)

    def without_values(self, names: Iterable[str]) -> "FileProfile":
        """The same, without what comes from single values of these columns."""
        hidden = {name: replace(self.columns[name], sketch=(), deciles=()) for name in names if name in self.columns}
        return FileProfile(self.rows, {name: hidden.get(name, column) for name, column in self.columns.items()})


def profile(event: Mapping[str, Any], spec: FileSpec, root: Path, rows: int) -> FileProfile:
    """The profile of a landed file.

    Args:
        event: landed_path, columns, split_starts and split_lines, as in ops.files.
        rows: of the whole file.
    """
    table = sample(event, spec, root)
    names = [name for name in table.column_names if name not in TECHNICAL]
    if spec.landed_format == "parquet":
        rows = pq.read_metadata(root / str(event["landed_path"])).num_rows
    return FileProfile(rows, {name: column_profile(name, table.column(name)) for name in names[:MOST_COLUMNS]})


TECHNICAL = ("_file_id", "_source_file", "_source_line", "_malformed")


def sample(event: Mapping[str, Any], spec: FileSpec, root: Path) -> pa.Table:
    """Some rows, spread evenly over the file, or over the beginning of a large one."""
    path = root / str(event["landed_path"])
    columns, starts = tuple(event["columns"] or ()), event["split_starts"] or [0]
    is_text = spec.landed_format != "parquet"
    size = path.stat().st_size
    end = _end(path, starts[0]) if is_text and size - starts[0] > FIRST_BYTES else (-1 if is_text else 1)
    line = (event["split_lines"] or [1])[0]
    part = Part("", "", str(path), columns, starts[0], end, line, size)
    batches = []
    for batch in islice(read_parts([part], reading_of(spec, 1, 1000), columns, foreseen=False), 1 if is_text else 4):
        good = batch.filter(pc.is_null(batch.column("_malformed")))
        batches.append(pa.Table.from_batches([good]))
    if not batches:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    table = pa.concat_tables(batches, promote_options="default")
    step = max(1, table.num_rows / LOOKED_AT)
    wanted = sorted({int(i * step) for i in range(min(LOOKED_AT, table.num_rows))})
    return table.take(pa.array(wanted, pa.int64()))


def _end(path: Path, start: int) -> int:
    """The byte after the last whole line of a large file's beginning."""
    with path.open("rb") as handle:
        handle.seek(start)
        at = handle.read(FIRST_BYTES).rfind(b"\n")
    return start + at + 1 if at >= 0 else -1


def column_profile(name: str, values: pa.ChunkedArray) -> ColumnProfile:
    """The profile of one column's text."""
    counted = Counter[str | None]()
    for entry in pc.value_counts(values).to_pylist():
        counted[entry["values"]] += entry["counts"]
    known = {value: count for value, count in counted.items() if value is not None and value.strip()}
    hashes = sorted({hash_of(value) for value in known})[:SKETCH]
    return ColumnProfile(len(values), dict(forms(counted)), len(known), deciles(known), tuple(hashes))


def hash_of(value: str) -> str:
    """A short hash by which a value is known again."""
    return hashlib.blake2b(value.strip().encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def deciles(values: Mapping[str, int]) -> tuple[float, ...]:
    """Nine figures that divide the numbers among the values, by size without sign, into ten equal parts."""
    numbers = sorted((abs(n), count) for value, count in values.items() if (n := number(value)) is not None)
    total = sum(count for _, count in numbers)
    if not total:
        return ()
    wanted, seen, made = [total * i / (DECILES + 1) for i in range(1, DECILES + 1)], 0, list[float]()
    for value, count in numbers:
        seen += count
        while len(made) < DECILES and seen >= wanted[len(made)]:
            made.append(value)
    return tuple(made)


def number(value: str) -> float | None:
    """A plain number as one, with either decimal mark; None for all else."""
    text = value.strip().replace(",", ".")
    if len(text) > 40 or not text.isascii() or "_" in text or text.strip("+-.0123456789"):
        return None
    try:
        made = float(text)
    except ValueError:
        return None
    return made if math.isfinite(made) else None


def as_rows(made: FileProfile) -> list[dict[str, Any]]:
    """A profile as rows of ops.column_profiles, one per column."""
    return [
        {
            "column": name,
            "row_count": made.rows,
            "looked_at": column.looked_at,
            "empty": column.empty,
            "distinct": column.distinct,
            "forms": {form or "empty": count for form, count in column.forms.items()},
            "deciles": list(column.deciles),
            "sketch": list(column.sketch),
        }
        for name, column in made.columns.items()
    ]


def of_rows(rows: Sequence[Mapping[str, Any]]) -> FileProfile:
    """The profile that these rows of ops.column_profiles keep."""
    columns = {
        row["column"]: ColumnProfile(
            row["looked_at"],
            {"" if form == "empty" else form: count for form, count in dict(row["forms"] or ()).items()},
            row["distinct"],
            tuple(row["deciles"] or ()),
            tuple(row["sketch"] or ()),
        )
        for row in rows
    }
    return FileProfile(rows[0]["row_count"] if rows else 0, columns)
