"""`make test-crash`: disturbs nights of a small company in every known way and prints what became of them."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import QUICK, SMALL
from tests.crash import company, kills, warm
from tests.crash.nights import ALL, Nights, differences
from tests.crash.setting import Setting, Tried
from tests.crash.trials import TRIALS


@dataclass
class Row:
    """One line of the table."""

    what: str
    disturbed: int = 0
    nights: int = 0
    converged: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"| {self.what} | {self.disturbed} | {self.nights} | {self.converged} | {self.seconds:,.0f} |"


HEAD = "| disturbance | times | nights | converged | seconds |\n|---|---|---|---|---|"


def main() -> None:
    """Run the trials; exit code 1 when one did not converge."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        setting = prepared(Path(folder), options)
        rows, left = _all_tried(setting, options)
    print(f"seed {options.seed}, share {options.share}\n\n{HEAD}")
    for row in rows:
        print(row)
    if left:
        print(f"not tried this time: {', '.join(left)}")
    for row in rows:
        for fault in row.faults:
            print(f"DID NOT CONVERGE: {row.what}: {fault}")
    sys.exit(any(row.faults for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of all that is left to chance")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials: 0.1 for a tenth")
    parser.add_argument("--seconds", type=float, help="kinds of trials in an order by chance, until so many are over")
    parser.add_argument("--only", default="", help="trials whose name holds one of these words, parted by commas")
    engines = "spark: every table is written by Spark; files: by Spark, and committed afterwards, where that may be"
    parser.add_argument("--engine", default="auto", choices=company.ENGINES, help=engines)
    parser.add_argument("--steps", default=",".join(ALL), help="of each night: load alone is quick")
    return parser.parse_args()


def _all_tried(setting: Setting, options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """What became of the trials, and those that there was no time for."""
    names = [name for name in TRIALS if _is_chosen(name, options.only)]
    if options.seconds:
        setting.chance.shuffle(names)
    ends = time.monotonic() + (options.seconds or float("inf"))
    rows, left = [], []
    for name in names:
        if time.monotonic() < ends:
            rows.append(_tried(name, TRIALS[name], setting))
        else:
            left.append(name)
    return rows, left


def _is_chosen(name: str, only: str) -> bool:
    return any(word in name for word in only.split(","))


def prepared(folder: Path, options: argparse.Namespace) -> Setting:
    """The company, its undisturbed nights, and what there is to disturb in them."""
    place = company.found(folder, options.engine)
    chance = random.Random(options.seed)
    spark = warm.session(place, SMALL, QUICK)
    first, second = (Nights(spark, day, options.steps.split(",")) for day in (company.kiosk.DAY, company.SECOND))
    conf = place.conf("first")
    points = kills.points(first, conf)
    wanted = {"first": first.left_by(conf)}
    began = time.monotonic()
    later = kills.points(second, place.copy("first", "second"))
    seconds = time.monotonic() - began
    wanted["second"] = second.left_by(place.conf("second"))
    print(f"{len(points)} and {len(later)} sides of commits; a night takes {seconds:.1f} s", flush=True)
    return Setting(
        place,
        {"first": first, "second": second},
        wanted,
        {"first": points, "second": later},
        seconds,
        chance,
        options.share,
    )


def _tried(name: str, trial: Callable[[Setting], Tried], setting: Setting) -> Row:
    row, began = Row(name), time.monotonic()
    for which, conf, times in trial(setting):
        row.disturbed += times
        row.nights += 1
        try:
            found = differences(setting.wanted[which], setting.nights[which].left_by(conf))
        except AssertionError as error:
            found = [str(error)]
        row.faults += [f"{which} night: {', '.join(found)}"] if found else []
        row.converged += not found
    row.seconds = time.monotonic() - began
    print(row, *row.faults, flush=True)
    return row
