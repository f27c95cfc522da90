"""`lakehouse run JOB_OR_ROOM...`: part of a night, with progress."""

import argparse

from lakehouse.cli import progress
from lakehouse.cli.main import conf_of, day
from lakehouse.runs import steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which jobs, on which day."""
    parser.add_argument("names", nargs="+", metavar="JOB_OR_ROOM", help="a step, a room, a table or a module's name")
    add_day(parser)
    parser.add_argument(
        "--night", default="", help="an identifier that the steps of one night share (Airflow's run id)"
    )


def add_day(parser: argparse.ArgumentParser) -> None:
    """Options that all runs have."""
    parser.add_argument("--run-date", type=day, help="the business day (default: the day after the last night)")
    parser.add_argument("--force", action="store_true", help="run jobs even if nothing of theirs changed")
    parser.add_argument("--json", action="store_true", help="log one JSON object a line instead of progress for people")


def run(options: argparse.Namespace) -> int:
    """Run the named jobs; 1 when one of them failed."""
    shown = progress.listener(as_json=options.json)
    result = steps.run(conf_of(options), options.names, options.run_date, options.night, options.force, shown)
    progress.closing(result, as_json=options.json)
    return 0 if result.is_good else 1
