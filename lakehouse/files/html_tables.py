"""The table of a web page, or of a workbook in XML, that calls itself a spreadsheet, as CSV."""

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from lakehouse.files.refusals import RefusedError

LOOKS = re.compile(
    rb"(?is)^\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*(<!doctype\s+html|<html|<meta|<head|<table|<style|<div"
    rb"|(<\?mso-application[^>]*>\s*)?<([a-z]+:)?workbook[\s>])"
)
CHARSET = re.compile(rb"(?i)(?:charset|encoding)\s*=\s*[\"']?\s*([a-z0-9_-]+)")
MOST_SPAN = 1000
TAGS = {"row": "tr", "cell": "td"}  # of a workbook in XML


def is_html(head: bytes) -> bool:
    """Whether a file's first bytes are those of a web page."""
    return LOOKS.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def declared_encoding(head: bytes) -> str | None:
    """What the page says of its encoding."""
    declared = CHARSET.search(head[:4096])
    return declared.group(1).decode() if declared else None


def table_as_csv(pieces: Iterator[bytes], wanted: str) -> Iterator[bytes]:
    """The first table with more than one row and column, or the wanted one, as CSV.

    Args:
        pieces: UTF-8 text of the page.
        wanted: number of the table, from 1; empty: the first that is large enough.

    Raises:
        RefusedError: there is no such table.
    """
    parser = _Tables()
    for piece in pieces:
        parser.feed(piece.decode())
    parser.close()
    tables = [table for table in parser.tables if table]
    if wanted:
        chosen = tables[int(wanted) - 1 : int(wanted)] if wanted.isdigit() else []
    else:
        chosen = [table for table in tables if len(table) > 1 and max(map(len, table)) > 1][:1]
    if not chosen:
        raise RefusedError(
            f"the web page has no such table; it has {len(tables)}", "correct `sheet`: the table's number"
        )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in chosen[0]:
        writer.writerow(row)
        if out.tell() > 1 << 20:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


class _Tables(HTMLParser):
    """Collects the rows of every table; a table inside a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.open: list[list[list[str]]] = []
        self.below: list[dict[tuple[int, int], str]] = []  # of each open table: row and column -> what spans it
        self.cell: list[str] | None = None
        self.span = 1
        self.depth = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _plain(tag)
        if tag == "table":
            self.tables.append([])
            self.open.append(self.tables[-1])
            self.below.append({})
        elif tag == "tr" and self.open:
            self._end_row()
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            spans = {name.rpartition(":")[2]: value for name, value in attrs}
            self._skip_to(spans.get("index"))
            self.span = _span(spans.get("colspan")) + _more(spans.get("mergeacross"))
            self.cell, self.depth = [], _span(spans.get("rowspan")) + _more(spans.get("mergedown"))
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        tag = _plain(tag)
        if tag in ("td", "th"):
            self._end_cell()
        if tag in ("tr", "table"):
            self._end_row()
        if tag == "table" and self.open:
            self.open.pop()
            self.below.pop()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _skip_to(self, index: str | None) -> None:
        """Fill the row up to the place that a cell of a workbook in XML names, from 1."""
        if index and index.isdigit() and self.open[-1]:
            row = self.open[-1][-1]
            row += [""] * max(0, min(int(index) - 1, MOST_SPAN) - len(row))

    def _end_cell(self) -> None:
        if self.cell is None or not self.open:
            return
        rows = self.open[-1]
        if not rows:
            rows.append([])
        self._reach_down()
        at, texts = len(rows[-1]), [" ".join("".join(self.cell).split()), *[""] * (self.span - 1)]
        for row in range(len(rows), len(rows) + self.depth - 1):
            self.below[-1] |= {(row, at + column): text for column, text in enumerate(texts)}
        rows[-1].extend(texts)
        self.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.open and self.open[-1]:
            self._reach_down()

    def _reach_down(self) -> None:
        """Give the row what spans it from above, up to its next own cell."""
        rows, below = self.open[-1], self.below[-1]
        while (place := (len(rows) - 1, len(rows[-1]))) in below:
            rows[-1].append(below.pop(place))


def _plain(tag: str) -> str:
    """A tag without its namespace, as web pages call it."""
    name = tag.rpartition(":")[2]
    return TAGS.get(name, name)


def _more(value: str | None) -> int:
    """Further cells that one reaches over, in a workbook in XML."""
    return min(int(value), MOST_SPAN) if value and value.isdigit() else 0


def _span(value: str | None) -> int:
    return min(int(value), MOST_SPAN) if value and value.isdigit() and int(value) else 1
