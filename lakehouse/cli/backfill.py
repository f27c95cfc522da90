"""`lakehouse backfill --from A --to B`: the nights of these days that are missing, in their order.

Nights that are missing before them run, too. Where later nights were published without them, the lake goes back to the
night before (as `lakehouse restore --to-night` does), and all nights from there run again.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli import progress
from lakehouse.cli.options import conf_of, day
from lakehouse.runs import backfill


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which days."""

    first: Annotated[date, typer.Option("--from", parser=day, metavar="A", help="the first business day")]
    last: Annotated[date, typer.Option("--to", parser=day, metavar="B", help="the last business day, included")]
    plan: Annotated[bool, typer.Option("--plan", help="say what would be done; change nothing")] = False
    json: Annotated[bool, typer.Option("--json", help="log one JSON object a line instead of progress for people")] = (
        False
    )


def run(options: Options) -> int:
    """Run what is missing; 1 when a night failed."""
    conf = conf_of(options)
    plan = backfill.planned(conf, options.first, options.last)
    if not options.json:
        print(told(plan))
    if options.plan or not plan.days:
        return 0
    is_good = backfill.run(
        conf,
        plan,
        progress.listener(as_json=options.json),
        lambda result: progress.closing(result, as_json=options.json),
    )
    return 0 if is_good else 1


def told(plan: backfill.Backfill) -> str:
    """What is done, in a sentence."""
    if not plan.days:
        return "each of these days has a published night: there is nothing to do"
    back = f"the lake goes back to the night of {plan.back_to}; then " if plan.back_to else ""
    return f"{back}{len(plan.days)} nights run in their order, {plan.days[0]} to {plan.days[-1]}"
