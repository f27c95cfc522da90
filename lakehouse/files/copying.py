"""The landed copy: decoded bytes go to a temporary file, and under their final name in one step when all is well."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from lakehouse.errors import MachineError
from lakehouse.files.refusals import RefusedError
from lakehouse.files.spec import Limits, in_bytes


@dataclass
class Splits:
    """Finds, while text streams by, where it may be cut: after newlines with an even number of quotes before them."""

    every_bytes: int
    quote: bytes
    starts: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    offset: int = 0
    newlines: int = 0
    quotes: int = 0

    def see(self, chunk: bytes) -> None:
        """Take note of the next piece of text."""
        wanted = (self.starts[-1] if self.starts else 0) + self.every_bytes
        if self.offset + len(chunk) > wanted:
            self._cut(chunk, max(0, wanted - self.offset))
        self.newlines += chunk.count(b"\n")
        self.quotes += chunk.count(self.quote) if self.quote else 0
        self.offset += len(chunk)

    def _cut(self, chunk: bytes, start: int) -> None:
        at = chunk.find(b"\n", start)
        odd = (self.quotes + chunk.count(self.quote, 0, at)) % 2 if self.quote and at >= 0 else 0
        while odd and at >= 0:
            following = chunk.find(b"\n", at + 1)
            odd = (odd + chunk.count(self.quote, at, following)) % 2
            at = following
        if at >= 0:
            self.starts.append(self.offset + at + 1)
            self.lines.append(self.newlines + chunk.count(b"\n", 0, at + 1) + 1)


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """A path in the folder whose file is gone afterwards unless it was renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{uuid4().hex}.landing"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def write(pieces: Iterator[bytes], path: Path, splits: Splits | None, limits: Limits) -> int:
    """Write the pieces durably; the number of bytes.

    Args:
        splits: told of each piece of a text file; None for a binary one.

    Raises:
        RefusedError: a line too long for text, or zero bytes in it. MachineError: the disk does not take it.
    """
    size = since_newline = 0
    with path.open("wb", buffering=0) as out:
        for piece in pieces:
            if splits is not None:
                since_newline = _checked_text(piece, since_newline, limits)
                splits.see(piece)
            size += _write_all(out.fileno(), piece)
        os.fsync(out.fileno())
    return size


def _write_all(out: int, piece: bytes) -> int:
    left = memoryview(piece)
    try:
        while left:
            left = left[os.write(out, left) :]
    except OSError as error:
        raise MachineError(
            f"a landed file could not be written: {error.strerror}",
            "the lake's landing folder",
            "free some disk space and run the night again",
        ) from None
    return len(piece)


def _checked_text(piece: bytes, since_newline: int, limits: Limits) -> int:
    at = piece.rfind(b"\n")
    since_newline = since_newline + len(piece) if at < 0 else len(piece) - at - 1
    if since_newline > in_bytes(limits.max_line_megabytes):
        raise RefusedError(f"a line is longer than {limits.max_line_megabytes} MB", "see whether it is text at all")
    return since_newline


def with_newlines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Old Mac text, which ends lines with a carriage return alone, with newlines; any other as it is."""
    is_old_mac: bool | None = None
    for piece in pieces:
        if is_old_mac is None and piece:
            is_old_mac = b"\r" in piece[:-1] and b"\n" not in piece
        yield piece.replace(b"\r", b"\n") if is_old_mac else piece


def same_lines(pieces: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """The same pieces, hashed on the way as if all lines ended with a newline and the last with none."""
    held = b""
    for piece in pieces:
        yield piece
        text = held + piece
        whole = text.rstrip(b"\r\n")
        held = text[len(whole) :]
        digest.update(whole.replace(b"\r\n", b"\n"))


MOST_NUL = 0.2  # share of zero bytes above which a file is no text


def without_nul(pieces: Iterator[bytes], dropped: Counter[str]) -> Iterator[bytes]:
    """The same text without zero bytes, which some tills leave in values; how many is kept in `dropped`.

    Raises:
        RefusedError: so many of them that it is no text.
    """
    for piece in pieces:
        count = piece.count(b"\0")
        if count > max(1, MOST_NUL * len(piece)):
            raise RefusedError(
                "it holds zero bytes: it is no text, or in an encoding that must be named", "set `encoding`"
            )
        if count:
            dropped["nul_bytes"] += count
        yield piece.replace(b"\0", b"") if count else piece
