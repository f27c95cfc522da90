"""One Spark driver for the steps of one night on one machine: each task asks it for its step, the first starts it.

Five applications a night are five Java starts, five imports and five cold sessions. Each step is still a task of its
own, with its own retry: a driver that died, or whose code is older than the files, is followed by another.
"""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 180.0
END_SECONDS = 30.0
CODE = ("lakehouse", "jobs", "dags")

Say = Callable[[str], None]


class DriverLostError(RuntimeError):
    """The driver ended in the middle of a step."""


def stamp(home: Path) -> str:
    """What a driver was started with: the newest file of the code and of Spark's settings."""
    files = [path for folder in CODE for path in (home / folder).rglob("*.py")]
    files.append(home / "var" / "spark" / "spark-defaults.conf")
    return str(max(path.stat().st_mtime_ns for path in files if path.exists()))


def run(path: Path, start: Callable[[], subprocess.Popen[Any]], arguments: Sequence[str], home: Path, say: Say) -> int:
    """Run one step in the shared driver.

    Args:
        path: the driver's socket.
        start: starts a driver that will listen there.
        arguments: the step and its options, as for the command line.
        say: called with each line that the step prints.

    Returns:
        The step's exit code.

    Raises:
        DriverLostError: the driver ended in the middle, or did not come up.
    """
    for _ in range(2):
        with _connected(path) or _started(path, start) as connection:
            code = _asked(connection, arguments, stamp(home), say)
        if code is not None:
            return code
        _gone(path)
    raise DriverLostError("a driver that has just started says that its code is old")


def _connected(path: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _gone(path: Path) -> None:
    """Wait until a driver that ends has taken its socket away."""
    deadline = time.monotonic() + END_SECONDS
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def _started(path: Path, start: Callable[[], subprocess.Popen[Any]]) -> socket.socket:
    process, deadline = start(), time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if connection := _connected(path):
            return connection
        if process.poll() is not None:
            raise DriverLostError(f"the driver did not start (exit code {process.returncode}); var/logs/driver.log")
        time.sleep(0.1)
    process.terminate()
    raise DriverLostError(f"the driver did not start within {START_SECONDS:.0f} s; see var/logs/driver.log")


def _asked(connection: socket.socket, arguments: Sequence[str], stamp: str, say: Say) -> int | None:
    """The step's exit code; None where the driver's code is old."""
    connection.sendall((json.dumps({"arguments": list(arguments), "stamp": stamp}) + "\n").encode())
    for answer in _answers(connection):
        if answer.get("stale"):
            return None
        if "exit" in answer:
            return int(answer["exit"])
        if "line" in answer:
            say(str(answer["line"]))
    raise DriverLostError("the driver ended in the middle of the step; a retry starts another; see var/logs/driver.log")


def _answers(connection: socket.socket) -> Iterator[dict[str, Any]]:
    with connection.makefile("r", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
