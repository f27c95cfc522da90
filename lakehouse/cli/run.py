"""`lakehouse run JOB_OR_ROOM...`: part of a night, with progress."""

import os
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import typer

from lakehouse.cli import options as common
from lakehouse.cli import progress
from lakehouse.cli.options import conf_of, day
from lakehouse.config.layers import Conf
from lakehouse.runs import backfill, steps
from lakehouse.runs.night import Listener

BACKFILL = "backfill"

PARENT = "OPENLINEAGE_PARENT_ID"


@dataclass(frozen=True, kw_only=True)
class DayOptions(common.Options):
    """Options that all runs have."""

    run_date: Annotated[
        date | None,
        typer.Option(parser=day, metavar="D", help="the business day (default: the day after the last night)"),
    ] = None
    force: Annotated[bool, typer.Option("--force", help="run jobs even if nothing of theirs changed")] = False
    job_engine: Annotated[
        Literal["auto", "spark"] | None,
        typer.Option(
            "--engine", help="spark: no table is read, queried or written but by Spark (default: the profile's)"
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="log one JSON object a line instead of progress for people")] = (
        False
    )


@dataclass(frozen=True, kw_only=True)
class Options(DayOptions):
    """Which jobs, on which day."""

    names: Annotated[
        list[str], typer.Argument(metavar="JOB_OR_ROOM", help="a step, a room, a table or a module's name")
    ]
    lineage_parent: Annotated[
        str, typer.Option(envvar=PARENT, help="who started this, for OpenLineage events: NAMESPACE/JOB/RUN")
    ] = ""
    night: Annotated[str, typer.Option(help="an identifier that the steps of one night share (Airflow's run id)")] = ""
    kind: Annotated[
        str,
        typer.Option(help="how the run came about (Airflow's run type); 'backfill': nights in their order, each once"),
    ] = ""


def run(options: Options) -> int:
    """Run the named jobs; 1 when one of them failed."""
    conf, shown = conf_of(options), progress.listener(as_json=options.json)
    if options.kind == BACKFILL and options.run_date and (code := _before(conf, options, shown)) is not None:
        return code
    os.environ[PARENT] = options.lineage_parent
    result = steps.run(conf, options.names, options.run_date, options.night, options.force, shown)
    progress.closing(result, as_json=options.json)
    return 0 if result.is_good else 1


def _before(conf: Conf, options: Options, shown: Listener) -> int | None:
    """Run the nights that are missing before; an exit code where the step itself is not to run."""
    assert options.run_date
    plan = backfill.before_step(conf, options.run_date)
    if plan is None:
        print(f"the night of {options.run_date} is published: there is nothing to do")
        return 0
    is_good = backfill.run(conf, plan, shown, lambda result: progress.closing(result, as_json=options.json))
    return None if is_good else 1
