"""One night at a time: a lock file with its holder; a dead or too old holder is taken over, and that is said."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lakehouse.errors import MachineError

MAX_AGE_HOURS = 12.0


@contextmanager
def held(root: str, holder: str) -> Iterator[str | None]:
    """Hold the lake's lock; yields a sentence when another's lock was taken over.

    Args:
        root: the lake's root, a local folder (an object store brings its own commit service: no lock there).
        holder: what to show to whoever waits.

    Raises:
        MachineError: a living process holds it.
    """
    if "://" in root:
        yield None
        return
    path = Path(root) / "_lock.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = _take(path, holder)
    try:
        yield taken
    finally:
        path.unlink(missing_ok=True)


def _take(path: Path, holder: str) -> str | None:
    mine = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "holder": holder, "since": time.time()})
    try:
        with path.open("x") as file:
            file.write(mine)
        return None
    except FileExistsError:
        other = read(path)
        age = (time.time() - other.get("since", 0.0)) / 3600
        if _alive(other) and age < MAX_AGE_HOURS:
            raise MachineError(
                f"the lake is in use by {other.get('holder')} (process {other.get('pid')}, since {age:.1f} hours)",
                str(path),
                "wait for it, or end that process; the lock of a process that is gone is taken over",
            ) from None
        path.write_text(mine)
        return f"took over the lock of {other.get('holder')}, {age:.1f} hours old, whose process is gone"


def read(path: Path) -> dict[str, Any]:
    """What a lock file says; {} when it cannot be read."""
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def _alive(other: dict[str, Any]) -> bool:
    if other.get("host") != socket.gethostname():
        return True  # another machine's process cannot be asked: only its age tells
    try:
        os.kill(int(other.get("pid", -1)), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return int(other["pid"]) > 0
