"""A file's content as the landed copy has it: UTF-8 text with a line per row, whatever it was delivered as."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from lakehouse.files import documents, encodings, html_tables, workbook
from lakehouse.files.copying import temporary, with_newlines, without_nul
from lakehouse.files.delivered import Reading
from lakehouse.files.file_encoding import encoding_of, undecodable
from lakehouse.files.fixed_width import as_csv
from lakehouse.files.header_and_rows import with_rules
from lakehouse.files.refusals import RefusedError
from lakehouse.files.spec import in_bytes


def plain(reading: Reading, digest: "hashlib._Hash", folder: Path) -> Iterator[bytes]:
    """The landed copy's bytes."""
    spec = reading.spec
    if spec.format == "parquet":
        return reading.unpacked(digest)
    if spec.format == "spreadsheet" and not html_tables.is_html(reading.head()):
        return with_rules(_sheet(reading, digest, folder), reading)
    reading.encoding = encoding_of(reading)
    try:
        text = _text(reading, digest)
        if spec.format in ("html", "spreadsheet"):
            if spec.format == "spreadsheet":
                reading.remarks.append("a web page that calls itself a spreadsheet")
            return with_rules(html_tables.table_as_csv(text, spec.sheet if spec.format == "html" else ""), reading)
        if spec.format == "json":
            return documents.json_elements(_whole(text, reading).decode(), spec.rows)
        if spec.format == "xml":
            return documents.xml_elements(_whole(text, reading), spec.rows)
        if spec.format == "fixed":
            return with_rules(as_csv(text, spec.widths), reading)
        return with_rules(text, reading) if spec.format == "csv" else text
    except encodings.UndecodableError as fault:
        raise undecodable(fault.line, reading.encoding) from None


def _text(reading: Reading, digest: "hashlib._Hash") -> Iterator[bytes]:
    """The text in UTF-8 without zero bytes, its lines ending with newlines."""
    assert reading.encoding is not None
    decoded = encodings.to_utf8(reading.unpacked(digest), reading.encoding)
    return _decodable(with_newlines(without_nul(decoded, reading.dropped)), reading.encoding)


def _decodable(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except encodings.UndecodableError as fault:
        raise undecodable(fault.line, encoding) from None


def _sheet(reading: Reading, digest: "hashlib._Hash", folder: Path) -> Iterator[bytes]:
    """The workbook's sheet as CSV, from a copy that nobody changes meanwhile."""
    if reading.delivered.bytes > in_bytes(reading.limits.max_document_megabytes):
        most = reading.limits.max_document_megabytes
        raise RefusedError(f"a workbook larger than {most} MB", "deliver it as CSV")
    with temporary(folder) as book:
        with book.open("wb") as out:
            for piece in reading.unpacked(digest):
                out.write(piece)
        yield from workbook.sheet_as_csv(book, reading.spec.sheet, reading.limits.max_document_megabytes)


def _whole(pieces: Iterator[bytes], reading: Reading) -> bytes:
    """A document in memory, up to a limit."""
    most, kept, size = in_bytes(reading.limits.max_document_megabytes), [], 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > most:
            raise RefusedError(
                f"a document larger than {reading.limits.max_document_megabytes} MB", "deliver it as JSON lines or CSV"
            )
    return b"".join(kept)
