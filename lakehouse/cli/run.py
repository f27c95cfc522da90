"""`lakehouse run JOB_OR_ROOM...`: part of a night, with progress."""

import os
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import typer

from lakehouse.cli import options as common
from lakehouse.cli import progress
from lakehouse.cli.options import conf_of, day
from lakehouse.runs import steps

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


def run(options: Options) -> int:
    """Run the named jobs; 1 when one of them failed."""
    shown = progress.listener(as_json=options.json)
    os.environ[PARENT] = options.lineage_parent
    result = steps.run(conf_of(options), options.names, options.run_date, options.night, options.force, shown)
    progress.closing(result, as_json=options.json)
    return 0 if result.is_good else 1
