"""One file from the drop zone into the landing folder: hashed, unpacked and decoded in one pass."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from jobs.landing.intake.copying import Splits, temporary, with_newlines, write
from jobs.landing.intake.drop_zone import Arrival
from jobs.landing.intake.refusals import NotTakenError, RefusedError, WaitingError
from jobs.landing.intake.shapes import Shape, shape_of
from jobs.landing.intake.unpack import Guard, chunks, compression, gunzipped, open_plain, unzipped
from jobs.landing.settings.landing import Settings, in_bytes
from lakehouse.config.exports import Export
from lakehouse.files import encodings

SUFFIXES = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}


@dataclass(frozen=True)
class Landed:
    """A file that has landed."""

    file_id: str
    name: str  # in the landing folder
    bytes: int
    encoding: str | None
    compression: str | None
    shape: Shape


def land(arrival: Arrival, export: Export, folder: Path, settings: Settings) -> Landed:
    """Copy a file into the landing folder under its hash, decoded.

    Raises:
        NotTakenError: it cannot be used (refused), or changes while it is read (incomplete).
    """
    if arrival.bytes > in_bytes(settings.max_file_megabytes):
        raise RefusedError(f"it is larger than {settings.max_file_megabytes} MB", "deliver it in parts")
    with open_plain(arrival.file) as handle, temporary(folder) as copy:
        landed = _read(handle, copy, arrival, export, settings)
        status = os.fstat(handle.fileno())
        if (status.st_size, status.st_mtime_ns) != (arrival.bytes, arrival.modified_ns):
            raise WaitingError("it is still growing", "nothing; the next night looks again")
        copy.replace(folder / landed.name)
    return landed


def fingerprint(arrival: Arrival, settings: Settings) -> str | None:
    """sha-256 of a file that was not taken; None where it cannot be read or is too large."""
    if arrival.bytes > in_bytes(settings.max_file_megabytes):
        return None
    try:
        with open_plain(arrival.file) as handle:
            digest = hashlib.sha256()
            for _ in _hashed(chunks(handle), digest):
                pass
            return digest.hexdigest()
    except (NotTakenError, OSError):
        return None


def _read(handle: BinaryIO, copy: Path, arrival: Arrival, export: Export, settings: Settings) -> Landed:
    packing = compression(handle.read(4))
    tried = _first_try(handle, packing, export, arrival, settings)
    try:
        size, splits, digest = _copy(handle, copy, packing, tried, arrival, export, settings)
    except encodings.UndecodableError as fault:
        tried = _second_try(tried, fault, export, settings)
        try:
            size, splits, digest = _copy(handle, copy, packing, tried, arrival, export, settings)
        except encodings.UndecodableError as again:
            raise _undecodable(again.line, tried) from None
    shape = shape_of(copy, export, (splits.starts, splits.lines), settings)
    return Landed(digest, f"{digest}.{SUFFIXES[export.format]}", size, tried, packing, shape)


def _first_try(
    handle: BinaryIO, packing: str | None, export: Export, arrival: Arrival, settings: Settings
) -> str | None:
    """The encoding to read with: the mark in the file, else what the export says, else UTF-8."""
    if export.format == "parquet":
        return None
    head = next(_unpacked(handle, packing, arrival, settings, None), b"")
    declared = "utf-8" if export.encoding == "auto" else export.encoding
    try:
        return encodings.marked(head) or encodings.canonical(declared)
    except LookupError:
        raise RefusedError(f"the encoding '{declared}' is not known", "correct `encoding` in the export") from None


def _second_try(tried: str | None, fault: encodings.UndecodableError, export: Export, settings: Settings) -> str:
    found = (
        encodings.likely(fault.sample, settings.fallback_encodings)
        if export.encoding == "auto" and tried == "utf-8"
        else None
    )
    if found is None:
        raise _undecodable(fault.line, tried)
    return encodings.canonical(found)


def _undecodable(line: int, encoding: str | None) -> RefusedError:
    return RefusedError(
        f"line {line} is not {encoding} text", "name the right `encoding` in the export, or deliver it again"
    )


def _copy(
    handle: BinaryIO,
    copy: Path,
    packing: str | None,
    encoding: str | None,
    arrival: Arrival,
    export: Export,
    settings: Settings,
) -> tuple[int, Splits, str]:
    digest = hashlib.sha256()
    data = _unpacked(handle, packing, arrival, settings, digest)
    quote = export.quote.encode() if export.format == "csv" else b""
    splits = Splits(in_bytes(settings.split_megabytes), quote)
    if encoding is None:
        return write(data, copy, None, settings), splits, digest.hexdigest()
    text = with_newlines(encodings.to_utf8(data, encoding))
    return write(text, copy, splits, settings), splits, digest.hexdigest()


def _unpacked(
    handle: BinaryIO, packing: str | None, arrival: Arrival, settings: Settings, digest: "hashlib._Hash | None"
) -> Iterator[bytes]:
    """The file's content from its start; the digest has seen every delivered byte when it is used up."""
    handle.seek(0)
    guard = Guard(arrival.bytes, settings)
    raw = chunks(handle) if digest is None else _hashed(chunks(handle), digest)
    if packing == "zip":
        if digest is not None:
            for _ in raw:
                pass
        pieces = unzipped(handle)
    else:
        pieces = gunzipped(raw) if packing == "gzip" else raw
    return _once_packed(guard.watched(pieces), packing)


def _once_packed(pieces: Iterator[bytes], packing: str | None) -> Iterator[bytes]:
    first = next(pieces, b"")
    if packing and compression(first):
        raise RefusedError("an archive in an archive", "deliver it packed once")
    yield from chain([first], pieces)


def _hashed(pieces: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece
