"""One delivered file as a landed copy: hashed, unpacked, decoded and made plain, the same way whoever asks.

The night, `check` and `new-export` all read a file through here, so that none of them sees other rows than the others.
"""

import gzip
import hashlib
import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from lakehouse.files import documents, encodings, html_tables, workbook
from lakehouse.files.copying import Splits, temporary, with_newlines, without_nul, write
from lakehouse.files.detection import BROKEN_UTF8, CANDIDATES, Detected, Evidence, detect
from lakehouse.files.fixed_width import as_csv
from lakehouse.files.headers import Header, find_header
from lakehouse.files.refusals import NotTakenError, RefusedError, WaitingError
from lakehouse.files.shapes import Shape, shape_of
from lakehouse.files.spec import FileSpec, Limits, in_bytes
from lakehouse.files.text_rules import LineRules, unframed
from lakehouse.files.unpack import Guard, chunks, compression, gunzipped, open_plain, unzipped

SUFFIXES = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}
WHOLE_EVIDENCE_BYTES = (
    8 << 20
)  # larger files are tried as UTF-8 first, and their letters looked at only where they are not


@dataclass(frozen=True)
class Delivered:
    """A file as it was delivered.

    Args:
        member: name of a file inside an archive; empty: the archive's only one, or no archive.
        usual: the encoding of the export's earlier deliveries.
    """

    file: Path
    bytes: int
    modified_ns: int
    member: str = ""
    usual: str | None = None

    @classmethod
    def of(cls, file: Path, member: str = "", usual: str | None = None) -> "Delivered":
        """The file as it lies there now."""
        status = file.stat()
        return cls(file, status.st_size, status.st_mtime_ns, member, usual)


@dataclass(frozen=True)
class Landed:
    """A file that has landed.

    Args:
        dropped: rule -> lines (bytes, for nul_bytes) that are no rows.
        remarks: what a person should know of how it was read.
        kept_name: the bytes as delivered, in the landing folder, where the landed copy is not the same.
    """

    file_id: str
    name: str  # in the landing folder
    bytes: int
    encoding: str | None
    compression: str | None
    shape: Shape
    dropped: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    kept_name: str | None = None


@dataclass
class _Reading:
    """The work on one file: what is known of it while it is read."""

    delivered: Delivered
    spec: FileSpec
    limits: Limits
    handle: BinaryIO
    packing: str | None = None
    encoding: str | None = None
    header: tuple[Header, int] | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def unpacked(self, digest: "hashlib._Hash | None" = None) -> Iterator[bytes]:
        """The content from its start; the digest has seen every delivered byte when it is used up."""
        self.handle.seek(0)
        guard = Guard(self.delivered.bytes, self.limits)
        raw = chunks(self.handle) if digest is None else hashed(chunks(self.handle), digest)
        if self.packing == "zip":
            if digest is not None:
                for _ in raw:
                    pass
            pieces = unzipped(self.handle, self.delivered.member)
        else:
            pieces = gunzipped(raw) if self.packing == "gzip" else raw
        return self._once_packed(guard.watched(pieces))

    def _once_packed(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        first = next(pieces, b"")
        if self.packing and compression(first) and self.spec.format != "spreadsheet":
            raise RefusedError("an archive in an archive", "deliver it packed once")
        yield from chain([first], pieces)


def land(delivered: Delivered, spec: FileSpec, folder: Path, limits: Limits, keep: bool = True) -> Landed:
    """Copy a file into a folder under its hash, decoded; `keep` its delivered bytes, too, where these differ.

    Raises:
        NotTakenError: it cannot be used (refused), or changes while it is read (incomplete).
    """
    if delivered.bytes > in_bytes(limits.max_file_megabytes):
        raise RefusedError(f"it is larger than {limits.max_file_megabytes} MB", "deliver it in parts")
    with open_plain(delivered.file) as handle, temporary(folder) as copy:
        landed = _read(_Reading(delivered, spec, limits, handle), copy, folder)
        status = os.fstat(handle.fileno())
        if (status.st_size, status.st_mtime_ns) != (delivered.bytes, delivered.modified_ns):
            raise WaitingError("it is still growing", "nothing; the next night looks again")
        if keep and landed.kept_name:
            _keep(handle, folder / landed.kept_name)
        copy.replace(folder / landed.name)
    return landed


def fingerprint(delivered: Delivered, limits: Limits) -> str | None:
    """sha-256 of a file that was not taken; None where it cannot be read or is too large."""
    if delivered.bytes > in_bytes(limits.max_file_megabytes):
        return None
    try:
        with open_plain(delivered.file) as handle:
            digest = hashlib.sha256()
            for _ in hashed(chunks(handle), digest):
                pass
            return digest.hexdigest()
    except (NotTakenError, OSError):
        return None


def _read(reading: _Reading, copy: Path, folder: Path) -> Landed:
    spec, limits = reading.spec, reading.limits
    head = reading.handle.read(4096)
    reading.packing = None if is_workbook(reading.handle, head) else compression(head)
    _check_kind(spec, head, reading)
    digest = hashlib.sha256()
    quote = spec.landed_quote.encode() if spec.landed_format == "csv" else b""
    splits = Splits(in_bytes(limits.split_megabytes), quote)
    pieces = _plain(reading, digest, folder)
    size = write(pieces, copy, None if spec.format == "parquet" else splits, limits)
    shape = shape_of(copy, spec, (splits.starts, splits.lines), limits, reading.header)
    file_id = _file_id(digest, reading)
    is_same = reading.encoding == "utf-8" and not reading.packing and size == reading.delivered.bytes
    return Landed(
        file_id,
        f"{file_id}.{SUFFIXES[spec.landed_format]}",
        size,
        reading.encoding,
        reading.packing,
        shape,
        dict(reading.dropped),
        tuple(reading.remarks),
        None if is_same or spec.format == "parquet" else f"delivered/{file_id}.gz",
    )


def _file_id(digest: "hashlib._Hash", reading: _Reading) -> str:
    """The hash of the delivered bytes; a member or a sheet is a file of its own."""
    own = [part for part in (reading.delivered.member, reading.spec.sheet) if part]
    return hashlib.sha256("\0".join([digest.hexdigest(), *own]).encode()).hexdigest() if own else digest.hexdigest()


def _keep(handle: BinaryIO, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    handle.seek(0)
    with gzip.open(path, "wb", compresslevel=1) as out:
        shutil.copyfileobj(handle, out)


def is_workbook(handle: BinaryIO, head: bytes) -> bool:
    """Whether a file is a spreadsheet by its content: an old one, or a zip archive that holds one."""
    if head.startswith(workbook.STARTS[1]):
        return True
    if not head.startswith(workbook.STARTS[0]):
        return False
    try:
        with zipfile.ZipFile(handle) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return False
    return "xl/workbook.xml" in names or "xl/workbook.bin" in names or {"content.xml", "mimetype"} <= names


def _check_kind(spec: FileSpec, head: bytes, reading: _Reading) -> None:
    """A file that is not what the export says is refused with the line of YAML that would take it."""
    is_book = reading.packing is None and is_workbook(reading.handle, head)
    if is_book and spec.format != "spreadsheet":
        raise RefusedError("it is a workbook (xlsx, xls or ods)", "write `format: spreadsheet` in the export")
    if spec.format == "spreadsheet" and not is_book and not reading.packing and not html_tables.is_html(head):
        raise RefusedError("it is text and no workbook", 'write `format: csv` and its `delimiter`, often a tab: "\\t"')
    if spec.format == "csv" and not reading.packing and html_tables.is_html(head):
        raise RefusedError("it is a web page, whatever its name says", "write `format: html` in the export")


def _plain(reading: _Reading, digest: "hashlib._Hash", folder: Path) -> Iterator[bytes]:
    """The landed copy's bytes."""
    spec = reading.spec
    if spec.format == "parquet":
        return reading.unpacked(digest)
    if spec.format == "spreadsheet" and not html_tables.is_html(_head(reading)):
        return _with_rules(_sheet(reading, digest, folder), reading)
    reading.encoding = _encoding(reading)
    try:
        text = list_or_stream(reading, digest)
        if spec.format in ("html", "spreadsheet"):
            if spec.format == "spreadsheet":
                reading.remarks.append("a web page that calls itself a spreadsheet")
            return _with_rules(html_tables.table_as_csv(text, spec.sheet if spec.format == "html" else ""), reading)
        if spec.format == "json":
            return documents.json_elements(_whole(text, reading).decode(), spec.rows)
        if spec.format == "xml":
            return documents.xml_elements(_whole(text, reading), spec.rows)
        if spec.format == "fixed":
            return _with_rules(as_csv(text, spec.widths), reading)
        return _with_rules(text, reading) if spec.format == "csv" else text
    except encodings.UndecodableError as fault:
        raise _undecodable(fault.line, reading.encoding) from None


def list_or_stream(reading: _Reading, digest: "hashlib._Hash") -> Iterator[bytes]:
    """The text in UTF-8 without zero bytes, its lines ending with newlines."""
    assert reading.encoding is not None
    decoded = encodings.to_utf8(reading.unpacked(digest), reading.encoding)
    return _decodable(with_newlines(without_nul(decoded, reading.dropped)), reading.encoding)


def _decodable(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except encodings.UndecodableError as fault:
        raise _undecodable(fault.line, encoding) from None


def _undecodable(line: int, encoding: str | None) -> RefusedError:
    return RefusedError(
        f"line {line} is not {encoding} text", "name the right `encoding` in the export, or deliver it again"
    )


def _sheet(reading: _Reading, digest: "hashlib._Hash", folder: Path) -> Iterator[bytes]:
    """The workbook's sheet as CSV, from a copy that nobody changes meanwhile."""
    if reading.delivered.bytes > in_bytes(reading.limits.max_document_megabytes):
        most = reading.limits.max_document_megabytes
        raise RefusedError(f"a workbook larger than {most} MB", "deliver it as CSV")
    with temporary(folder) as book:
        with book.open("wb") as out:
            for piece in reading.unpacked(digest):
                out.write(piece)
        yield from workbook.sheet_as_csv(book, reading.spec.sheet, reading.limits.max_document_megabytes)


def _whole(pieces: Iterator[bytes], reading: _Reading) -> bytes:
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


def _with_rules(pieces: Iterator[bytes], reading: _Reading) -> Iterator[bytes]:
    """Find the header; then the text with the lines that are no rows taken out."""
    spec, most = reading.spec, in_bytes(reading.limits.header_megabytes)
    head, size = [], 0
    for piece in pieces:
        head.append(piece)
        size += len(piece)
        if size >= most:
            break
    beginning = b"".join(head)
    if not spec.header:
        rules = LineRules(spec, b"", len(spec.columns), dropped=reading.dropped)
        return rules.applied(chain([beginning], pieces))
    return _after_header(beginning, pieces, reading)


def _after_header(beginning: bytes, pieces: Iterator[bytes], reading: _Reading) -> Iterator[bytes]:
    spec = reading.spec
    physical = beginning.split(b"\n")
    lines = [line.decode("utf-8", "replace").removesuffix("\r") for line in physical]
    header = find_header(lines, spec)
    count = min(header.line + header.line_count, len(physical))
    start = min(sum(len(line) + 1 for line in physical[:count]), len(beginning))
    header_line = b"\n".join(physical[header.line : count])
    is_framed = header_line.strip().startswith(spec.landed_delimiter.encode()) and not header.names[0].strip()
    header = _trimmed(header, lines[count : count + 50], spec, is_framed)
    reading.header = (header, start)
    _note_preamble(lines[: header.line], header, reading.dropped)
    rules = LineRules(spec, header_line, len(header.names), is_framed, reading.dropped)
    body = rules.applied(chain([beginning[start:]], pieces))
    return chain([beginning[:start]], unframed(body, spec.landed_delimiter.encode()) if is_framed else body)


def _note_preamble(lines: list[str], header: Header, dropped: Counter[str]) -> None:
    before = sum(bool(line.strip()) for line in lines) - header.has_sep_line
    if header.has_sep_line:
        dropped["sep_line"] += 1
    if before:
        dropped["preamble"] += before


def _trimmed(header: Header, following: list[str], spec: FileSpec, is_framed: bool) -> Header:
    """The header without outer delimiters, and without empty names that the rows have no value for."""
    names = [name.strip() for name in header.names] if is_framed else list(header.names)
    if is_framed:
        names = names[1:-1] if not names[-1] else names[1:]
    elif names and not names[-1].strip():
        width = next((line.count(spec.landed_delimiter) + 1 for line in following if line.strip()), len(names))
        while len(names) > width and not names[-1].strip():
            names.pop()
    return Header(names, header.line, header.line_count, header.has_sep_line)


def _head(reading: _Reading) -> bytes:
    return next(reading.unpacked(), b"")


def _encoding(reading: _Reading) -> str:
    """The encoding to read with: the mark in the file, what the export or the document says, else what its letters say.

    Raises:
        RefusedError: none fits, or several do: both are named, with the line of YAML that ends the matter.
    """
    spec, head = reading.spec, _head(reading)
    declared = None if spec.encoding == "auto" else spec.encoding
    if declared is None and spec.format in ("html", "spreadsheet"):
        declared = html_tables.declared_encoding(head)
    if declared is None and spec.format == "xml":
        declared = documents.declared_encoding(head)
    try:
        if mark := encodings.marked(head):
            return mark
        if declared is not None:
            return encodings.canonical(declared)
    except LookupError:
        raise RefusedError(f"the encoding '{declared}' is not known", "correct `encoding` in the export") from None
    return _detected(reading)


def _detected(reading: _Reading) -> str:
    if reading.delivered.bytes > WHOLE_EVIDENCE_BYTES and _is_utf8(reading):
        return "utf-8"
    evidence = Evidence.of(reading.unpacked())
    names = [name for column in reading.spec.columns for name in (column.name, *column.also)]
    candidates = reading.limits.fallback_encodings or CANDIDATES
    found = detect(evidence, names, reading.delivered.usual, candidates)
    if found.encoding is None:
        raise _doubtful(found, evidence)
    return found.encoding


def _is_utf8(reading: _Reading) -> bool:
    try:
        for _ in encodings.to_utf8(reading.unpacked(), "utf-8"):
            pass
    except encodings.UndecodableError:
        return False
    return True


def _doubtful(found: Detected, evidence: Evidence) -> RefusedError:
    if found.rivals:
        names = " or ".join(found.rivals)
        return RefusedError(
            f"its text may be {names}: {found.why}",
            f"open it in each, and write the right one into the export, e.g. `encoding: {found.rivals[0]}`",
        )
    if found.why == BROKEN_UTF8 or evidence.bad_line:
        return _undecodable(evidence.bad_line, "utf-8")
    return RefusedError(f"its encoding is not clear: {found.why}", "name the right `encoding` in the export")


def hashed(pieces: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """The same pieces, seen by the digest."""
    for piece in pieces:
        digest.update(piece)
        yield piece
