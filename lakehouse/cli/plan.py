"""`lakehouse plan`: which jobs would run, and why; without Spark."""

import argparse
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from lakehouse.cli.main import conf_of
from lakehouse.cli.run import add_day
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.ops.history import History
from lakehouse.runs import graph, plan, steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which jobs, on which day."""
    parser.add_argument("names", nargs="*", default=list(graph.STEPS), metavar="JOB_OR_ROOM")
    add_day(parser)


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


def run(options: argparse.Namespace) -> int:
    """Print a table: job, runs or not, why."""
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    lake, history = Versions(conf, root, Contracts(conf)), History(root)
    run_date = steps.resolve(conf, root, options.run_date, "")
    table = Table("step", "job", "runs", "why", title=f"Plan for the night of {run_date}", title_justify="left")
    running: set[str] = set()
    for job in graph.select(tuple(options.names)):
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
