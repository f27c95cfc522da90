"""A file as it was delivered, and the work on it: its content unpacked from its start, as often as it is needed."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from lakehouse.files.headers import Header
from lakehouse.files.refusals import RefusedError
from lakehouse.files.spec import FileSpec, Limits
from lakehouse.files.unpack import Guard, chunks, compression, gunzipped, unzipped


@dataclass(frozen=True)
class Delivered:
    """A file as it was delivered.

    Args:
        member: name of a file inside an archive; empty: the archive's only one, or no archive.
        usual: the encoding of the export's earlier deliveries.
        may_be_cut: it is taken even where its last line is cut.
    """

    file: Path
    bytes: int
    modified_ns: int
    member: str = ""
    usual: str | None = None
    may_be_cut: bool = True

    @classmethod
    def of(cls, file: Path, member: str = "", usual: str | None = None) -> "Delivered":
        """The file as it lies there now."""
        status = file.stat()
        return cls(file, status.st_size, status.st_mtime_ns, member, usual)


@dataclass
class Reading:
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

    def head(self) -> bytes:
        """The content's first piece."""
        return next(self.unpacked(), b"")

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


def hashed(pieces: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """The same pieces, seen by the digest."""
    for piece in pieces:
        digest.update(piece)
        yield piece
