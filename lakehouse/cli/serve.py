"""A driver that runs one step after the other in one Spark session, for the tasks of one Airflow run.

A task connects to its socket and sends `{"arguments": [...], "stamp": ...}`; the driver answers with its process id,
the lines that the step prints, and the step's exit code, one JSON object a line. A driver whose code is older than
the files on disk says so and ends; so does one that nobody has asked for a while, and one that has made the report.
"""

import contextlib
import json
import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from lakehouse.cli.main import main

LAST_STEP = "report"
IDLE_SECONDS = 300.0
REQUEST_SECONDS = 10.0


class Lines:
    """A text stream that sends whole lines to the task that asked."""

    def __init__(self, sink: TextIO) -> None:
        self.sink, self.rest = sink, ""

    def write(self, text: str) -> int:
        """Send what is whole, keep what is not."""
        *whole, self.rest = (self.rest + text).split("\n")
        for line in whole:
            send(self.sink, line=line)
        return len(text)

    def flush(self) -> None:
        """Lines are sent as they become whole."""

    def isatty(self) -> bool:
        """No terminal."""
        return False


def send(sink: TextIO, **what: Any) -> None:
    """One JSON object a line. A task that is gone is no reason to stop: what the step does is on record in the lake."""
    with contextlib.suppress(OSError, ValueError):
        sink.write(json.dumps(what) + "\n")
        sink.flush()


def serve(path: Path, stamp: str, idle_seconds: float = IDLE_SECONDS) -> int:
    """Answer steps until the last one is done, nobody asks for a while, or the code has changed."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        before = os.umask(0o177)  # the socket is its owner's alone
        try:
            listening.bind(str(path))
        finally:
            os.umask(before)
        listening.listen(1)
        listening.settimeout(idle_seconds)
        try:
            while _answered(listening, stamp):
                pass
        finally:
            path.unlink(missing_ok=True)
    return 0


def _answered(listening: socket.socket, stamp: str) -> bool:
    """Whether to wait for another step after this one."""
    try:
        connection, _ = listening.accept()
    except TimeoutError:
        return False
    with connection, connection.makefile("rw", encoding="utf-8") as stream:
        request = _request(connection, stream)
        if request.get("stamp") != stamp:
            send(stream, stale=True)
            return not request  # somebody only looked whether a driver is there
        send(stream, pid=os.getpid())
        send(stream, exit=_run(request["arguments"], stream))
    return bool(request["arguments"][0] != LAST_STEP)


def _request(connection: socket.socket, stream: TextIO) -> dict[str, Any]:
    """What a task asks; {} from somebody who sends nothing, or no JSON, within a moment."""
    connection.settimeout(REQUEST_SECONDS)
    try:
        return dict(json.loads(stream.readline()))
    except (OSError, ValueError):
        return {}
    finally:
        connection.settimeout(None)


def _run(arguments: list[str], stream: TextIO) -> int:
    lines: Any = Lines(stream)
    with contextlib.redirect_stdout(lines), contextlib.redirect_stderr(lines):
        try:
            return main(["run", *arguments])
        except Exception as error:  # noqa: BLE001 the next step must find a driver; no text of the error: it may hold a value
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}")
            return 1


def asked_to_serve(words: list[str]) -> int | None:
    """`--serve SOCKET STAMP` among the application's arguments; None where a step is named instead."""
    if words[:1] != ["--serve"]:
        return None
    return serve(Path(words[1]), words[2])


if __name__ == "__main__":
    sys.exit(asked_to_serve(sys.argv[1:]) or 0)
