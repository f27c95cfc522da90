"""What a landed file's beginning says: its columns, and where its data starts."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.landing.intake.refusals import RefusedError
from jobs.landing.settings.landing import Settings, in_bytes
from lakehouse.config.exports import Export
from lakehouse.contracts.bronze_names import in_bronze


@dataclass(frozen=True)
class Shape:
    """A file's columns, those that its export does not list, and where its parts start."""

    columns: tuple[str, ...]
    extra: tuple[str, ...]
    starts: tuple[int, ...]
    lines: tuple[int, ...]


def shape_of(landed: Path, export: Export, splits: tuple[Sequence[int], Sequence[int]], settings: Settings) -> Shape:
    """Look at a landed file's beginning.

    Args:
        splits: starts and line numbers at which the text may be cut.

    Raises:
        RefusedError: required columns are not there, or the file is not of its export's format.
    """
    if export.format == "parquet":
        return _parquet(landed, export, settings)
    if landed.stat().st_size == 0:
        return Shape((), (), (0,), (1,))
    if export.format == "json_lines":
        names, start, line = _json_keys(landed, in_bytes(settings.header_megabytes)), 0, 1
    else:
        names, start, line = _csv_header(landed, export, in_bytes(settings.header_megabytes))
    columns, extra = _named(names, export)
    later = [(at, number) for at, number in zip(*splits, strict=True) if at > start]
    return Shape(columns, extra, (start, *(at for at, _ in later)), (line, *(number for _, number in later)))


def _lines(landed: Path, limit: int) -> Iterator[str]:
    """The lines at the beginning, within so many bytes; a line that the limit cuts is left out."""
    with landed.open("rb") as handle:
        head = handle.read(limit)
    lines = head.split(b"\n")
    complete = lines if len(head) < limit else lines[:-1]
    return (line.decode() + "\n" for line in complete)


def _csv_header(landed: Path, export: Export, limit: int) -> tuple[list[str], int, int]:
    """The names of the header and the byte and line after it; the export's own names where files have no header."""
    if not export.header:
        return list(export.columns), 0, 1
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    seen: list[str] = []
    source = (seen.append(line) or line for line in _lines(landed, limit))  # type: ignore[func-returns-value]
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if export.quote else csv.QUOTE_NONE
    reader = csv.reader(
        source, delimiter=export.delimiter, quotechar=export.quote or None, quoting=quoting, strict=True
    )
    try:
        names = next((row for row in reader if row), [])
    except csv.Error:
        raise RefusedError(
            "its header is not CSV by the export's delimiter and quote", "correct `delimiter`, `quote`"
        ) from None
    start = sum(len(line.encode()) for line in seen)
    return names, min(start, landed.stat().st_size), len(seen) + 1


def _json_keys(landed: Path, limit: int) -> list[str]:
    """The keys of the first lines; a file that is one JSON array is refused, since every line of it would be broken."""
    keys: dict[str, None] = {}
    for line in islice(_lines(landed, limit), 1000):
        if not keys and line.lstrip().startswith("["):
            raise RefusedError("it is one JSON array", "deliver JSON lines: one object per line")
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        keys |= dict.fromkeys(value) if isinstance(value, dict) else {}
    return list(keys)


def _parquet(landed: Path, export: Export, settings: Settings) -> Shape:
    try:
        file = pq.ParquetFile(landed)
        names, groups = list(file.schema_arrow.names), file.metadata
    except (pa.ArrowException, OSError, ValueError):
        raise RefusedError("it does not open as Parquet", "deliver it again") from None
    columns, extra = _named(names, export)
    starts, lines, row, size = [0], [1], 1, 0
    for i in range(groups.num_row_groups):
        if size > in_bytes(settings.split_megabytes):
            starts.append(i)
            lines.append(row)
            size = 0
        row, size = row + groups.row_group(i).num_rows, size + groups.row_group(i).total_byte_size
    return Shape(columns, extra, tuple(starts), tuple(lines))


def _named(names: Sequence[str], export: Export) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The file's columns by the export's names (outer space and case do not count), and those it does not list."""
    known = {name.casefold(): name for name in export.columns}
    columns = [in_bronze(name, known, f"column_{i}") for i, name in enumerate(names, start=1)]
    missing = [name for name, spec in export.columns.items() if spec.required and name not in columns]
    if missing and names:
        raise RefusedError(f"required columns are not there: {', '.join(missing)}", _missing_remedy(names, export))
    repeated = [name for name, count in Counter(columns).items() if count > 1 and name in export.columns]
    if repeated:
        raise RefusedError(f"columns stand there twice: {', '.join(repeated)}", "deliver each column once")
    columns = _distinct(columns)
    return tuple(columns), tuple(name for name in columns if name not in export.columns)


def _missing_remedy(names: Sequence[str], export: Export) -> str:
    if export.format == "csv" and len(names) < len(export.columns) // 2:
        return f"see whether `delimiter` ('{export.delimiter}') and `header` fit; the file shows {len(names)} columns"
    return "deliver them, or mark them `required: false` in the export"


def _distinct(columns: list[str]) -> list[str]:
    """A repeated name gets a number: `note`, `note_2`."""
    seen: set[str] = set()
    for i, name in enumerate(columns):
        number = 2
        while columns[i].casefold() in seen:
            columns[i], number = f"{name}_{number}", number + 1
        seen.add(columns[i].casefold())
    return columns
