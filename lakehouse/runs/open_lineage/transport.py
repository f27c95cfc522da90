"""Where events go: a file for each run in a folder that stays small, or an OpenLineage server over HTTP."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

SECONDS = 5.0  # how long a server may take for one event
PATH = "api/v1/lineage"


class Transport(Protocol):
    """Takes events one by one."""

    def send(self, event: Mapping[str, Any]) -> None:
        """Hand over one event.

        Raises:
            OSError: it was not taken.
        """

    def close(self) -> None:
        """Nothing more comes."""


class Folder:
    """A file of JSON lines for each run; the oldest files go when all take more than a bound.

    Args:
        most_bytes: what the files of the folder may take together; the newest stays whatever it takes.
    """

    def __init__(self, folder: Path, run_id: str, most_bytes: int) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        self.file = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', run_id)[:120]}.jsonl"

    def send(self, event: Mapping[str, Any]) -> None:
        """Append a line."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """Remove the oldest files past the bound."""
        files = sorted(self.folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
        total = 0
        for number, path in enumerate(files):
            total += path.stat().st_size
            if number and total > self.most_bytes:
                path.unlink()


class Server:
    """A server that takes events at `<address>/api/v1/lineage`.

    Args:
        token: sent as bearer token; "" for none.
    """

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address if address.rstrip("/").endswith(PATH) else f"{address.rstrip('/')}/{PATH}"
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def send(self, event: Mapping[str, Any]) -> None:
        """Post it."""
        body = json.dumps(event, ensure_ascii=False).encode()
        request = urllib.request.Request(self.address, body, self.headers)  # noqa: S310 http or https: see the profile
        urllib.request.urlopen(request, timeout=SECONDS).close()  # noqa: S310

    def close(self) -> None:
        """Every event is a request of its own."""
