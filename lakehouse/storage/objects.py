"""Objects of a store; small ones are changed only where they are as they were seen: conditional PUT.

`create` is PUT with `If-None-Match: *`, `replace` is PUT with `If-Match` and the ETag that was seen. The store decides,
in one step; no two callers are both told that they won. obstore (Rust's object_store) speaks S3, Google's and Azure's.
"""

import functools
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from lakehouse.errors import MachineError
from lakehouse.storage.places import is_s3, s3_options

PIECE_BYTES = 8 * 2**20
TIMEOUT_SECONDS = 10  # of one request, and of its repetitions together: a lease must hear of its end in time


class Seen(NamedTuple):
    """An object as it was read: its bytes, and the ETag that stands for this very state of it."""

    content: bytes
    etag: str


class Status(NamedTuple):
    """What is known of an object without reading it, under the names that `os.stat` has for it."""

    st_size: int
    st_mtime_ns: int


class Objects:
    """The objects below a URI; making one asks nothing of the store.

    Args:
        root: s3://bucket/prefix (s3a:// alike), or another URI that obstore knows.

    Raises:
        MachineError: obstore is not installed.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._store: Any = _opened(root.replace("s3a://", "s3://", 1), os.getpid())

    def read(self, name: str) -> Seen | None:
        """An object, or None where there is none.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        got = self._asked(lambda: _obstore().get(self._store, name))
        return None if got is None else Seen(bytes(got.bytes()), str(got.meta["e_tag"]))

    def create(self, name: str, content: bytes) -> str | None:
        """Make an object that is not there yet; its ETag, or None where it is.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        return self._put(name, content, "create")

    def replace(self, name: str, content: bytes, etag: str) -> str | None:
        """Put content in the place of what had this ETag; the new ETag, or None where something else stands there now.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        return self._put(name, content, {"e_tag": etag})

    def put(self, name: str, content: bytes) -> None:
        """Put content there, whatever stands there.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        self._put(name, content, "overwrite")

    def copy_in(self, name: str, file: Path) -> None:
        """Put a file of this machine there, in parts where it is large.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        self._asked(lambda: _obstore().put(self._store, name, file))

    def copy_out(self, name: str, file: Path) -> None:
        """Write an object into a file of this machine, piece by piece.

        Raises:
            FileNotFoundError: there is no such object.
            MachineError: the store did not answer, or refused.
        """

        def written() -> bool:
            with file.open("wb") as there:
                for piece in _obstore().get(self._store, name).stream(min_chunk_size=PIECE_BYTES):
                    there.write(piece)
            return True

        if self._asked(written) is None:
            raise FileNotFoundError(f"{self.root}/{name}")

    def delete(self, name: str) -> None:
        """Take an object away, if it is there.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        self._asked(lambda: _obstore().delete(self._store, name))

    def status(self, name: str) -> Status | None:
        """An object's size and age, None where there is none.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        head = self._asked(lambda: _obstore().head(self._store, name))
        return None if head is None else _status(head)

    def move(self, name: str, to: str) -> None:
        """Give an object another name, in place of what may bear it; nothing where there is none.

        The store copies it, then the first goes: whoever is stopped in between leaves both.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        self._asked(lambda: _obstore().rename(self._store, name, to))

    def statuses(self, folder: str) -> dict[str, Status]:
        """Every object below a folder ("" for the root), however deep, by its whole name.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        there = self._asked(lambda: [one for batch in _obstore().list(self._store, folder or None) for one in batch])
        return {str(one["path"]): _status(one) for one in there or ()}

    def names(self, folder: str) -> tuple[list[str], list[str]]:
        """The folders and the objects right below a folder ("" for the root): whole names, sorted.

        Raises:
            MachineError: the store did not answer, or refused.
        """
        there = self._asked(lambda: _obstore().list_with_delimiter(self._store, folder or None))
        objects = [str(one["path"]) for one in there["objects"]]
        return sorted(map(str, there["common_prefixes"])), sorted(objects)

    def _put(self, name: str, content: bytes, mode: Any) -> str | None:
        from obstore import exceptions

        try:
            put = self._asked(lambda: _obstore().put(self._store, name, content, mode=mode))
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            return None
        if put is None and mode in ("create", "overwrite"):  # no bucket
            raise self._failed(FileNotFoundError())
        return None if put is None else str(put["e_tag"])

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """The store's answer, None where it has no such object; a condition that does not hold is the caller's."""
        from obstore import exceptions

        try:
            return ask()
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            raise
        except (exceptions.NotFoundError, FileNotFoundError):
            return None
        except exceptions.BaseError as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> MachineError:
        """The store's own texts may repeat addresses and keys: only their kind is passed on."""
        what = f"the object store did not answer, or refused ({type(error).__name__})"
        remedy = "look whether the bucket is there, its address, and the keys in the environment"
        return MachineError(what, self.root, remedy)


@functools.lru_cache(maxsize=64)
def _opened(root: str, _process: int) -> Any:
    """The store of a URI, for this process: its threads do not live on in one that is forked off."""
    try:
        from obstore.store import from_url
    except ImportError:
        what, remedy = "obstore is not installed", "install this package's group 'object-store'"
        raise MachineError(f"{what}, which object stores are reached by", root, remedy) from None
    opened: Any = from_url  # its types know one kind of store each
    return opened(
        root,
        config=_config(root),
        client_options={"allow_http": True, "timeout": timedelta(seconds=TIMEOUT_SECONDS)},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=TIMEOUT_SECONDS)},
    )


def _status(about: Any) -> Status:
    changed = about["last_modified"]
    return Status(int(about["size"]), int(changed.timestamp()) * 10**9 + changed.microsecond * 1000)


def _obstore() -> Any:
    import obstore

    return obstore


def _config(root: str) -> dict[str, str]:
    options = s3_options() if is_s3(root) else {}
    return {name: value for name, value in options.items() if name != "allow_http"}
