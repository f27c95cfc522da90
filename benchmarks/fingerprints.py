"""What fingerprints cost a night, and how long a night takes in which nothing arrived.

    python -m benchmarks.fingerprints [--nights 2] [--keep DIR]

Runs nights of the sample and then one without deliveries, each by `lakehouse night` in a process of its own, and adds
up what hashing rows and working out what stands in a table takes of the processor: batches before they are committed,
the rows that a merge replaces, and the record that a published night keeps. What Spark hashes in passing is hashed once
more here, and counts with that. Promised: under 2 % of a night; a night without deliveries ends in under 20 s.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakehouse.lake import contents
from lakehouse.quality import gate, row_hashes

MOST_SHARE, MOST_SECONDS = 0.02, 20.0
NOTHING = "nothing arrived"
NIGHT = "import sys; from benchmarks.fingerprints import one_night; sys.exit(one_night(sys.argv[1], sys.argv[2:]))"


def main() -> None:
    """Run the nights and print each one's seconds and share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for the lake; one that holds nights already goes on")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fingerprints-") as passing:
        folder = arguments.keep or Path(passing)
        places = ["--drop", f"{folder}/drop", "--lake", f"{folder}/lake"]
        if not (folder / "drop").exists():
            make = [sys.executable, "-m", "lakehouse.cli.main", "sample", "--nights", str(arguments.nights), *places]
            subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        print("| night | seconds | seconds of fingerprints | share |\n|---|---|---|---|")
        for number in range(arguments.nights + 1):
            arrived = NOTHING if number == arguments.nights else f"delivery {number + 1}"
            shown(arrived, *measured(folder, places))


def measured(folder: Path, places: list[str]) -> tuple[float, dict[str, float]]:
    """Wall seconds of a night, and the seconds of each part of its fingerprints."""
    told, began = folder / "seconds.json", time.monotonic()
    subprocess.run([sys.executable, "-c", NIGHT, str(told), "night", *places], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began, json.loads(told.read_text())


def shown(night: str, seconds: float, parts: dict[str, float]) -> None:
    """One line of the table, and whether it is what was promised."""
    spent = sum(parts.values())
    told = ", ".join(f"{name} {value:.2f}" for name, value in sorted(parts.items()))
    print(f"| {night} | {seconds:.1f} | {spent:.2f} ({told}) | {spent / seconds:.2%} |", flush=True)
    if spent > MOST_SHARE * seconds or (night == NOTHING and seconds > MOST_SECONDS):
        print(f"more than was promised: {MOST_SHARE:.0%} of a night, {MOST_SECONDS:.0f} s where nothing arrived")


def one_night(told: str, words: list[str]) -> int:
    """A command in this process; the seconds of its fingerprints go to a file."""
    from lakehouse.cli import main as program

    clock = Clock()
    clock.watch(row_hashes, "row_hashes", "batches", time.thread_time)
    clock.watch(contents, "after", "merges", time.monotonic)  # an engine with threads of its own reads the old rows
    clock.watch(contents, "of_night", "record", time.thread_time)
    collect = gate.collect

    def collected(*arguments: Any) -> Any:
        result, rows = collect(*arguments)
        row_hashes.row_hashes(rows)  # by the clock: what Spark did in passing
        return result, rows

    setattr(gate, "collect", collected)  # noqa: B010 a plain assignment of another kind of function
    try:
        return program.main(words)
    finally:
        Path(told).write_text(json.dumps(clock.seconds))


class Clock:
    """Seconds of functions, each counted in the outermost one that a thread is in."""

    def __init__(self) -> None:
        self.seconds, self.inside, self.lock = defaultdict[str, float](float), threading.local(), threading.Lock()

    def watch(self, owner: Any, name: str, part: str, now: Callable[[], float]) -> None:
        """Count what a function of a module takes by a clock."""
        original = getattr(owner, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            return self._counted(part, now, lambda: original(*arguments, **named))

        setattr(owner, name, watched)

    def _counted(self, part: str, now: Callable[[], float], work: Callable[[], Any]) -> Any:
        if getattr(self.inside, "is_any", False):
            return work()
        self.inside.is_any, began = True, now()
        try:
            return work()
        finally:
            self.inside.is_any = False
            with self.lock:
                self.seconds[part] += now() - began


if __name__ == "__main__":
    main()
