"""What one task of the bronze load reads: parts of landed files, and how to read them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lakehouse.files.csv_lines import Dialect
from lakehouse.files.spec import FileSpec


@dataclass(frozen=True)
class Part:
    """A stretch of one landed file: bytes of text, or row groups of a Parquet file; `end` -1 is the file's end."""

    file_id: str
    source_file: str
    path: str
    columns: tuple[str, ...]
    start: int
    end: int
    first_line: int
    size: int  # bytes, about


@dataclass(frozen=True)
class Reading:
    """How the parts of one export are read, whatever the file."""

    format: str
    dialect: Dialect
    known: tuple[tuple[str, str], ...]  # every name that a file may use for a column, casefolded, and the column's own
    block_bytes: int


def reading_of(spec: FileSpec, block_megabytes: int, max_record_lines: int) -> Reading:
    """The way of reading an export's landed copies."""
    dialect = Dialect(spec.landed_delimiter, spec.landed_quote, max_record_lines)
    return Reading(spec.landed_format, dialect, tuple(spec.names.items()), block_megabytes << 20)


def parts_of(event: dict[str, Any], root: str) -> list[Part]:
    """The parts of a received file, from its event in ops.files."""
    starts, lines = event["split_starts"] or [0], event["split_lines"] or [1]
    ends = [*starts[1:], -1]
    size = max((event["landed_bytes"] or 0) // len(starts), 1)
    return [
        Part(
            event["file_id"],
            event["path"],
            f"{root}/{event['landed_path']}",
            tuple(event["columns"] or ()),
            start,
            end,
            line,
            size,
        )
        for start, end, line in zip(starts, ends, lines, strict=True)
    ]


def bins(parts: Iterable[Part], target_bytes: int) -> list[list[Part]]:
    """Share parts out to tasks of about equal size, biggest first."""
    ordered = sorted(parts, key=lambda part: (-part.size, part.path, part.start))
    count = max(1, -(-sum(part.size for part in ordered) // target_bytes))
    shares: list[list[Part]] = [[] for _ in range(min(count, len(ordered)) or 1)]
    loads = [0] * len(shares)
    for part in ordered:
        lightest = loads.index(min(loads))
        shares[lightest].append(part)
        loads[lightest] += part.size
    return shares


def columns_of(parts: Iterable[Part], known: Iterable[str], found: Iterable[str] = ()) -> list[str]:
    """The export's columns, then what its files have besides, each once; Delta takes names apart by case no more."""
    names: dict[str, str] = {name.casefold(): name for name in known}
    for name in _all_names(parts, found):
        names.setdefault(name.casefold(), name)
    return list(names.values())


def _all_names(parts: Iterable[Part], found: Iterable[str]) -> Iterator[str]:
    for columns in dict.fromkeys(part.columns for part in parts):
        yield from columns
    yield from found
