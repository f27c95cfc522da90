"""How long the command line takes to answer where no JVM is needed. `python -m benchmarks.commands [--rounds N]`.

Each command runs as a process of its own, in turn, beside Python's own start as the peer that nothing can be under.
"""

import argparse
import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "lakehouse --help": ["-m", "lakehouse.cli.main", "--help"],
    "lakehouse sql --help": ["-m", "lakehouse.cli.main", "sql", "--help"],
    "lakehouse tables": ["-m", "lakehouse.cli.main", "tables"],
    "lakehouse plan": ["-m", "lakehouse.cli.main", "plan", "--run-date", "2017-10-01"],
    "lakehouse check": ["-m", "lakehouse.cli.main", "check", "--no-preview"],
}


def main() -> None:
    """Time every command in turn and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            seconds[name].append(timed([sys.executable, *words]))
    table = Table("command", "median s", "worst s")
    for name, measured in seconds.items():
        table.add_row(name, f"{statistics.median(measured):.2f}", f"{max(measured):.2f}")
    Console().print(table)


def timed(command: list[str]) -> float:
    """Wall seconds of a command, whatever it says."""
    started = time.monotonic()
    subprocess.run(command, capture_output=True, check=False)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
