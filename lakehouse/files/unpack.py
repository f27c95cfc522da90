"""The bytes of a delivered file as a stream: opened without following links, unpacked with a limit on every side."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from lakehouse.files.refusals import NotTakenError, RefusedError, WaitingError
from lakehouse.files.spec import Limits, in_bytes

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
    limits: Limits
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
        limits = self.limits
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
            rest = chunk
            while rest:
                if inflate.eof:
                    rest = rest.lstrip(b"\0")  # some writers pad the last block
                    if not rest:
                        break
                    inflate, fed = zlib.decompressobj(31), False
                fed = True
                yield inflate.decompress(rest, CHUNK_BYTES)
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error:
        raise RefusedError("its gzip data is damaged", DAMAGED) from None
    if fed and not inflate.eof:
        raise WaitingError("its gzip data ends early: it is half-written or cut off", "deliver all of it")


def unzipped(handle: IO[bytes], member: str = "") -> Iterator[bytes]:
    """Unpack one file of a zip archive: the named one, or the only one.

    Raises:
        RefusedError: several files and none named, a password, a name that tries a path, or damage.
    """
    try:
        with zipfile.ZipFile(handle) as archive:
            members = files_in(archive)
            if len(members) != 1 and not member:
                names = ", ".join(one.filename for one in members[:5])
                raise RefusedError(
                    f"a zip archive of {len(members)} files, none of which an export names: {names}",
                    "write a pattern of a member's name into `files`, or unpack it",
                )
            chosen = next((one for one in members if one.filename == member), None) if member else members[0]
            if chosen is None:
                raise RefusedError("the archive does not hold this file any more", "deliver it again")
            _check_member(chosen)
            with archive.open(chosen) as stream:
                yield from chunks(stream)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError):
        raise RefusedError("its zip data is damaged or of an unusual kind", DAMAGED) from None


def files_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive, without folders and what macOS adds."""
    return [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/"):
        raise RefusedError("a zip archive whose file name tries a path", "pack the file under a plain name")
    if member.flag_bits & 1:
        raise RefusedError("a zip archive with a password", "deliver it without one")


def member_names(file: Path, most: int) -> list[str]:
    """The names of a zip archive's files; [] where it is none, holds a workbook, or does not open.

    Raises:
        RefusedError: more than `most` files.
    """
    try:
        with open_plain(file) as handle:
            if not handle.read(4).startswith(ZIP):
                return []
            with zipfile.ZipFile(handle) as archive:
                names = [one.filename for one in files_in(archive)]
    except (NotTakenError, zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return []
    if len(names) > most:
        raise RefusedError(f"a zip archive of more than {most} files", "deliver fewer files per archive")
    is_book = any(name in names for name in ("xl/workbook.xml", "xl/workbook.bin")) or {
        "content.xml",
        "mimetype",
    } <= set(names)
    return [] if is_book else names
