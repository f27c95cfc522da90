"""Put quarantined lines through again, after a fix of a rule, a mapping, a reading or reference data.

Of the night's jobs those run that take files in as they are read now (none is taken from the drop zone) and those of
silver whose lines lie in quarantine. Rebuilding an old night aside is something else: see `replay`.
"""

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError
from lakehouse.ops import quarantine, reprocessing, tables
from lakehouse.ops.history import History
from lakehouse.ops.quarantine import Pile
from lakehouse.runs import graph, steps
from lakehouse.runs.night import Listener

INTAKE = ("landing", "bronze")


@dataclass(frozen=True)
class Reprocessed:
    """How it went: the run, and a row of ops.replays for each table that was put through."""

    result: steps.Result
    done: tuple[dict[str, Any], ...]
    still_waiting: tuple[str, ...]


def chosen(conf: Conf, names: Sequence[str], reason: str) -> list[Pile]:
    """What lies in quarantine of these tables (all where none is named), for that reason where one is given.

    Raises:
        ConfigError: there is no such table, or no line has that reason.
    """
    root = conf.profile.path(conf.profile.lake)
    known = [quarantine.beside(table) for table in Contracts(conf) if table.startswith("silver.")]
    wanted = [_known(name, known) for name in names] or known
    piles = quarantine.piles(root, wanted, last_night(conf))
    of_reason = [pile for pile in piles if pile.reason == reason]
    if reason and not of_reason and not reprocessing.waiting(root):
        reasons = sorted({pile.reason for pile in piles})
        there = nearest(reason, reasons) or (f"there are: {', '.join(reasons)}" if reasons else "quarantine is empty")
        raise ConfigError(f"no quarantined line has the reason '{reason}'", "--reason", there)
    return of_reason if reason else piles


def _known(name: str, known: list[str]) -> str:
    """A table of quarantine, by its own name, by that of its table in silver, or without a layer."""
    plain = name.rsplit(".", 1)[-1]
    layer = name.rpartition(".")[0]
    if layer not in ("", "silver", "quarantine") or f"quarantine.{plain}" not in known:
        raise ConfigError(f"there is no quarantine of {name}", "TABLE", nearest(f"quarantine.{plain}", known))
    return f"quarantine.{plain}"


def last_night(conf: Conf) -> date | None:
    """The business day of the night that ran last, whole or not."""
    rows = History(conf.profile.path(conf.profile.lake)).rows
    return max((row["run_date"] for row in rows), default=None)


def run(conf: Conf, names: Sequence[str], reason: str = "", listener: Listener | None = None) -> Reprocessed:
    """Put lines through again; what was asked for and did not come to its end is done, too.

    Raises:
        ConfigError: nothing that was named lies in quarantine.
        MachineError: a run holds the lake. What was asked for stays asked for: the next run of the table does it.
    """
    root = conf.profile.path(conf.profile.lake)
    wanted = sorted({reprocessing.of_silver(pile.table) for pile in chosen(conf, names, reason)})
    requests = {request.request_id for request in reprocessing.ask(root, wanted, reason)}
    due = {request.table for request in reprocessing.waiting(root)}
    with tempfile.TemporaryDirectory() as nothing_new:
        there = Conf(conf.layers[1:], conf.profile_name, {**conf.overrides, "drop": nothing_new})
        result = steps.run(there, (*INTAKE, *with_readers(due)), last_night(conf), listener=listener)
    rows = tables.read(table_path(root, reprocessing.TABLE))
    done = tuple(row for row in rows if row["request_id"] in requests)
    return Reprocessed(result, done, tuple(request.table for request in reprocessing.waiting(root)))


def with_readers(tables: Collection[str]) -> list[str]:
    """The jobs of silver that make these tables, and those that read them there, in an order in which they can run."""
    chosen: list[graph.Job] = []
    for job in graph.select(("silver",)):  # in their order: whoever reads comes after
        if not set(job.writes).isdisjoint(tables) or any(graph.depends(job, other) for other in chosen):
            chosen.append(job)
    return [job.name for job in chosen]
