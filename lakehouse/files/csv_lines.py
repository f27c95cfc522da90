"""CSV text to rows of text, without losing a line.

The meaning of a file is that of `exact_records`: read a record at a line by RFC 4180 (a quote inside an unquoted value
is plain text, as people type 5" pipe); when that fails, or the record has another number of values than the header,
keep that one physical line as malformed and go on with the next. A wholly empty line is no record.
Text whose quotes are all in order, which is nearly every file, is read by pyarrow with the same result, many times
faster.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

Positions = npt.NDArray[np.int64]
NEWLINE, RETURN = 10, 13


@dataclass(frozen=True)
class Dialect:
    """How an export writes CSV; quote "" means that quotes are plain text."""

    delimiter: str
    quote: str
    max_record_lines: int  # an unclosed quote may not swallow more lines than this


@dataclass(frozen=True)
class Lines:
    """Parsed text: a text array per column, the line that each row starts on, and the lines that did not parse.

    Args:
        bad_columns: what stands in those lines from the left on, by column; NULL where a line ends early.
    """

    columns: list[pa.Array]
    lines: Positions
    bad_lines: list[int]
    bad_texts: list[str]
    bad_columns: list[pa.Array]
    consumed: int  # bytes; the rest is the start of a record that goes on in the next block
    consumed_lines: int


@dataclass(frozen=True)
class Records:
    """Where records start and end (end: position of their last newline) and what they look like."""

    starts: Positions
    ends: Positions
    lines: Positions
    is_good: npt.NDArray[np.bool_]
    is_blank: npt.NDArray[np.bool_]
    has_trailing: bool = False  # rows with a delimiter behind their last value


def parse(text: bytes, first_line: int, width: int, dialect: Dialect, is_last: bool) -> Lines:
    """Parse a block of UTF-8 text that starts at a record.

    Args:
        text: the block; unless `is_last` its final record may be cut anywhere.
        first_line: physical line number of its first byte, 1 for the first line of a file.
        width: values that a record must have.
    """
    if is_last and text and not text.endswith(b"\n"):
        text += b"\n"
    records = orderly_records(text, first_line, width, dialect, is_last) if _is_fast(dialect) and width else None
    if records is None or records.has_trailing:
        return exact_records(text, first_line, width, dialect, is_last)
    columns = _arrow_columns(text, records, width, dialect)
    if columns is None:
        return exact_records(text, first_line, width, dialect, is_last)
    bad = np.flatnonzero(~records.is_good & ~records.is_blank)
    end = int(records.ends[-1]) + 1 if len(records.ends) else 0
    texts = [_raw(text[records.starts[i] : records.ends[i]].decode()) for i in bad]
    return Lines(
        columns,
        records.lines[records.is_good],
        records.lines[bad].tolist(),
        texts,
        from_the_left(texts, width, dialect),
        end,
        text.count(b"\n", 0, end),
    )


def _is_fast(dialect: Dialect) -> bool:
    return len(dialect.delimiter.encode()) == 1 and len(dialect.quote.encode()) <= 1


def orderly_records(text: bytes, first_line: int, width: int, dialect: Dialect, is_last: bool) -> Records | None:
    """Find the records by counting quotes, or None where quotes are out of order and only exact reading is right."""
    bytes_ = np.frombuffer(text, np.uint8)
    newlines = np.flatnonzero(bytes_ == NEWLINE)
    has_quotes = bool(dialect.quote) and dialect.quote.encode() in text
    quotes = np.flatnonzero(bytes_ == ord(dialect.quote)) if has_quotes else newlines[:0]
    is_end = _outside(newlines, quotes)
    if not is_end.any():
        return None if (is_last and text) or len(newlines) > dialect.max_record_lines else _no_records()
    last = np.flatnonzero(is_end)
    ends, end_lines = newlines[last], last
    quotes = quotes[quotes < ends[-1]]
    if (is_last and ends[-1] != len(text) - 1) or not _in_order(bytes_, quotes, dialect.delimiter):
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    start_lines = np.concatenate(([0], end_lines[:-1] + 1))
    if _has_lone_return(bytes_[: ends[-1] + 1], text, quotes):
        return None
    delimiters = np.flatnonzero(bytes_[: ends[-1]] == ord(dialect.delimiter))
    delimiters = delimiters[_outside(delimiters, quotes)] if len(quotes) else delimiters
    values = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    is_blank = (ends == starts) | ((ends == starts + 1) & (bytes_[starts] == RETURN))
    is_good = (values == width) & ~is_blank
    spans = end_lines - start_lines + 1
    if ((spans > 1) & ~is_good).any() or spans.max() > dialect.max_record_lines:
        return None
    behind = np.where(bytes_[np.maximum(ends - 1, 0)] == RETURN, ends - 2, ends - 1)
    is_trailing = (values > width) & (bytes_[np.maximum(behind, 0)] == ord(dialect.delimiter))
    return Records(starts, ends, start_lines + first_line, is_good, is_blank, bool(is_trailing.any()))


def _no_records() -> Records:
    none = np.empty(0, np.int64)
    return Records(none, none, none, none.astype(bool), none.astype(bool))


def _outside(positions: Positions, quotes: Positions) -> npt.NDArray[np.bool_]:
    """Whether each position has an even number of quotes before it."""
    if not len(quotes):
        return np.ones(len(positions), bool)
    is_outside: npt.NDArray[np.bool_] = np.searchsorted(quotes, positions) % 2 == 0
    return is_outside


def _in_order(bytes_: npt.NDArray[np.uint8], quotes: Positions, delimiter: str) -> bool:
    """Whether every quote opens at a value's start, closes at its end, or is one of a doubled pair."""
    if not len(quotes):
        return True
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = bytes_[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | np.isin(before, [NEWLINE, ord(delimiter)])
    opens[1:] |= opening[1:] == closing[:-1] + 1
    after = bytes_[closing + 1]  # there is one: the text ends with a newline
    following = bytes_[np.minimum(closing + 2, len(bytes_) - 1)]
    closes = np.isin(after, [NEWLINE, ord(delimiter)]) | ((after == RETURN) & (following == NEWLINE))
    closes[:-1] |= opening[1:] == closing[:-1] + 1
    return bool(opens.all() and closes.all())


def _has_lone_return(bytes_: npt.NDArray[np.uint8], text: bytes, quotes: Positions) -> bool:
    if b"\r" not in text:
        return False
    returns = np.flatnonzero(bytes_ == RETURN)
    alone = returns[bytes_[np.minimum(returns + 1, len(bytes_) - 1)] != NEWLINE]
    return bool(_outside(alone, quotes).any())


def _arrow_columns(text: bytes, records: Records, width: int, dialect: Dialect) -> list[pa.Array] | None:
    """The good records' values by pyarrow, or None when it sees other records than we counted."""
    good = int(records.is_good.sum())
    if not good:
        return [pa.array([], pa.string()) for _ in range(width)]
    names = [str(i) for i in range(width)]
    end = int(records.ends[-1]) + 1
    has_quotes = bool(dialect.quote) and text.find(dialect.quote.encode(), 0, end) >= 0
    table = pa_csv.read_csv(
        pa.py_buffer(memoryview(text)[:end]),
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=min(end + 1, 2**31 - 1)),
        parse_options=pa_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote if has_quotes else False,
            newlines_in_values=has_quotes,
            invalid_row_handler=lambda _: "skip",
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    ).combine_chunks()
    return [column.chunk(0) for column in table.columns] if table.num_rows == good else None


def exact_records(text: bytes, first_line: int, width: int, dialect: Dialect, is_last: bool) -> Lines:
    """The plain parser: one record after the other by Python's csv, resuming at the next line after each fault."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    source = _LineSource(text.decode(errors="surrogateescape"), is_last, dialect.max_record_lines)
    rows: list[list[str]] = []
    lines: list[int] = []
    bad: list[int] = []
    for at, row in _records(source, width, dialect):
        if row is None:
            bad.append(at)
        else:
            rows.append(row)
            lines.append(first_line + at)
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    texts = [_raw(source.lines[at]) for at in bad]
    consumed = len("".join(source.lines[: source.done]).encode(errors="surrogateescape"))
    return Lines(
        columns or [pa.array([], pa.string()) for _ in range(width)],
        np.array(lines, np.int64),
        [first_line + at for at in bad],
        texts,
        from_the_left(texts, width, dialect),
        consumed,
        source.done,
    )


class _LineSource:
    """Hands physical lines to csv.reader, and can be set back to any of them."""

    def __init__(self, text: str, is_last: bool, max_record_lines: int) -> None:
        pieces = text.split("\n")
        self.lines = [piece + "\n" for piece in pieces[:-1]]
        self.is_last, self.max_record_lines = is_last, max_record_lines
        self.at = self.done = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines) or self.at - self.done >= self.max_record_lines:
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]

    def is_cut(self) -> bool:
        """Whether the record at hand may go on in the next block."""
        return not self.is_last and self.at >= len(self.lines) and self.at - self.done < self.max_record_lines


def _records(source: _LineSource, width: int, dialect: Dialect) -> Iterator[tuple[int, list[str] | None]]:
    """The line index and values of each record; no values where the line is malformed."""
    reader = _reader(source, dialect)
    while source.done < len(source.lines):
        start = source.done
        try:
            row = next(reader)
        except csv.Error:
            if source.is_cut():
                return
            row = None
        if row == []:
            source.done = source.at
        elif row is not None and (len(row) == width or _is_trailing(row, width, source, dialect)):
            source.done = source.at
            yield start, row[:width]  # an empty value behind the last column is nothing
        else:
            source.at = source.done = start + 1
            reader = _reader(source, dialect)
            yield start, None


def _is_trailing(row: list[str], width: int, source: _LineSource, dialect: Dialect) -> bool:
    """Whether nothing but delimiters stands behind the last column."""
    if len(row) <= width or any(row[width:]):
        return False
    return source.lines[source.at - 1].rstrip("\r\n").endswith(dialect.delimiter)


def from_the_left(texts: list[str], width: int, dialect: Dialect) -> list[pa.Array]:
    """The values of malformed lines by their place, for telling which thing a line was meant to belong to."""
    rows = [_loosely(text, width, dialect) for text in texts]
    return [pa.array([row[i] if i < len(row) else None for row in rows], pa.string()) for i in range(width)]


def _loosely(text: str, width: int, dialect: Dialect) -> list[str]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE
    try:
        reader = csv.reader([text], delimiter=dialect.delimiter, quotechar=dialect.quote or None, quoting=quoting)
        return next(reader, [])[:width]
    except csv.Error:
        return []


def _reader(source: _LineSource, dialect: Dialect) -> "Iterator[list[str]]":
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE
    return csv.reader(
        source,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=quoting,
        doublequote=True,
        strict=True,
    )


def _raw(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")
