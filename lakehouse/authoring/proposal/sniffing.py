"""What kind of file it is: format, encoding, delimiter, header, and its first records as text."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice, pairwise
from pathlib import Path
from typing import Any

from lakehouse.authoring import preview
from lakehouse.authoring.preview.reading import TECHNICAL, beginning, unpacked
from lakehouse.authoring.proposal.bare_lists import bare_list, named_by_value
from lakehouse.authoring.proposal.header_rows import delimiter_of, has_header, header_of, numbered, quote_of
from lakehouse.authoring.proposal.text_layout import widths_of, xml_rows
from lakehouse.config.exports import Export, ExportColumn
from lakehouse.errors import ConfigError
from lakehouse.files import html_tables, workbook
from lakehouse.files.detection import CANDIDATES, Evidence, detect
from lakehouse.files.kinds import is_workbook
from lakehouse.files.refusals import NotTakenError
from lakehouse.files.unpack import member_names, open_plain

LINES = 20_000
LOOKED_AT = 500  # lines in which delimiter and header are looked for
PLAIN = ("utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", None)  # told by themselves in every file
USUAL = ("utf-8", "cp1252")  # of several encodings that fit, the one that most files are in
WORKBOOKS = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")
MOST_MEMBERS = 1000
PAGE = 4_000_000  # bytes of a web page that are looked at


@dataclass(frozen=True)
class Sample:
    """A file's form and first records.

    Args:
        names: column names in order (made up where there is no header).
        columns: name -> values as text, None or '' where missing.
        words: the file's columns stand apart by spaces alone: an export reads each line as one column, `line`.
        paths: a column that is a key inside another column's JSON object -> that column, and the path.
        item: of the elements of a list: the name that an element has in expressions.
        settings: further keys of the export's YAML that say how the file is read.
        member: name of the file inside an archive of several; '' for none.
        remarks: what the reader says of the file; sentences.
        differences: an amount that no column has -> the column of what came in, and that of what went out.
        made: a column that the file lacks -> SQL that makes it.
        parts: columns that a made one has the whole meaning of: they have none of their own.
        around: column -> regular expression of what stands around each value and is no part of it.
        sums: an amount that no column has -> the columns that it is made of.
        payments: words of the column of kinds for what customers paid, in a ledger of what they owe.
        all_back: every row gives back: a list of refunds.
        settled: the column of payments that clear what stands in the amount's; '' for none.
        sides: a made column of addresses -> the column of who paid, and that of who was paid.
        explained: a column, and its words in a row below the header that explains the columns; () for no such row.
        digits: columns in the digits of another script; `columns` has them as 0 to 9.
    """

    path: Path
    format: str
    names: tuple[str, ...]
    columns: dict[str, list[str | None]]
    encoding: str = "auto"
    delimiter: str = ","
    header: bool = True
    words: bool = False
    paths: dict[str, tuple[str, str]] = field(default_factory=dict)
    item: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    member: str = ""
    members: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    broken: int = 0
    around: dict[str, str] = field(default_factory=dict)
    differences: dict[str, tuple[str, str]] = field(default_factory=dict)
    digits: frozenset[str] = frozenset()
    made: dict[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    sums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    settled: str = ""
    all_back: bool = False
    payments: tuple[str, ...] = ()
    sides: dict[str, tuple[str, str]] = field(default_factory=dict)
    explained: tuple[str, str] | tuple[()] = ()

    @property
    def row_count(self) -> int:
        """Records in the sample."""
        return len(next(iter(self.columns.values()), []))


def sample(path: Path) -> Sample:
    """Look at a file.

    Raises:
        ConfigError: it is empty, cannot be decoded, or is of no known form.
    """
    if not path.is_file():
        raise ConfigError("there is no such file", str(path), "give an existing file")
    if path.stat().st_size == 0:
        raise ConfigError("the file is empty", str(path), "give one with some rows")
    try:
        return _sample(path)
    except (ValueError, NotTakenError) as error:
        reason = f"{error.reason}; {error.remedy}" if isinstance(error, NotTakenError) else str(error)
        raise ConfigError(reason, str(path), "or deliver it as UTF-8 text, or as Parquet") from error


def _sample(path: Path) -> Sample:
    members = tuple(member_names(path, MOST_MEMBERS))
    if len(members) > 1:
        names = ", ".join(members[:10])
        raise ConfigError(
            f"the archive holds {len(members)} files: {names}",
            str(path),
            "unpack it and propose an export for each kind of file; its `files` are tried on the names of members, too",
        )
    if any(member.lower().endswith(WORKBOOKS) for member in members):
        raise ConfigError(
            f"the archive holds a workbook: {members[0]}", str(path), "unpack it: a workbook is read itself"
        )
    with open_plain(path) as handle:
        is_sheet = is_workbook(handle, handle.read(8))
    if is_sheet:
        return _of_workbook(path)
    head, _ = beginning(path, 4096)
    if head[:4] == b"PAR1":
        return _read(path, _export(path, "parquet"))
    if html_tables.is_html(head):
        page = preview.decoded(path, html_tables.declared_encoding(head) or "auto", PAGE)
        text = b"".join(html_tables.table_as_csv(iter([page.encode()]), "")).decode("utf-8", "replace")
        return _table(path, "html", text, ",")
    if head.replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \r\n\t")[:1] == b"<":
        rows = xml_rows(unpacked(path))
        return _read(path, _export(path, "xml", rows=rows), settings={"rows": rows} if rows else {})
    return _of_unknown_text(path)


def _of_workbook(path: Path) -> Sample:
    """The first sheet with a table of three columns or more; a cover sheet has fewer. Others are told."""
    texts = {
        sheet: _as_text(list(islice(workbook.rows(path, sheet), LOOKED_AT))) for sheet in workbook.sheet_names(path)
    }
    tables = [sheet for sheet, text in texts.items() if _width(text) > 2]
    first, chosen = next(iter(texts)), next(iter(tables), next(iter(texts)))
    made = _table(path, "spreadsheet", texts[chosen], ",", {} if chosen == first else {"sheet": chosen})
    others = ", ".join(sheet for sheet in tables if sheet != chosen)
    told = f"sheet {chosen} is read; for {others} write an export each, with `sheet`: its name" if others else ""
    return replace(made, remarks=(*made.remarks, told) if told else made.remarks)


def _width(text: str) -> int:
    """Names in the header of a sheet with rows below it."""
    rows = [row for row in csv.reader(text.splitlines()) if any(row)]
    header = header_of(rows) or []
    return sum(bool(name.strip()) for name in header) if len(rows) > 1 else 0


def _of_unknown_text(path: Path) -> Sample:
    """Text whose encoding is told by its bytes; where two fit the likelier one is named, and asked for."""
    told = detect(Evidence.of([unpacked(path)]), candidates=CANDIDATES)
    if told.encoding or not told.rivals:
        return _of_text(path, preview.decoded(path, "auto"))
    chosen = next((usual for usual in USUAL if usual in told.rivals), told.rivals[0])
    made = _of_text(path, preview.decoded(path, chosen), {"encoding": chosen})
    doubt = f"its text may be {' or '.join(told.rivals)}: {told.why}; read as {chosen}: are its letters right?"
    return replace(made, remarks=(*made.remarks, doubt))


def _of_text(path: Path, text: str, settings: dict[str, Any] | None = None) -> Sample:
    more = settings or {}
    if not text.strip():
        raise ConfigError("the file is empty", str(path), "give one with some rows")
    start = text.lstrip("\ufeff \r\n\t")[:1]
    if start == "{" and _is_json_line(text):
        return _read(path, _export(path, "json_lines", **more), settings=more)
    if start in "[{" and _looks_like_json(text):
        rows = _list_path(path)
        more = {**more, "rows": rows} if rows else more
        return _read(path, _export(path, "json", **more), settings=more)
    return _table(path, "csv", text, settings=more)


def _is_json_line(text: str) -> bool:
    """Whether each line is an object; one object that does little but hold a list is a document."""
    first, _, rest = text.lstrip("\ufeff \r\n").partition("\n")
    value = _parsed(first)
    if not isinstance(value, dict):
        return False
    if not rest.strip() and _is_keyed(value):
        raise ValueError("its rows stand under keys of their own, one object each, and not in a list")
    scalars = [inner for inner in value.values() if not isinstance(inner, (dict, list))]
    return bool(rest.strip()) or len(scalars) > 3 or not dict(_lists(value, ()))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_keyed(value: dict[str, Any]) -> bool:
    """Whether an object's values are rows: several objects that share keys."""
    rows = list(value.values())
    return len(rows) > 2 and all(isinstance(row, dict) for row in rows) and all(set(row) & set(rows[0]) for row in rows)


def _looks_like_json(text: str) -> bool:
    return re.match(r"[\s\ufeff]*(\[\s*\{|\{\s*\")", text) is not None


def _list_path(path: Path) -> str:
    """Keys to the longest list of objects inside one JSON object; '' for an array, or where there is one list only."""
    try:
        document = json.loads(preview.decoded(path, "auto", 2**31))
    except ValueError:
        return ""
    lists = dict(_lists(document, ())) if isinstance(document, dict) else {}
    longest = max(lists.items(), key=lambda pair: pair[1])[0] if len(lists) > 1 else ()
    return ".".join(longest)


def _lists(value: dict[str, Any], at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    for key, inner in value.items():
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield (*at, key), len(inner)
        elif isinstance(inner, dict) and len(at) < 3:
            yield from _lists(inner, (*at, key))


def _as_text(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _export(path: Path, form: str, **more: Any) -> Export:
    """An export of this one file, enough to read it."""
    known = {"export": "sniffed", "channel": "sniffed", "files": (path.name,), "columns": {}, "targets": ()}
    return Export(**{**known, "format": form, **more})


def _read(path: Path, export: Export, **more: Any) -> Sample:
    lines = preview.lines(path, export, LINES)
    names = [name for name in lines.table.column_names if name not in TECHNICAL]
    columns = {name: lines.table[name].to_pylist() for name in names}
    listed = [
        name for name in names if name in export.columns or any(columns[name])
    ]  # a delimiter too many is no column
    encoding = (
        "auto" if lines.encoding in PLAIN or export.format not in ("csv", "json", "json_lines") else lines.encoding
    )
    return Sample(
        path,
        export.format,
        tuple(listed),
        {name: columns[name] for name in listed},
        str(encoding),
        export.delimiter,
        export.header,
        remarks=lines.remarks,
        broken=len(lines.malformed),
        **more,
    )


def _table(
    path: Path, form: str, text: str, delimiter: str | None = None, settings: dict[str, Any] | None = None
) -> Sample:
    """A sample of rows with a delimiter: the header is looked for, whatever stands before it."""
    more = settings or {}
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)[:LOOKED_AT]  # a header's cell may hold several lines
    if lines and (told := re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE)):
        delimiter, lines = told[1], lines[1:]
    delimiter = delimiter or delimiter_of([line for line in lines if line.strip()])
    if delimiter is None:
        if name := bare_list(lines):
            is_named = not named_by_value(lines[0])
            only = _export(path, form, columns={name: ExportColumn()}, header=is_named, **more)
            return _read(path, only, settings=more)
        widths = widths_of(lines)
        return _of_widths(path, lines, widths) if widths else _words(path, text)
    quote = quote_of(lines, delimiter)
    more = more if quote == '"' else {**more, "quote": quote}
    header = header_of([row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote) if row])
    if header is None:
        rows = csv.reader(lines, delimiter=delimiter, quotechar=quote)
        width = Counter(len(row) for row in rows if row).most_common(1)[0][0]
        header_columns = {f"column_{i}": ExportColumn() for i in range(1, width + 1)}
        export = _export(path, form, columns=header_columns, delimiter=delimiter, header=False, **more)
        return _read(path, export, settings=more)
    made = _read(path, _export(path, form, columns=numbered(header), delimiter=delimiter, **more), settings=more)
    return replace(made, broken=min(made.broken, _other_width(text, delimiter, quote, len(header))))


def _other_width(text: str, delimiter: str, quote: str, width: int) -> int:
    """Rows of another width that are no titles, footers or page heads: those have a few values."""
    rows = csv.reader(text.splitlines()[:LINES], delimiter=delimiter, quotechar=quote)
    return sum(len(row) != width and 2 * sum(map(bool, row)) > width for row in rows)


def _of_widths(path: Path, lines: list[str], widths: tuple[int, ...]) -> Sample:
    """A list whose columns stand below each other, with spaces inside the values."""
    cuts = [0, *accumulate(widths[:-1]), max(map(len, lines))]
    header = header_of([[line[a:b].strip() for a, b in pairwise(cuts)] for line in lines if line.strip()])
    if header is None:
        raise ConfigError("no delimiter fits", str(path), "deliver it as CSV, JSON lines or Parquet")
    settings = {"widths": list(widths)}
    return _read(path, _export(path, "fixed", columns=numbered(header), widths=widths), settings=settings)


def _words(path: Path, text: str) -> Sample:
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
    return Sample(path, "csv", tuple(names), columns, "auto", delimiter, header, words=True)
