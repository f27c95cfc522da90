"""One delivered file as a landed copy: hashed, unpacked, decoded and made plain, the same way whoever asks.

The night, `check` and `new-export` all read a file through here, so that none of them sees other rows than the others.
"""

import gzip
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lakehouse.files import cut_line
from lakehouse.files.copying import Splits, same_lines, temporary, write
from lakehouse.files.cut_line import is_cut
from lakehouse.files.delivered import Delivered, Reading, hashed
from lakehouse.files.kinds import check_kind, is_workbook
from lakehouse.files.plain_text import plain
from lakehouse.files.refusals import NotTakenError, RefusedError, WaitingError
from lakehouse.files.shapes import Shape, shape_of
from lakehouse.files.spec import FileSpec, Limits, in_bytes
from lakehouse.files.unpack import chunks, compression, open_plain

SUFFIXES = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}


@dataclass(frozen=True)
class Landed:
    """A file that has landed.

    Args:
        dropped: rule -> lines (bytes, for nul_bytes) that are no rows.
        remarks: what a person should know of how it was read.
        kept_name: the bytes as delivered, in the landing folder, where the landed copy is not the same.
        content_id: sha-256 of the landed text whatever its wrapping, byte order mark and line ends were.
        line_count: newlines of the landed text; 0 for Parquet.
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
    content_id: str = ""
    line_count: int = 0


def land(delivered: Delivered, spec: FileSpec, folder: Path, limits: Limits, keep: bool = True) -> Landed:
    """Copy a file into a folder under its hash, decoded; `keep` its delivered bytes, too, where these differ.

    Raises:
        NotTakenError: it cannot be used (refused), or changes while it is read (incomplete).
    """
    if delivered.bytes > in_bytes(limits.max_file_megabytes):
        raise RefusedError(f"it is larger than {limits.max_file_megabytes} MB", "deliver it in parts")
    with open_plain(delivered.file) as handle, temporary(folder) as copy:
        landed = _read(Reading(delivered, spec, limits, handle), copy, folder)
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


def _read(reading: Reading, copy: Path, folder: Path) -> Landed:
    spec, limits = reading.spec, reading.limits
    head = reading.handle.read(4096)
    reading.packing = None if is_workbook(reading.handle, head) else compression(head)
    check_kind(spec, head, reading)
    digest = hashlib.sha256()
    quote = spec.landed_quote.encode() if spec.landed_format == "csv" else b""
    splits = Splits(in_bytes(limits.split_megabytes), quote)
    content = hashlib.sha256()
    pieces = same_lines(plain(reading, digest, folder), content)
    size = write(pieces, copy, None if spec.format == "parquet" else splits, limits)
    shape = shape_of(copy, spec, (splits.starts, splits.lines), limits, reading.header)
    if is_cut(copy, spec, shape):
        if not reading.delivered.may_be_cut:
            raise WaitingError(cut_line.REASON, cut_line.REMEDY)
        reading.remarks.append(cut_line.REASON)
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
        file_id if spec.format == "parquet" else content.hexdigest(),
        splits.newlines,
    )


def _file_id(digest: "hashlib._Hash", reading: Reading) -> str:
    """The hash of the delivered bytes; a member or a sheet is a file of its own."""
    own = [part for part in (reading.delivered.member, reading.spec.sheet) if part]
    return hashlib.sha256("\0".join([digest.hexdigest(), *own]).encode()).hexdigest() if own else digest.hexdigest()


def _keep(handle: BinaryIO, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    handle.seek(0)
    with gzip.open(path, "wb", compresslevel=1) as out:
        shutil.copyfileobj(handle, out)
