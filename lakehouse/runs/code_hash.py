"""A hash of the code that a job's result depends on."""

import hashlib
from functools import cache

from lakehouse.runs.graph import FOLDER


@cache
def code_hash(room: str) -> str:
    """A hash of the room's code, the floor's and the pins: what a job's result depends on besides its inputs."""
    sha = hashlib.sha256()
    lock = FOLDER.parent / "requirements.lock"
    for path in [
        *sorted((FOLDER.parent / "lakehouse").rglob("*.py")),
        *sorted((FOLDER / room).rglob("*.py")),
        *([lock] if lock.exists() else []),
    ]:
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]
