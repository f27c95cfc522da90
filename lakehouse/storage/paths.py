"""Paths below a lake's root that are no tables: pathlib's on this machine, or of an object store what speaks like them.

Everything that a lake holds beside its tables (its id, its inboxes, landed files) is reached through `below`, so that
no code asks whether the lake is on a disk. Of pathlib's language an object store's paths know what such code needs; one
write is one object, whole or not there.
"""

import fnmatch
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from lakehouse.storage.objects import Objects, Status
from lakehouse.storage.places import is_remote


def below(root: str | Path, *names: str) -> Path:
    """The path of this name below a root, which is a folder or a URI."""
    if not is_remote(str(root)):
        return Path(root, *names)
    scheme, _, rest = str(root).partition("://")
    bucket, _, key = rest.partition("/")
    return cast(Path, RemotePath(f"{scheme}://{bucket}", PurePosixPath(key, *names)))


@dataclass(frozen=True, order=True)
class RemotePath:
    """One object, or the folder that objects' names make."""

    bucket: str
    key: PurePosixPath

    def __str__(self) -> str:
        return f"{self.bucket}/{self._name}"

    def __truediv__(self, name: str) -> "RemotePath":
        return RemotePath(self.bucket, self.key / name)

    @property
    def _objects(self) -> Objects:
        return Objects(self.bucket)

    @property
    def _name(self) -> str:
        """The object's whole name in its bucket, "" for the bucket itself."""
        return "" if self.key == PurePosixPath() else str(self.key)

    @property
    def name(self) -> str:
        """The last part."""
        return self.key.name

    @property
    def stem(self) -> str:
        """The last part without its suffix."""
        return self.key.stem

    @property
    def suffix(self) -> str:
        """The suffix of the last part."""
        return self.key.suffix

    @property
    def parent(self) -> "RemotePath":
        """The folder that it is in."""
        return RemotePath(self.bucket, self.key.parent)

    def with_name(self, name: str) -> "RemotePath":
        """Another one beside it."""
        return RemotePath(self.bucket, self.key.with_name(name))

    def exists(self) -> bool:
        """Whether there is an object, or a folder with one."""
        return self.is_file() or self.is_dir()

    def is_file(self) -> bool:
        """Whether there is an object of this name."""
        return self._objects.status(self._name) is not None

    def is_dir(self) -> bool:
        """Whether there are objects below it."""
        return any(self._objects.names(self._name))

    def stat(self) -> Status:
        """The object's size and age.

        Raises:
            FileNotFoundError: there is none.
        """
        status = self._objects.status(self._name)
        if status is None:
            raise FileNotFoundError(str(self))
        return status

    def iterdir(self) -> Iterator["RemotePath"]:
        """What is right below it."""
        folders, objects = self._objects.names(self._name)
        return (RemotePath(self.bucket, PurePosixPath(name)) for name in sorted([*folders, *objects]))

    def glob(self, pattern: str) -> Iterator["RemotePath"]:
        """What is below it by a pattern of one name, or of several with slashes between them."""
        first, _, rest = pattern.partition("/")
        folders, objects = self._objects.names(self._name)
        for name in sorted(folders if rest else [*folders, *objects]):
            path = RemotePath(self.bucket, PurePosixPath(name))
            if fnmatch.fnmatchcase(path.name, first):
                yield from path.glob(rest) if rest else (path,)

    def statuses(self) -> dict[str, Status]:
        """Each object below it, however deep, by its path from here."""
        every = self._objects.statuses(self._name)
        return {str(PurePosixPath(name).relative_to(self._name)): status for name, status in every.items()}

    def read_bytes(self) -> bytes:
        """The object.

        Raises:
            FileNotFoundError: there is none.
        """
        seen = self._objects.read(self._name)
        if seen is None:
            raise FileNotFoundError(str(self))
        return seen.content

    def read_text(self, encoding: str = "utf-8") -> str:
        """The object as text."""
        return self.read_bytes().decode(encoding)

    def open(self, mode: str = "rb") -> BinaryIO:
        """The object's bytes, all in memory.

        Raises:
            ValueError: it is to be written; see `write_bytes`.
        """
        if mode != "rb":
            raise ValueError("an object is written in one piece")
        return io.BytesIO(self.read_bytes())

    def write_bytes(self, content: bytes) -> int:
        """Make or replace the object."""
        self._objects.put(self._name, content)
        return len(content)

    def write_text(self, text: str, encoding: str = "utf-8") -> int:
        """Make or replace the object."""
        return self.write_bytes(text.encode(encoding))

    def unlink(self, missing_ok: bool = False) -> None:
        """Take the object away.

        Raises:
            FileNotFoundError: there is none, which `missing_ok` allows.
        """
        if not missing_ok and not self.is_file():
            raise FileNotFoundError(str(self))
        self._objects.delete(self._name)

    def copy_in(self, file: Path) -> None:
        """Make or replace the object by a file of this machine, which may be large."""
        self._objects.copy_in(self._name, file)

    def copy_out(self, file: Path) -> None:
        """Write the object into a file of this machine.

        Raises:
            FileNotFoundError: there is none.
        """
        self._objects.copy_out(self._name, file)

    def replace(self, target: "RemotePath") -> "RemotePath":
        """Give the object another name in its bucket: it is copied, then the first goes."""
        self._objects.move(self._name, target._name)
        return target

    def mkdir(self, **_: Any) -> None:
        """Nothing: a folder is there when an object is in it."""

    def rmdir(self) -> None:
        """Nothing: a folder is gone with the last object in it."""
