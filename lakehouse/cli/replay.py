"""`lakehouse replay [TABLE ...] [--reason R]`: quarantined lines are put through again; `--show`: what lies there.

The lines go through as if the rules of now had held in their own nights: a later version of the same thing still wins.
The next night carries what came of them on. (To rebuild an old night: `lakehouse night --run-date`.)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lakehouse.cli import options as common
from lakehouse.cli import progress
from lakehouse.cli.options import conf_of
from lakehouse.errors import MachineError
from lakehouse.ops import reprocessing
from lakehouse.ops.quarantine import Pile
from lakehouse.runs import reprocess

COLUMNS = ("quarantined in", "reason", "lines", "files", "exports", "since", "days", "rule version")


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which lines."""

    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="TABLE", help="a table of quarantine, as quarantine.orders (default: all)"),
    ] = None
    reason: Annotated[str, typer.Option(metavar="R", help="only tables with lines that are there for this reason")] = ""
    show: Annotated[bool, typer.Option("--show", help="list what lies in quarantine; change nothing")] = False


def run(options: Options) -> int:
    """Put through, and say what became of each table's lines."""
    conf, names = conf_of(options), options.tables or []
    piles = reprocess.chosen(conf, names, options.reason)
    if not piles and not reprocessing.waiting(conf.profile.path(conf.profile.lake)):
        print("quarantine is empty: there is nothing to put through")
        return 0
    night = reprocess.last_night(conf)
    if options.show and night:
        Console().print(shown(piles, night))
        return 0
    try:
        done = reprocess.run(conf, names, options.reason, progress.listener(as_json=False))
    except MachineError as error:
        raise MachineError(
            error.what, error.where, "it is asked for: the next run of those tables, or this command again, does it"
        ) from None
    progress.closing(done.result, as_json=False)
    if done.still_waiting:
        print(f"not done: {', '.join(done.still_waiting)}; mend what is said above, then 'lakehouse replay' again")
        return 1
    print("the next night carries what came of them on")
    return 0


def shown(piles: Iterable[Pile], night: date) -> Table:
    """A line per table and reason, ages as of a night."""
    table = Table(*COLUMNS, header_style="bold")
    for pile in piles:
        numbers = f"{pile.lines:,}", f"{pile.files:,}"
        ages = str(pile.oldest), str(pile.age_days(night))
        table.add_row(pile.table, pile.reason, *numbers, ", ".join(pile.exports), *ages, pile.rule_version)
    return table
