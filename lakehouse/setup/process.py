"""Calling the tools of set-up: inside the clone's environment, their output in a log file."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from lakehouse.errors import MachineError
from lakehouse.setup.places import Places, environment


def call(places: Places, command: Sequence[str], log: Path, extra: dict[str, str] | None = None) -> int:
    """Run a program in the clone; returns its exit code, with all it printed in `log`.

    Raises:
        MachineError: the program cannot be started.
    """
    for folder in (log.parent, places.var / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("w") as sink:
            return subprocess.run(
                command,
                stdout=sink,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=places.root,
                env=environment(places) | (extra or {}),
                check=False,
            ).returncode
    except OSError as error:
        raise MachineError(
            f"{command[0]} does not start ({error.strerror})", str(log), "Run `make clean` and the same command again"
        ) from error


def last_lines(log: Path, count: int = 3) -> str:
    """The end of a log, for an error text."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-count:])[:600]
