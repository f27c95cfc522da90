"""`lakehouse night`: the whole night in one Spark session, then the summary."""

import argparse

from jobs import progress, steps
from jobs.cli import conf_of
from jobs.commands import run as part
from jobs.graph import STEPS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """On which day, and how to show it."""
    part.add_day(parser)


def run(options: argparse.Namespace) -> int:
    """Run every step; the summary is printed even when a job failed, and the exit code is then 1."""
    conf = conf_of(options)
    shown = progress.listener(as_json=options.json)
    result = steps.run(conf, list(STEPS), options.run_date, "", options.force, shown)
    progress.closing(result, as_json=options.json)
    if not options.json:
        from jobs.commands import summary

        summary.show(conf, result.run_date)
    return 0 if result.is_good else 1
