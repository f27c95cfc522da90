"""What kind of file it is: format, encoding, delimiter, header, and its first records as text."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.authoring import preview
from lakehouse.authoring.preview.reading import FALLBACKS, beginning, encoding_of
from lakehouse.config.exports import Export, ExportColumn
from lakehouse.errors import ConfigError

LINES = 20_000
DELIMITERS = (",", ";", "\t", "|")
NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*")
MARK = {"utf-8": "auto", "utf-16": "auto"}  # found by landing itself in every file


@dataclass(frozen=True)
class Sample:
    """A file's form and first records.

    Args:
        names: column names in order (made up where there is no header).
        columns: name -> values as text, None or '' where missing.
        words: the file's columns stand apart by spaces alone: an export reads each line as one column, `line`.
    """

    path: Path
    format: str
    names: tuple[str, ...]
    columns: dict[str, list[str | None]]
    encoding: str = "auto"
    delimiter: str = ","
    header: bool = True
    words: bool = False

    @property
    def row_count(self) -> int:
        """Records in the sample."""
        return len(next(iter(self.columns.values()), []))


def sample(path: Path) -> Sample:
    """Look at a file's beginning.

    Raises:
        ConfigError: it is empty, cannot be decoded, or is of no known form.
    """
    if not path.is_file():
        raise ConfigError("there is no such file", str(path), "give an existing file")
    try:
        head, _ = beginning(path)
        if head[:4] == b"PAR1":
            return _read(path, _export(path, "parquet"))
        encoding = encoding_of(head, FALLBACKS)
        text = preview.decoded(path, encoding)
    except ValueError as error:
        raise ConfigError(str(error), str(path), "deliver it as UTF-8, or as Parquet") from error
    if not text.strip():
        raise ConfigError("the file is empty", str(path), "give one with some rows")
    start = text.lstrip()[:1]
    if start == "[":
        raise ConfigError("the file is one JSON array", str(path), "deliver JSON lines: one object per line")
    if start == "{" and _is_json(text):
        return _read(path, _export(path, "json_lines", encoding=encoding))
    return _text(path, text, encoding)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text.lstrip().split("\n", 1)[0]), dict)
    except ValueError:
        return False


def _export(path: Path, form: str, **more: Any) -> Export:
    """An export of this one file, enough to read it."""
    known = {"export": "sniffed", "channel": "sniffed", "files": (path.name,), "columns": {}, "targets": ()}
    return Export(**{**known, "format": form, **more})


def _read(path: Path, export: Export, words: bool = False) -> Sample:
    table = preview.lines(path, export, LINES).table
    names = [name for name in table.column_names if name not in ("_source_line", "_source_file", "_file_id")]
    columns = {name: table[name].to_pylist() for name in names}
    encoding = MARK.get(export.encoding.removesuffix("-le").removesuffix("-be"), export.encoding)
    return Sample(path, export.format, tuple(names), columns, encoding, export.delimiter, export.header, words)


def _text(path: Path, text: str, encoding: str) -> Sample:
    lines = [line for line in text.splitlines()[:500] if line.strip()]
    delimiter = delimiter_of(lines)
    if delimiter is None:
        return _words(path, text, encoding)
    first = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    rows = [row for row in csv.reader(io.StringIO("\n".join(lines[1:])), delimiter=delimiter) if len(row) == len(first)]
    header = has_header(first, rows)
    columns = {} if header else {f"column_{i}": ExportColumn() for i in range(1, len(first) + 1)}
    export = _export(path, "csv", columns=columns, encoding=encoding, delimiter=delimiter, header=header)
    return _read(path, export)


def delimiter_of(lines: list[str]) -> str | None:
    """The delimiter that cuts the most lines into the same number (above one) of values; None when none does."""
    best: tuple[float, int, str | None] = (0.0, 1, None)
    for delimiter in DELIMITERS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, often = counts.most_common(1)[0]
        share = round(often / sum(counts.values()), 1)
        if width > 1 and share >= 0.7 and (share, width) > best[:2]:
            best = (share, width, delimiter)
    return best[2]


def has_header(first: list[str], rows: list[list[str]]) -> bool:
    """Whether the first record names the columns: words where the records below have numbers, or new texts."""
    if any(not name.strip() or NUMBER.fullmatch(name.strip()) for name in first) or len(set(first)) < len(first):
        return False
    if any(re.search(r"\d{4}-\d{2}-\d{2}|@", name) for name in first):
        return False
    below = [[row[i] for row in rows[:200]] for i in range(len(first))]
    return not any(name in values for name, values in zip(first, below, strict=True))


def _words(path: Path, text: str, encoding: str) -> Sample:
    rows = [line.split() for line in text.splitlines()[:LINES] if line.strip()]
    counts = Counter(len(row) for row in rows)
    width, often = counts.most_common(1)[0]
    if width < 2 or often < 0.9 * len(rows):
        raise ConfigError("no delimiter fits", str(path), "deliver it as CSV, JSON lines or Parquet")
    header = len(rows[0]) == width and has_header(rows[0], [row for row in rows[1:] if len(row) == width])
    names = rows[0] if header else [f"column_{i}" for i in range(1, width + 1)]
    body = [row for row in rows[header:] if len(row) == width]
    columns: dict[str, list[str | None]] = {name: [row[i] for row in body] for i, name in enumerate(names)}
    delimiter = "\u001f" if "\t" in text else "\t"  # one that is not in the file
    return Sample(path, "csv", tuple(names), columns, MARK.get(encoding, encoding), delimiter, header, words=True)
