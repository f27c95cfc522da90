"""`lakehouse audiences try` and `lakehouse triggers try`: the funnel of tonight, in seconds, without a JVM."""

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
    """Which of them, over which night's tables."""

    action: Annotated[Literal["try"], typer.Argument(help="count who is left after each stage, and what holds back")]
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="only these (default: all)")] = None
    as_of: Annotated[
        date | None,
        typer.Option(parser=day, metavar="D", help="over the tables of the night of D (default: the last)"),
    ] = None
    format: Annotated[Literal["table", "json"], typer.Option(help="the form of the answer")] = "table"


def show(options: Options, subject: str) -> int:
    """Print the funnels."""
    from jobs.activation.commands import trial

    trials = trial.trials(conf_of(options), subject, options.names or [], options.as_of)
    if options.format == "json":
        print(json.dumps([dataclasses.asdict(one) for one in trials]))
        return 0
    _funnels(trials)
    for one in trials if options.names else ():
        _details(one)
    return 0


def _funnels(trials: list[Any]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    from jobs.activation.occasions.passing import STAGES

    stages = (Column(stage.replace("_", "\n", 1).replace("_", " "), justify="right") for stage in STAGES)
    table = Table(Column("name", no_wrap=True), *stages, header_style="bold", box=None)
    for one in trials:
        table.add_row(one.funnel.name, *(f"{count:,}" for count in one.funnel.counts))
    Console().print(table)


def _details(one: Any) -> None:
    print(f"\n{one.funnel.name}")
    for rule, count in sorted(one.held_back, key=lambda pair: -pair[1]):
        print(f"  {count:,} held back by {rule}")
    for customer_id, channel, told in one.examples:
        print(f"  {customer_id}  {channel}  {told}")
    if one.note:
        print(f"  note: {one.note}")
