"""Where the header of a text file stands: the line that holds the export's column names, whatever is before it."""

import csv
import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lakehouse.files.refusals import MissingColumnsError, RefusedError
from lakehouse.files.spec import FileSpec

MOST_LINES = 2000  # that may stand before a header


@dataclass(frozen=True)
class Header:
    """The header's names, its first line (from 0) and how many lines it takes, `sep=` or other lines before it."""

    names: list[str]
    line: int
    line_count: int
    has_sep_line: bool = False


def find_header(lines: Sequence[str], spec: FileSpec) -> Header:
    """Find the header in the first lines of a file.

    Raises:
        RefusedError: no line holds the required names; says what the likeliest header shows instead.
    """
    known = spec.names
    required = {column.name for column in spec.columns if column.required}
    has_sep = bool(lines) and lines[0].strip().lower().startswith("sep=")
    best: tuple[int, Header] | None = None
    is_broken = False
    for at in range(1 if has_sep else 0, min(len(lines), MOST_LINES)):
        if not lines[at].strip() or not _may_hold(lines[at], known, best is None):
            continue
        names, count = _record(lines[at : at + MOST_LINES], spec)
        is_broken = is_broken or not names
        shown = {known[name] for name in as_named(names) if name in known}
        header = Header(names, at, count, has_sep)
        if required <= shown and shown:
            return header
        if names and (best is None or len(shown) > best[0]):
            best = (len(shown), header)
    if is_broken and (best is None or not best[0]):
        what = "its header is not CSV by the export's delimiter and quote"
        raise RefusedError(what, "correct `delimiter`, `quote`")
    if best is None:
        return Header([], len(lines), 0, has_sep)
    if required:
        raise missing(best[1].names, spec)
    return best[1]


def as_named(names: Sequence[str]) -> list[str]:
    """Names as columns bear them, casefolded: `column_3` where there is none, `note_2` for one that comes again."""
    seen: dict[str, None] = {}
    for at, name in enumerate(names, start=1):
        bare = shown = name.strip().casefold() or f"column_{at}"
        number = 2
        while shown in seen:
            shown, number = f"{bare}_{number}", number + 1
        seen[shown] = None
    return list(seen)


def _may_hold(line: str, known: dict[str, str], is_first: bool) -> bool:
    folded = line.casefold()
    return is_first or any(name in folded for name in known)


def _record(lines: Sequence[str], spec: FileSpec) -> tuple[list[str], int]:
    """The record that starts at the first line, and how many lines it takes; no values where it is not CSV."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    seen: list[str] = []
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if spec.landed_quote else csv.QUOTE_NONE
    reader = csv.reader(
        _noted(lines, seen),
        delimiter=spec.landed_delimiter,
        quotechar=spec.landed_quote or None,
        quoting=quoting,
        strict=True,
    )
    try:
        return next(reader, []), len(seen)
    except csv.Error:
        return [], 1


def _noted(lines: Sequence[str], seen: list[str]) -> Iterator[str]:
    for line in lines:
        seen.append(line)
        yield line + "\n"


def missing(names: Sequence[str], spec: FileSpec) -> RefusedError:
    """Why a file without required columns is refused, and the line of YAML that would take it."""
    shown = as_named(names)
    known = spec.names
    have = {known[name] for name in shown if name in known}
    lost = [column.name for column in spec.columns if column.required and column.name not in have]
    reason = f"required columns are not there: {', '.join(lost)}"
    new = [name.strip() for name in names if name.strip() and name.strip().casefold() not in known]
    remedy = _renamed(lost, new, names, spec)
    if spec.landed_format == "csv" and len(names) < len(spec.columns) // 2:
        remedy = f"see whether `delimiter` ('{spec.delimiter}') and `header` fit; the file shows {len(names)} columns"
    return MissingColumnsError(reason, remedy, tuple(lost), tuple(new))


def _renamed(lost: list[str], new: list[str], names: Sequence[str], spec: FileSpec) -> str:
    """The likely new name of each lost column: the nearest in spelling, else the one in its place."""
    if not new:
        return "deliver them, or mark them `required: false` in the export"
    pairs = {name: likely for name in lost if (likely := _likely(name, new, lost, names, spec))}
    if not pairs:
        return f"new columns are: {', '.join(new)}; deliver the old ones, or mark them `required: false` in the export"
    return take_both(pairs)


def take_both(pairs: Mapping[str, str], why: str = "renamed?") -> str:
    """The lines of YAML that take a column under its own name and under another one.

    Args:
        pairs: column of the export -> its name in the file.
    """
    lines = "; ".join(f"{name}: {{also: [{json.dumps(other, ensure_ascii=False)}]}}" for name, other in pairs.items())
    return f"{why} take both names under `columns`: {lines}"


def _likely(name: str, new: list[str], lost: list[str], names: Sequence[str], spec: FileSpec) -> str | None:
    near = difflib.get_close_matches(name.casefold(), [n.casefold() for n in new], 1, 0.6)
    if near:
        return next(n for n in new if n.casefold() == near[0])
    place = [column.name for column in spec.columns].index(name)
    if place < len(names) and names[place].strip() in new:
        return names[place].strip()
    return new[0] if len(new) == 1 and len(lost) == 1 else None
