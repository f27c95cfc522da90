"""`lakehouse restore TABLE ...`, or `--damaged`: from its copy what cannot be made again; else the next night makes it.

`--to-night D`: all tables go back to that night together, and the nights after it can run again. Nothing is deleted:
what is left of a table, and what later nights made, moves to the lake's folder _aside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import examine
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError
from lakehouse.ops import copies, damages, lock, reprocessing, rollback
from lakehouse.ops.copies import COPIES, LAKE_FILES
from lakehouse.ops.history import History
from lakehouse.runs import object_store
from lakehouse.storage.paths import below

LANDING = "landing"  # the landed copies of received files, which are no table
WORDS = (LANDING, LAKE_FILES, COPIES)


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Tables, or all that are damaged."""

    tables: Annotated[list[str] | None, typer.Argument(metavar="TABLE", help="layer.table, as 'doctor' names it")] = (
        None
    )
    to_night: Annotated[
        date | None,
        typer.Option("--to-night", parser=day, metavar="D", help="all tables, as the night of that day published them"),
    ] = None
    damaged: Annotated[bool, typer.Option("--damaged", help="all tables that 'doctor' finds damaged")] = False


def run(options: Options) -> int:
    """Restore each table and say how."""
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    object_store.reach(root)
    contracts = Contracts(conf)
    if options.to_night:
        return _to_night(conf, options.to_night)
    rollback.refuse_half(root)
    with lock.held(root, "restore"):
        names = options.tables or (sorted(damages.damaged(root, _copied(conf))) if options.damaged else [])
        if not names and not options.damaged:
            raise ConfigError("no table is named", "TABLE", "name tables, or --damaged for all that are")
        for word, made in ((LAKE_FILES, _lake_files), (COPIES, _whole_copies)):
            if word in names:
                print(f"{word}: {made(conf, root)}")
        if LANDING in names or (options.damaged and damages.lost_files(root)):
            print(f"{LANDING}: {_landing(conf, root)}")
        for name in _known(conf, contracts, [name for name in names if name not in WORDS], root):
            print(f"{name}: {_restored(conf, contracts, name, root)}")
        if not names:
            print("tables: none is damaged")
    return 0


def _to_night(conf: Conf, night: date) -> int:
    """Take the lake back, and say what happens next."""
    from lakehouse.runs import going_back

    done = going_back.to_night(conf, night)
    print(f"{len(done.versions)} tables are as the night of {night} published them")
    if done.later:
        print(f"not there then, and now in _aside: {', '.join(done.later)}")
    print("decisions and deliveries of the nights after it wait for these nights: 'lakehouse backfill' runs them again")
    return 0


def _copied(conf: Conf) -> frozenset[str]:
    """The tables that have a copy."""
    contracts = Contracts(conf)
    originals = copies.originals(contracts[name] for name in contracts)
    return copies.present(conf.profile.path(conf.profile.copies), originals) if conf.profile.copies else frozenset()


def _copies(conf: Conf) -> str:
    """The folder of copies."""
    if not conf.profile.copies:
        what = "the profile names no folder of copies: what cannot be made again comes from a backup alone"
        raise ConfigError(what, "copies", "name the folder in the profile, or use a backup")
    return conf.profile.path(conf.profile.copies)


def _landing(conf: Conf, root: str) -> str:
    """Bring landed copies of received files back; what was done, in words."""
    wanted = damages.lost_files(root)
    lost = copies.restore_files(root, _copies(conf), wanted)
    text = f"{len(wanted) - len(lost)} files are back from their copies"
    return f"{text}; without a copy: {', '.join(sorted(lost))}" if lost else text


def _lake_files(conf: Conf, root: str) -> str:
    """Put the lake's own small files back."""
    lost = copies.lost_files(root, _copies(conf))
    for name in lost:
        copies.put_back(_copies(conf), root, name)
    return f"{', '.join(lost)} back from the copies" if lost else "none is gone"


def _whole_copies(conf: Conf, root: str) -> str:
    """Make copies anew."""
    contracts, nights = Contracts(conf), History(root).nights()
    originals = copies.originals(contracts[name] for name in contracts)
    if not nights:
        return "there is no published night to copy"
    done = copies.make_whole(root, _copies(conf), originals, nights[-1])
    refused = "".join(f"; {table} not: {reason}" for table, reason in done.refused.items())
    return f"{len(done.tables)} made anew{refused}"


def _known(conf: Conf, contracts: Contracts, names: Iterable[str], root: str) -> list[str]:
    known = [*contracts, *(f"bronze.{name}" for name in conf.exports()), *damages.tables_of(root)]
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no table {name}", "TABLE", nearest(name, known))
    return list(names)


def _restored(conf: Conf, contracts: Contracts, table: str, root: str) -> str:
    """Bring one table back; what was done, in words."""
    path = table_path(root, table)
    pointer = examine.pointer_fault(path)
    if pointer and examine.faults(path) == [pointer]:
        below(path, "_delta_log", examine.POINTER).unlink()
        return f"{pointer}: the pointer is removed, the table is whole"
    if table in copies.originals(contracts[name] for name in contracts):
        night, version = copies.restore(root, _copies(conf), table)
        return f"it is as the night of {night} left it (version {version})"
    aside = copies.set_aside(root, table)
    if table.startswith("quarantine."):  # it comes of judging all lines of its table again
        reprocessing.ask(root, [reprocessing.of_silver(table)])
    return f"{f'what was left of it is in {aside}; ' if aside else ''}the next night makes it again"
