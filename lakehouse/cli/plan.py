"""`lakehouse plan`: which jobs would run, and why; without Spark. With --accept: a change that changes no result."""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lakehouse.cli.options import conf_of
from lakehouse.cli.run import DayOptions
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.errors import ConfigError
from lakehouse.ops.accepted import Accepted
from lakehouse.ops.history import History
from lakehouse.runs import acceptance, code_hash, graph, plan, steps, what_changed

MOST_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Options(DayOptions):
    """Which jobs, on which day; or what to accept."""

    names: Annotated[list[str] | None, typer.Argument(metavar="JOB_OR_ROOM", help="default: all")] = None
    accept: Annotated[
        str | None, typer.Option(metavar="JOB", help="what changed of this job does not change its results")
    ] = None
    reason: Annotated[str, typer.Option(metavar="TEXT", help="why; it is recorded with --accept")] = ""


@dataclass
class Versions:
    """As much of a lake as a plan needs: versions, contracts, configuration."""

    conf: Conf
    root: str
    contracts: Contracts

    def path(self, table: str) -> str:
        """Where the table is or will be."""
        return f"{self.root}/{table.replace('.', '/', 1)}"

    def version(self, table: str) -> int | None:
        """The table's newest version."""
        return delta_log.latest_version(self.path(table))

    def is_published(self, table: str) -> bool:
        """Whether a publish has written the table."""
        return delta_log.last_publish(self.path(table)) is not None


def run(options: Options) -> int:
    """Print a table: job, runs or not, why."""
    conf = conf_of(options)
    if options.accept is not None:
        return _accepted(conf, options.accept, options.reason)
    if options.reason:
        raise ConfigError("--reason belongs to --accept", "--reason", "name the job: --accept JOB --reason TEXT")
    root = conf.profile.path(conf.profile.lake)
    lake, history, accepted = Versions(conf, root, Contracts(conf)), History(root), Accepted(root)
    run_date = steps.resolve(conf, root, options.run_date, "")
    table = Table("step", "job", "runs", "why", title=f"Plan for the night of {run_date}", title_justify="left")
    running: set[str] = set()
    for job in graph.select(tuple(options.names or graph.STEPS)):
        decision = plan.decide(job, lake, history, run_date, accepted)
        fed = [m.rsplit(".", 1)[1] for m in graph.before(job, graph.jobs()) if m in running and ".landing." not in m]
        runs, why = decision.runs, decision.reason
        if not runs and fed:
            runs, why = True, f"if {', '.join(sorted(fed)[:3])} change{'s' if len(fed) == 1 else ''}"
        if decision.runs:
            running.add(job.module)
        table.add_row(graph.step_of(job), job.name, "yes" if decision.runs else ("perhaps" if runs else "no"), why)
    code_hash.installed().save()
    Console().print(table)
    return 0


def _accepted(conf: Conf, name: str, reason: str) -> int:
    """Record the acceptance and say what it is of."""
    done = acceptance.accept(conf, name, reason)
    names = [what_changed.plain(change) for change in done.changes or ()]
    of = ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")
    print(f"{done.job}: accepted, its history stands ({of or 'what changed was not recorded'}).")
    return 0
