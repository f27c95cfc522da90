"""One night at a time: the kernel's lock on a file of the lake; a JSON beside it says who holds it.

The kernel frees the lock when its holder ends, however that is; so no age and no process number decides. Programs that
the holder starts (Spark's JVM) and processes that it forks do not get the lock's descriptor: they keep nothing locked.
A lake in an object store has a lease there instead (lakehouse.storage.lease), with the same message.
"""

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.errors import MachineError
from lakehouse.storage import lease
from lakehouse.storage.places import is_remote

FILE, MESSAGE = "_lock", "_lock.json"
TRIES, PAUSE_SECONDS = 3, 0.03  # whoever only looks (the doctor) holds the lock for a moment
FORMER_HOURS = 12.0  # how long versions before trusted a lock that was no more than a file

_open: set[int] = set()  # descriptors of the locks that this process holds


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, or left its message behind; all empty where that cannot be told."""

    holder: str = ""
    pid: int = 0
    host: str = ""
    since: float = 0.0
    is_former: bool = False  # written by a version whose lock was the message itself

    @property
    def hours(self) -> float:
        """How long ago it began."""
        return (time.time() - self.since) / 3600

    @property
    def is_alive(self) -> bool:
        """Whether its process is there; another machine's cannot be asked and counts as there."""
        return bool(self.pid) and (self.host != socket.gethostname() or _is_running(self.pid))


@contextmanager
def held(root: str, holder: str) -> Iterator[str | None]:
    """Hold the lake's lock; yields a sentence when the last holder ended without letting go of it.

    Args:
        root: the lake's root, a local folder or a URI of an object store.
        holder: what to show to whoever waits.

    Raises:
        MachineError: another run holds it, the folder cannot be written, or its file system knows no locks.
    """
    if is_remote(root):
        with lease.held(root, MESSAGE, _message(holder)) as dead:
            yield _left_behind(None if dead is None else _holder(dead))
        return
    descriptor, message = _taken(Path(root)), Path(root) / MESSAGE
    try:
        before = last_holder(root)
        _refuse_former(before, message)
        _write(message, holder)
        try:
            yield _left_behind(before)
        finally:
            if descriptor in _open:  # a forked process that comes by here holds nothing
                with suppress(OSError):
                    message.unlink()
    finally:
        if descriptor in _open:
            _open.discard(descriptor)
            os.close(descriptor)


def is_held(root: str) -> bool:
    """Whether some run holds the lake's lock now; a look that leaves nothing behind (a dead lease counts)."""
    if is_remote(root):
        return lease.holder(root, MESSAGE)[1]
    try:
        descriptor = os.open(Path(root) / FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def last_holder(root: str) -> Holder | None:
    """Who holds the lock, or held it last and did not let go; None where everyone let go."""
    if is_remote(root):
        message, is_there = lease.holder(root, MESSAGE)
        return _holder(message) if is_there else None
    path = Path(root) / MESSAGE
    return _holder(read(path)) if path.exists() else None


def _holder(written: dict[str, Any]) -> Holder:
    try:
        pid, since = int(written.get("pid", 0)), float(written.get("since", 0.0))
    except (TypeError, ValueError):
        return Holder()
    host, holder = str(written.get("host", "")), str(written.get("holder", ""))
    return Holder(holder, pid, host, since, is_former="lock" not in written)


def read(path: Path) -> dict[str, Any]:
    """What a small JSON file of a run says; {} when it cannot be read."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _taken(root: Path) -> int:
    """The descriptor of the locked file.

    Raises:
        MachineError: see `held`.
    """
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        descriptor = _opened(root)
        try:
            if _locked(descriptor) and _is_still(root / FILE, descriptor):
                _make_sure(root)
                _open.add(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise _in_use(last_holder(str(root)), root / MESSAGE)


def _opened(root: Path) -> int:
    try:
        root.mkdir(parents=True, exist_ok=True)
        return os.open(root / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise _not_writable(root, error) from error


def _not_writable(path: Path, error: OSError) -> MachineError:
    return MachineError(
        f"the lake's folder cannot be written ({error.strerror})",
        str(path),
        "let this account write there, or name another folder with --lake",
    )


def _locked(descriptor: int) -> bool:
    """Whether the lock was free and is now this descriptor's.

    Raises:
        MachineError: the file system knows no such locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise _without_locks(error.strerror or type(error).__name__) from error
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file is still the one of that name: somebody may have removed it in between."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _make_sure(root: Path) -> None:
    """Some file systems say yes to every lock: a second one on the same file must be refused."""
    if not is_held(str(root)):
        raise _without_locks("it grants one lock twice")


def _without_locks(what: str | None) -> MachineError:
    return MachineError(
        f"files cannot be locked in the lake's folder ({what})",
        "lake",
        "keep the lake on a local disk, or on a share that supports locks, so that two nights never write at once",
    )


def _in_use(other: Holder | None, message: Path) -> MachineError:
    known = other if other and other.is_alive and not other.is_former else None
    who = f"{known.holder} (process {known.pid}, since {known.hours:.1f} hours)" if known else "another run"
    return MachineError(f"the lake is in use by {who}", str(message), "wait for it, or end that process")


def _refuse_former(before: Holder | None, message: Path) -> None:
    """A run of a version before holds no lock of the kernel: it is trusted as long as that version trusted it."""
    if before and before.is_former and before.is_alive and before.hours < FORMER_HOURS:
        raise MachineError(
            f"the lake is in use by {before.holder} (process {before.pid}, since {before.hours:.1f} hours)",
            str(message),
            "wait for it; where that process is something else, remove the file",
        )


def _left_behind(before: Holder | None) -> str | None:
    if before is None:
        return None
    if not before.holder:
        return "the run before left a lock that cannot be read: it did not end by itself; what it published stays"
    return (
        f"the run before, {before.holder} (process {before.pid}, begun {before.hours:.1f} hours ago), did not end by "
        "itself: its lock was free; what it published stays, and what it did not is made now"
    )


def _message(holder: str) -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "holder": holder, "since": time.time(), "lock": FILE}


def _write(path: Path, holder: str) -> None:
    """The message in one step, so that nobody reads half of it."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(json.dumps(_message(holder)), encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise _not_writable(path.parent, error) from error


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    except PermissionError:
        return True
    return pid > 0


def _let_go() -> None:
    """In a forked process: it is not the holder, and must not keep the lock when the holder is killed."""
    for descriptor in list(_open):
        with suppress(OSError):
            os.close(descriptor)
    _open.clear()


os.register_at_fork(after_in_child=_let_go)
