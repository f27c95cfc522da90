"""`lakehouse night`: the whole night in one Spark session, then the summary."""

import importlib
from datetime import date

from lakehouse.cli import progress
from lakehouse.cli import run as part
from lakehouse.cli.commands import COMMANDS
from lakehouse.cli.options import conf_of
from lakehouse.config.layers import Conf
from lakehouse.ops.history import History
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS

Options = part.DayOptions


def run(options: Options) -> int:
    """Run every step; the summary is printed even when a job failed, and the exit code is then 1."""
    conf = conf_of(options)
    if options.run_date and is_past(conf, options.run_date):
        return _replay(conf, options.run_date, options.json)
    shown = progress.listener(as_json=options.json)
    result = steps.run(conf, list(STEPS), options.run_date, "", options.force, shown)
    progress.closing(result, as_json=options.json)
    if not options.json:
        importlib.import_module(COMMANDS["summary"][0]).show(conf, result.run_date)
    return 0 if result.is_good else 1


def is_past(conf: Conf, run_date: date) -> bool:
    """Whether a later night was published already: the present then changes only by an ordered replay forward."""
    nights = History(conf.profile.path(conf.profile.lake)).nights()
    return bool(nights) and run_date < nights[-1]


def _replay(conf: Conf, run_date: date, as_json: bool) -> int:
    """Rebuild the old night aside and print which tables come out equal."""
    from rich.console import Console

    from lakehouse.runs import replay

    console = Console(highlight=False)
    console.print(f"{run_date} is past: it is rebuilt aside from its own inputs; the present does not change.")
    result = replay.run(conf, run_date, progress.listener(as_json=as_json))
    for table in result.tables:
        console.print(f"{'equal    ' if table.is_equal else '[bold red]different[/]'} {table.table:34} {table.was}")
    for outcome in (o for o in result.outcomes if o.error):
        console.print(f"[bold red]{outcome.job.name}[/]: {outcome.error}")
    return 0 if result.is_good else 1
