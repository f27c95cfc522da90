"""The bytes of a delivered file as a stream: opened without following links, unpacked with a limit on every side."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from jobs.landing.intake.refusals import RefusedError, WaitingError
from jobs.landing.settings.landing import Settings, in_bytes

CHUNK_BYTES = 1 << 21
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
DAMAGED = "deliver it again; test it with 'gzip -t' or 'unzip -t' before"


def open_plain(file: Path) -> BinaryIO:
    """Open a regular file for reading; a link or a pipe put in its place meanwhile is refused, not followed.

    Raises:
        NotTakenError: it is no regular file, may not be read, or went away.
    """
    try:
        handle = os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb", buffering=0)
    except FileNotFoundError:
        raise WaitingError("it went away while it was looked at", "nothing; the next night looks again") from None
    except OSError as error:
        raise RefusedError(f"it cannot be read: {error.strerror}", "let the lakehouse's user read it") from None
    if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
        handle.close()
        raise RefusedError("not a regular file", "deliver a plain file")
    return handle


def chunks(handle: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, in pieces."""
    while chunk := handle.read(CHUNK_BYTES):
        yield chunk


def compression(head: bytes) -> str | None:
    """Gzip or zip by the first bytes, whatever the name says."""
    return "gzip" if head.startswith(GZIP) else "zip" if head.startswith(ZIP) else None


@dataclass
class Guard:
    """Stops a file that unpacks to more than it may."""

    packed_bytes: int
    settings: Settings
    seen: int = 0

    def watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces, counted.

        Raises:
            RefusedError: too large, or grown too much: an archive bomb.
        """
        for piece in pieces:
            self.seen += len(piece)
            self._check()
            yield piece

    def _check(self) -> None:
        limits = self.settings
        if self.seen > in_bytes(limits.max_expanded_megabytes):
            raise RefusedError(f"it unpacks to more than {limits.max_expanded_megabytes} MB", "deliver it in parts")
        large = self.seen > in_bytes(limits.ratio_counts_from_megabytes)
        if large and self.seen > self.packed_bytes * limits.max_expansion_ratio:
            raise RefusedError(
                f"it unpacks to more than {limits.max_expansion_ratio} times its size, as archive bombs do",
                "deliver it unpacked, or raise max_expansion_ratio in landing.yaml",
            )


def gunzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip, also of several members, never more than a chunk at a time.

    Raises:
        RefusedError: it is damaged. WaitingError: it ends early.
    """
    inflate, fed = zlib.decompressobj(31), False
    try:
        for chunk in packed:
            while chunk:
                if inflate.eof:
                    chunk = chunk.lstrip(b"\0")  # some writers pad the last block
                    if not chunk:
                        break
                    inflate, fed = zlib.decompressobj(31), False
                fed = True
                yield inflate.decompress(chunk, CHUNK_BYTES)
                chunk = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error:
        raise RefusedError("its gzip data is damaged", DAMAGED) from None
    if fed and not inflate.eof:
        raise WaitingError("its gzip data ends early: it is half-written or cut off", "deliver all of it")


def unzipped(handle: BinaryIO) -> Iterator[bytes]:
    """Unpack a zip archive of one plain file.

    Raises:
        RefusedError: several files, a password, a name that tries a path, or damage.
    """
    try:
        with zipfile.ZipFile(handle) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_members(members)
            with archive.open(members[0]) as member:
                yield from chunks(member)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError):
        raise RefusedError("its zip data is damaged or of an unusual kind", DAMAGED) from None


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) != 1:
        raise RefusedError(
            f"a zip archive of {len(members)} files (or an office workbook)", "deliver one file per archive"
        )
    name = members[0].filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/"):
        raise RefusedError("a zip archive whose file name tries a path", "pack the file under a plain name")
    if members[0].flag_bits & 1:
        raise RefusedError("a zip archive with a password", "deliver it without one")
