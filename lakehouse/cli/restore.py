"""`lakehouse restore TABLE ...`, or `--damaged`: from its copy what cannot be made again; else the next night makes it.

Nothing is deleted: what is left of a table moves to the lake's folder _aside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import examine
from lakehouse.delta.log import table_path
from lakehouse.doctor import tables as doctor_tables
from lakehouse.errors import ConfigError
from lakehouse.ops import copies, lock

LANDING = "landing"  # the landed copies of received files, which are no table


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Tables, or all that are damaged."""

    tables: Annotated[list[str] | None, typer.Argument(metavar="TABLE", help="layer.table, as 'doctor' names it")] = (
        None
    )
    damaged: Annotated[bool, typer.Option("--damaged", help="all tables that 'doctor' finds damaged")] = False


def run(options: Options) -> int:
    """Restore each table and say how."""
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    if "://" in root:
        raise ConfigError("a lake under a URI is restored from its store's own versions", root, "see docs/how-to")
    contracts = Contracts(conf)
    with lock.held(root, "restore"):
        names = options.tables or (sorted(doctor_tables.damaged(root)) if options.damaged else [])
        if not names and not options.damaged:
            raise ConfigError("no table is named", "TABLE", "name tables, or --damaged for all that are")
        if LANDING in names or (options.damaged and doctor_tables.lost_files(root)):
            print(f"{LANDING}: {_landing(conf, root)}")
        for name in _known(conf, contracts, [name for name in names if name != LANDING], root):
            print(f"{name}: {_restored(conf, contracts, name, root)}")
        if not names:
            print("tables: none is damaged")
    return 0


def _copies(conf: Conf) -> str:
    """The folder of copies."""
    if not conf.profile.copies:
        what = "the profile names no folder of copies: what cannot be made again comes from a backup alone"
        raise ConfigError(what, "copies", "name the folder in the profile, or use a backup")
    return conf.profile.path(conf.profile.copies)


def _landing(conf: Conf, root: str) -> str:
    """Bring landed copies of received files back; what was done, in words."""
    wanted = doctor_tables.lost_files(root)
    lost = copies.restore_files(root, _copies(conf), wanted)
    text = f"{len(wanted) - len(lost)} files are back from their copies"
    return f"{text}; without a copy: {', '.join(sorted(lost))}" if lost else text


def _known(conf: Conf, contracts: Contracts, names: Iterable[str], root: str) -> list[str]:
    known = [*contracts, *(f"bronze.{name}" for name in conf.exports()), *doctor_tables.tables_of(root)]
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no table {name}", "TABLE", nearest(name, known))
    return list(names)


def _restored(conf: Conf, contracts: Contracts, table: str, root: str) -> str:
    """Bring one table back; what was done, in words."""
    path = table_path(root, table)
    pointer = examine.pointer_fault(path)
    if pointer and examine.faults(path) == [pointer]:
        Path(path, "_delta_log", examine.POINTER).unlink()
        return f"{pointer}: the pointer is removed, the table is whole"
    if table in copies.originals(contracts[name] for name in contracts):
        day, version = copies.restore(root, _copies(conf), table)
        return f"it is as the night of {day} left it (version {version}); run the nights since then again"
    aside = copies.set_aside(root, table)
    return f"{f'what was left of it is in {aside}; ' if aside else ''}the next night makes it again"
