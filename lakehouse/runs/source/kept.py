"""What was learned about source files, kept by their content: a file that did not change is never read by rules twice.

Nothing kept can be wrong for a file: it stands under a hash of the file's path and content, and of the rules
(this package and Python's own version). What cannot be read or written is worked out again.
"""

import hashlib
import json
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

MOST_OTHER_ENTRIES = 200  # of earlier contents, so that going back to them costs nothing


@cache
def rules() -> str:
    """A hash of this package and of Python's version: what decides about a file's facts beside its content."""
    sha = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        sha.update(path.read_bytes())
    return sha.hexdigest()


def key(*parts: bytes | str) -> str:
    """A name for what is known of these parts by the present rules."""
    sha = hashlib.sha256(rules().encode())
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()


class Kept:
    """Entries of one JSON file.

    Args:
        path: where; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.entries: dict[str, Any] = _read(path) if path else {}
        self.used: set[str] = set()
        self.is_changed = False

    def get(self, name: str) -> Any:
        """What is known under a name; None where nothing is."""
        self.used.add(name)
        return self.entries.get(name)

    def put(self, name: str, value: Any) -> None:
        """Keep plain data under a name."""
        self.used.add(name)
        self.entries[name] = value
        self.is_changed = True

    def save(self) -> None:
        """Write the entries in one step; a folder that cannot be written is left alone."""
        if self.path is None or not self.is_changed:
            return
        others = [name for name in self.entries if name not in self.used][-MOST_OTHER_ENTRIES:]
        kept = {name: self.entries[name] for name in (*others, *sorted(self.used)) if name in self.entries}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".kept-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file, separators=(",", ":"))
            Path(name).replace(self.path)
        except OSError:
            return
        self.is_changed = False


def _read(path: Path) -> dict[str, Any]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}
