"""One holder at a time where there are no file locks: a lease in an object store, by conditional PUT.

The lease is one object. Who creates it (If-None-Match), or replaces what it saw there (If-Match), holds it; the store
lets one of any number of callers through. A holder renews the object while it runs, and each renewal gives it another
ETag. Who finds it taken watches: an ETag that changes is a living holder's; one that stays for the whole lease is a
dead one's, and is taken over. No two machines' clocks are compared: a watcher measures how long it has watched. A
holder renews once more before each commit (`confirm`), so that one that was stopped for longer than its lease, and was
taken over from, writes nothing more.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from lakehouse.errors import MachineError
from lakehouse.storage.objects import Objects, Seen

SECONDS = 45.0
RENEWALS_PER_LEASE, LOOKS_PER_LEASE = 5, 10
TRIES = 3

_held: list["Lease"] = []  # the leases of this process


@dataclass
class Lease:
    """A lease that this process holds, and what it knows of it."""

    objects: Objects
    name: str
    message: dict[str, Any]
    etag: str
    pid: int = field(default_factory=os.getpid)
    is_lost: bool = False
    renewals: int = 0
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seconds(self) -> float:
        """How long it lasts after a renewal."""
        return float(self.message["seconds"])

    def renew(self) -> None:
        """Make it last another term.

        Raises:
            MachineError: it is somebody else's now, or the store does not answer.
        """
        with self._one_at_a_time:
            if self.is_lost:
                raise _lost(self)
            self.renewals += 1
            content = _content({**self.message, "renewals": self.renewals})
            if etag := self.objects.replace(self.name, content, self.etag) or self._own_anyway():
                self.etag = etag
                return
            self.is_lost = True
            raise _lost(self)

    def _own_anyway(self) -> str | None:
        """A renewal whose reply was lost is repeated and refused, since what it replaced is gone: by itself."""
        seen = self.objects.read(self.name)
        return seen.etag if seen and _message(seen).get("token") == self.message["token"] else None

    def keep(self, stopped: threading.Event) -> None:
        """Renew until told to stop, or taken over from; a store that does not answer is asked again."""
        while not stopped.wait(self.seconds / RENEWALS_PER_LEASE):
            with suppress(MachineError):
                self.renew()
            if self.is_lost:
                return

    def end(self) -> None:
        """Leave word that it is free; nobody needs to wait for its end."""
        with self._one_at_a_time, suppress(MachineError):
            if not self.is_lost:
                self.objects.replace(self.name, _content({**self.message, "is_free": True}), self.etag)


def now() -> float:
    """Seconds that also count while a machine sleeps, where it can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@contextmanager
def held(root: str, name: str, message: dict[str, Any], seconds: float = SECONDS) -> Iterator[dict[str, Any] | None]:
    """Hold the lease of this name; yields the message of a holder that ended without letting go of it, else None.

    Args:
        root: URI of an object store.
        message: what others may read of the holder.
        seconds: how long the lease lasts without renewal.

    Raises:
        MachineError: another holds it, or the store does not answer.
    """
    lease, before = _taken(Objects(root), name, {**message, "token": uuid4().hex, "seconds": seconds})
    stopped = threading.Event()
    renewing = threading.Thread(target=lease.keep, args=(stopped,), name="lease", daemon=True)
    renewing.start()
    _held.append(lease)
    try:
        yield before
    finally:
        if lease.pid == os.getpid():  # a forked process that comes by here holds nothing
            stopped.set()
            renewing.join()
            _held.remove(lease)
            lease.end()


def confirm(path: str) -> None:
    """Ask the store whether this process still holds the lease under which it is about to write.

    Args:
        path: of what is written; nothing happens where this process holds no lease above it.

    Raises:
        MachineError: the lease was lost.
    """
    for lease in _held:
        if lease.pid == os.getpid() and path.startswith(f"{lease.objects.root.rstrip('/')}/"):
            lease.renew()


def holder(root: str, name: str) -> tuple[dict[str, Any], bool]:
    """The message of the last holder, and whether it holds the lease still, as far as a look can tell; {} of none."""
    seen = Objects(root).read(name)
    message = _message(seen) if seen else {}
    return message, bool(message) and not message.get("is_free")


def _taken(objects: Objects, name: str, message: dict[str, Any]) -> tuple[Lease, dict[str, Any] | None]:
    """The lease, and the message of a holder that is dead.

    Raises:
        MachineError: its holder lives, or another took it first.
    """
    for _ in range(TRIES):  # an object that is neither made nor there: somebody's write was in flight
        if etag := objects.create(name, _content(message)):
            return Lease(objects, name, message, etag), None
        if seen := objects.read(name):
            free, before = _watched(objects, name, seen)
            return _replaced(objects, name, message, free), before
    raise _in_use(objects, {})


def _replaced(objects: Objects, name: str, message: dict[str, Any], free: Seen) -> Lease:
    if etag := objects.replace(name, _content({**message, "renewals": 0}), free.etag):
        return Lease(objects, name, message, etag)
    there = objects.read(name)
    if there and _message(there).get("token") == message["token"]:  # made by a request whose reply was lost
        return Lease(objects, name, message, there.etag)
    raise _in_use(objects, _message(there) if there else {})


def _watched(objects: Objects, name: str, seen: Seen) -> tuple[Seen, dict[str, Any] | None]:
    """What may be replaced: a lease that was let go of, or one that stayed as it is for its whole term.

    Raises:
        MachineError: it was renewed.
    """
    message, began = _message(seen), now()
    if message.get("is_free"):
        return seen, None
    seconds = float(message.get("seconds", SECONDS))
    while now() - began < seconds:
        time.sleep(seconds / LOOKS_PER_LEASE)
        later = objects.read(name)
        if later and _message(later).get("is_free"):
            return later, None
        if later is None or later.etag != seen.etag:
            raise _in_use(objects, _message(later) if later else message)
    return seen, message


def _content(message: dict[str, Any]) -> bytes:
    return json.dumps(message, sort_keys=True).encode()


def _message(seen: Seen) -> dict[str, Any]:
    try:
        message = json.loads(seen.content)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _in_use(objects: Objects, message: dict[str, Any]) -> MachineError:
    who = f"{message['holder']} on {message.get('host', '?')}" if message.get("holder") else "another run"
    return MachineError(f"the lake is in use by {who}", objects.root, "wait for it, or end that process")


def _lost(lease: Lease) -> MachineError:
    return MachineError(
        f"this run lost the lake's lock: for longer than it lasts ({lease.seconds:.0f} s) the run was stopped, or did "
        "not reach the object store, and another has taken it",
        lease.objects.root,
        "run it again; what it published stays",
    )
