"""What a landed file's beginning says: its columns, and where its data starts."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.files.column_names import in_bronze
from lakehouse.files.headers import Header, missing
from lakehouse.files.refusals import RefusedError
from lakehouse.files.spec import FileSpec, Limits, in_bytes


@dataclass(frozen=True)
class Shape:
    """A file's columns, those that its export does not list, and where its parts start."""

    columns: tuple[str, ...]
    extra: tuple[str, ...]
    starts: tuple[int, ...]
    lines: tuple[int, ...]


def shape_of(
    landed: Path,
    spec: FileSpec,
    splits: tuple[Sequence[int], Sequence[int]],
    limits: Limits,
    header: tuple[Header, int] | None = None,
) -> Shape:
    """Look at a landed file's beginning.

    Args:
        splits: starts and line numbers at which the text may be cut.
        header: of a CSV file, with the byte after it.

    Raises:
        RefusedError: required columns are not there, or the file is not of its export's format.
    """
    if spec.landed_format == "parquet":
        return _parquet(landed, spec, limits)
    if landed.stat().st_size == 0:
        return Shape((), (), (0,), (1,))
    if spec.landed_format == "json_lines":
        names, start, line = _json_keys(landed, in_bytes(limits.header_megabytes)), 0, 1
    elif header is None:
        names, start, line = [column.name for column in spec.columns], 0, 1
    else:
        names, start, line = header[0].names, header[1], header[0].line + header[0].line_count + 1
    columns, extra = named(names, spec)
    later = [(at, number) for at, number in zip(*splits, strict=True) if at > start]
    return Shape(columns, extra, (start, *(at for at, _ in later)), (line, *(number for _, number in later)))


def _lines(landed: Path, limit: int) -> Iterator[str]:
    """The lines at the beginning, within so many bytes; a line that the limit cuts is left out."""
    with landed.open("rb") as handle:
        head = handle.read(limit)
    lines = head.split(b"\n")
    complete = lines if len(head) < limit else lines[:-1]
    return (line.decode() + "\n" for line in complete)


def _json_keys(landed: Path, limit: int) -> list[str]:
    """The keys of the first lines; a file that is one JSON array is refused, since every line of it would be broken."""
    keys: dict[str, None] = {}
    for line in islice(_lines(landed, limit), 1000):
        if not keys and line.lstrip().startswith("["):
            raise RefusedError(
                "it is one JSON array", "write `format: json`, or deliver JSON lines: one object per line"
            )
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        keys |= dict.fromkeys(value) if isinstance(value, dict) else {}
    return list(keys)


def _parquet(landed: Path, spec: FileSpec, limits: Limits) -> Shape:
    try:
        file = pq.ParquetFile(landed)
        names, groups = list(file.schema_arrow.names), file.metadata
    except (pa.ArrowException, OSError, ValueError):
        raise RefusedError("it does not open as Parquet", "deliver it again") from None
    _check_expansion(sum(groups.row_group(i).total_byte_size for i in range(groups.num_row_groups)), landed, limits)
    columns, extra = named(names, spec)
    starts, lines, row, size = [0], [1], 1, 0
    for i in range(groups.num_row_groups):
        if size > in_bytes(limits.split_megabytes):
            starts.append(i)
            lines.append(row)
            size = 0
        row, size = row + groups.row_group(i).num_rows, size + groups.row_group(i).total_byte_size
    return Shape(columns, extra, tuple(starts), tuple(lines))


def _check_expansion(size: int, landed: Path, limits: Limits) -> None:
    """A file that says it unpacks to too much is not opened further; one that lies is stopped when it is read."""
    is_large = size > in_bytes(limits.ratio_counts_from_megabytes)
    if size > in_bytes(limits.max_expanded_megabytes):
        raise RefusedError(f"it unpacks to more than {limits.max_expanded_megabytes} MB", "deliver it in parts")
    if is_large and size > limits.max_expansion_ratio * landed.stat().st_size:
        what = f"it unpacks to more than {limits.max_expansion_ratio} times its size"
        raise RefusedError(what, "see whether it is what it says; max_expansion_ratio in landing.yaml")


def named(names: Sequence[str], spec: FileSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The file's columns by the export's names (outer space and case do not count), and those it does not list.

    Raises:
        RefusedError: a required column is not there, or a listed one stands there twice.
    """
    columns = [in_bronze(name, spec.names, f"column_{i}") for i, name in enumerate(names, start=1)]
    own = {column.name for column in spec.columns}
    distinct = _distinct(list(columns))
    if names and any(column.required and column.name not in distinct for column in spec.columns):
        raise missing(names, spec)
    listed_twice = [n for n, count in Counter(columns).items() if count > 1 and n in own and f"{n}_2" not in own]
    if listed_twice:
        raise RefusedError(
            f"columns stand there twice: {', '.join(listed_twice)}",
            f"deliver each column once, or list the second one, too: `{listed_twice[0]}_2: {{}}`",
        )
    return tuple(distinct), tuple(name for name in distinct if name not in own)


def _distinct(columns: list[str]) -> list[str]:
    """A repeated name gets a number: `note`, `note_2`."""
    seen: set[str] = set()
    for i, name in enumerate(columns):
        number = 2
        while columns[i].casefold() in seen:
            columns[i], number = f"{name}_{number}", number + 1
        seen.add(columns[i].casefold())
    return columns
