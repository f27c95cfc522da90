"""`lakehouse plan`: which jobs would run, and why; without Spark."""

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
from lakehouse.ops.history import History
from lakehouse.runs import graph, plan, steps


@dataclass(frozen=True, kw_only=True)
class Options(DayOptions):
    """Which jobs, on which day."""

    names: Annotated[list[str] | None, typer.Argument(metavar="JOB_OR_ROOM", help="default: all")] = None


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
    root = conf.profile.path(conf.profile.lake)
    lake, history = Versions(conf, root, Contracts(conf)), History(root)
    run_date = steps.resolve(conf, root, options.run_date, "")
    table = Table("step", "job", "runs", "why", title=f"Plan for the night of {run_date}", title_justify="left")
    running: set[str] = set()
    for job in graph.select(tuple(options.names or graph.STEPS)):
        decision = plan.decide(job, lake, history, run_date)
        fed = [m.rsplit(".", 1)[1] for m in graph.before(job, graph.jobs()) if m in running and ".landing." not in m]
        runs, why = decision.runs, decision.reason
        if not runs and fed:
            runs, why = True, f"if {', '.join(sorted(fed)[:3])} change{'s' if len(fed) == 1 else ''}"
        if decision.runs:
            running.add(job.module)
        table.add_row(graph.step_of(job), job.name, "yes" if decision.runs else ("perhaps" if runs else "no"), why)
    Console().print(table)
    return 0
