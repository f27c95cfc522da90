"""`lakehouse tags try` and `lakehouse segments try`: what rules would do tonight, in seconds, without a JVM."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which rules, over which night's tables."""

    action: Annotated[Literal["try"], typer.Argument(help="count whom they hold for, and what would change")]
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="only these (default: all)")] = None
    overlap: Annotated[bool, typer.Option("--overlap", help="how many customers each two have in common")] = False
    as_of: Annotated[
        date | None,
        typer.Option(parser=day, metavar="D", help="over the tables of the night of D (default: the last)"),
    ] = None
    format: Annotated[Literal["table", "json"], typer.Option(help="the form of the answer")] = "table"


def show(options: Options, subject: str) -> int:
    """Print the trials, or the overlap matrix."""
    from jobs.gold.membership import trial

    arguments = (conf_of(options), subject, options.names or [], options.as_of)
    if options.overlap:
        matrix = trial.overlap_matrix(*arguments)
        print(json.dumps(matrix)) if options.format == "json" else _matrix(matrix)
        return 0
    trials = trial.trials(*arguments)
    if options.format == "json":
        print(json.dumps([dataclasses.asdict(trial) for trial in trials]))
    else:
        _counts(trials)
        if options.names:
            _details(trials)
    return 0


def _counts(trials: list[Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "customers", "share", "would join", "would leave", "labels", header_style="bold")
    for t in trials:
        table.add_row(t.name, f"{t.customer_count:,}", f"{t.share:.1%}", f"+{t.joining:,}", f"-{t.leaving:,}", _said(t))
    Console().print(table)


def _said(trial: Any) -> str:
    measured = trial.precision
    if measured is None:
        return ""
    if measured.interval is None:
        return f"none of {measured.labelled_count} has it"
    low, high = measured.interval
    return f"{measured.precision:.0%} right ({low:.0%} to {high:.0%}) of {measured.tagged_count}"


def _details(trials: list[Any]) -> None:
    for trial in trials:
        print(f"\n{trial.name}")
        for customer_id, evidence in trial.examples:
            print(f"  {customer_id}  {evidence or ''}".rstrip())
        for other, shared in trial.overlaps:
            print(f"  {shared:,} of them are {other} at present ({shared / trial.customer_count:.0%})")
        for note in trial.notes:
            print(f"  note: {note}")


def _matrix(matrix: dict[str, dict[str, int]]) -> None:
    from rich.console import Console
    from rich.table import Table

    numbers = {name: str(i) for i, name in enumerate(matrix, 1)}
    table = Table("", "name", *numbers.values(), header_style="bold")
    for name, row in matrix.items():
        table.add_row(numbers[name], name, *(f"{row[other]:,}" for other in matrix))
    Console().print(table)
