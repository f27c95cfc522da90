"""Copies of what cannot be made again: taken after each published night, verified, and what `lakehouse restore` uses.

Every table is made of others but some: ids that were given, decisions, states by day, what was delivered. Their
contracts say so (property `source_of_truth`). A copy never takes over a table that is damaged or went backwards. Copies
lie in a folder of the machine that runs the nights, wherever the lake is.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lakehouse.contracts.contract import Contract
from lakehouse.delta import examine
from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.errors import LakehouseError
from lakehouse.ops import whole_file
from lakehouse.storage import lease, trees
from lakehouse.storage.objects import Status
from lakehouse.storage.paths import below
from lakehouse.storage.places import is_remote

PROPERTY = "source_of_truth"
RECORD = "_copy.json"
FILES = ("_lake.json", "_account_key.json")
FOLDERS = ("_decisions", "landing")
COPIES, LAKE_FILES = "copies", "files"  # words by which `lakehouse restore` is told to make them whole
SIDE_BY_SIDE = 4  # tables
OF_LOG = re.compile(r"_delta_log/[^._/][^/]*")  # but the pointer, and what is half written


@dataclass(frozen=True)
class Copied:
    """What a refresh did: tables copied, and those that were not, with the reason."""

    tables: tuple[str, ...]
    refused: dict[str, str]


def originals(contracts: Iterable[Contract]) -> list[str]:
    """The tables that cannot be made again."""
    return sorted(c.table for c in contracts if c.properties.get(PROPERTY))


def present(copies: str, tables: Iterable[str]) -> frozenset[str]:
    """Those of the tables that have a copy, whole or not."""
    return frozenset(table for table in tables if _recorded(Path(table_path(copies, table))))


def refresh(root: str, copies: str, tables: Iterable[str], run_date: date) -> Copied:
    """Bring the copies up to the present version of each table; files that never change are copied once.

    Args:
        root: the lake's folder, or its URI.
        copies: their folder.
        run_date: the night that the copies are of.

    Raises:
        LakehouseError: the copies' place is no folder of this machine.
    """
    if is_remote(copies):
        raise LakehouseError("copies lie in a folder", copies, "name a folder, or a mounted one, as 'copies'")
    Path(copies).mkdir(parents=True, exist_ok=True, mode=0o700)  # personal values are in there
    there = [t for t in tables if any(below(table_path(place, t)).exists() for place in (root, copies))]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # it mostly waits for the disk
        reasons = dict(zip(there, pool.map(lambda t: _copied(root, copies, t, run_date), there), strict=True))
    for folder in FOLDERS:
        _copy_files(below(root, folder), Path(copies, folder), trees.statuses(below(root, folder)))
    _copy_files(below(root), Path(copies), {n: below(root, n).stat() for n in FILES if below(root, n).is_file()})
    return Copied(tuple(t for t in there if not reasons[t]), {t: reason for t, reason in reasons.items() if reason})


def _copied(root: str, copies: str, table: str, run_date: date) -> str:
    """Copy a table; why not, where it must not go over its copy."""
    reason = _reason_against(root, copies, table)
    if not reason:
        _copy_table(table_path(root, table), table_path(copies, table), run_date)
    return reason


def copy_of(copies: str, table: str) -> tuple[date, int] | None:
    """The night and the version that a table's copy is of; None where there is none that is whole."""
    path = Path(table_path(copies, table))
    record = _recorded(path)
    if not record or examine.faults(str(path), record["version"]) or _altered(path, record["sha256"]):
        return None
    return date.fromisoformat(record["run_date"]), int(record["version"])


def restore(root: str, copies: str, table: str) -> tuple[date, int]:
    """Put a table's copy in its place; what is there is moved aside. Returns the copy's night and version.

    Raises:
        LakehouseError: there is no whole copy.
    """
    known = copy_of(copies, table)
    if known is None:
        raise LakehouseError(
            f"there is no whole copy of {table} under {copies}",
            table,
            "take the table's folder from a backup; do not delete what is left of it: it cannot be made again",
        )
    copy, place = Path(table_path(copies, table)), table_path(root, table)
    if is_remote(root):
        set_aside(root, table)
        trees.upload(copy, below(place), without=RECORD)
        return known
    half = Path(f"{place}.restored")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(copy, half, ignore=shutil.ignore_patterns(RECORD))
    set_aside(root, table)
    half.rename(place)
    return known


def make_whole(root: str, copies: str, tables: Iterable[str], run_date: date) -> Copied:
    """Make copies that are gone or hurt anew of tables that are whole; what is left of a copy stands aside."""
    bad = [table for table in tables if below(table_path(root, table)).exists() and copy_of(copies, table) is None]
    whole = [table for table in bad if not examine.faults(table_path(root, table))]
    for table in whole:
        set_aside(copies, table)
    return refresh(root, copies, whole, run_date)


def lost_files(root: str, copies: str) -> list[str]:
    """The lake's own small files that have a copy and are gone or no JSON any more."""
    return [name for name in FILES if _is_json(Path(copies, name)) and not _is_json(below(root, name))]


def _is_json(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False


def restore_files(root: str, copies: str, wanted: dict[str, int]) -> list[str]:
    """Put files back from their copies; those that have no copy of the wanted size stay lost and are returned.

    Args:
        wanted: path below the lake -> bytes.
    """
    lost = []
    for name, size in wanted.items():
        copy = Path(copies, name)
        if copy.exists() and copy.stat().st_size == size:
            put_back(copies, root, name)
        else:
            lost.append(name)
    return lost


def put_back(copies: str, root: str, name: str) -> None:
    """Put the copy of one file of the lake in its place."""
    copy, place = Path(copies, name), below(root, name)
    if is_remote(root):
        trees.put(copy, place)
        return
    place.unlink(missing_ok=True)
    _copy_file(copy, place, copy.stat())


def begin_anew(root: str, copies: str, versions: Mapping[str, int], gone: Iterable[str], night: date) -> None:
    """After the lake went back to a night its copies are of that night; those of the nights after stay beside them.

    Args:
        versions: table -> version that it went back to.
        gone: tables that were not there then.
        night: the one gone back to.
    """
    copied = [t for t in (*versions, *gone) if _recorded(Path(table_path(copies, t)))]
    later = [t for t in copied if _recorded(Path(table_path(copies, t)))["version"] > versions.get(t, -1)]
    for table in later:
        set_aside(copies, table)
    refresh(root, copies, [table for table in later if table in versions], night)


def set_aside(root: str, table: str) -> Path | None:
    """Move what is left of a table out of the way; where to, None where nothing is left."""
    place = below(table_path(root, table))
    if not place.exists():
        return None
    number = 1
    while (aside := below(root, "_aside", f"{table}.{number}")).exists():
        number += 1
    lease.confirm(str(place))
    trees.move(place, aside)
    return aside


def _reason_against(root: str, copies: str, table: str) -> str:
    """Why the table must not go over its copy; "" where it may."""
    own, copy = table_path(root, table), table_path(copies, table)
    if found := examine.faults(own):
        return found[0]
    newest, kept = delta_log.latest_version(own) or 0, delta_log.latest_version(copy)
    known, before = delta_log.table_id(own), delta_log.table_id(copy)
    if kept is not None and known and before and known != before:
        return "it is another table than the one copied"
    if kept is not None and newest < kept:
        return f"it went back to version {newest}, the copy has {kept}"
    return ""


def _copy_table(own: str, copy: str, run_date: date) -> None:
    """Data first, then the log in its order, so that a copy cut short is still the table as it was before."""
    version = delta_log.latest_version(own) or 0
    names = sorted(examine.active_files(own))
    there = trees.statuses(below(own))
    if gone := [name for name in names if name not in there]:
        raise FileNotFoundError(f"{own}/{gone[0]}")
    log = sorted(name for name in there if OF_LOG.fullmatch(name))
    before = _recorded(Path(copy)).get("sha256", {})
    every = {name: there[name] for name in (*names, *log)}
    new = _copy_files(below(own), Path(copy), every)
    # a run that was killed here before left files without a record of them
    sums = {name: new[name] or before.get(name) or _digest(below(own, name)) for name in every}
    pointer = f"_delta_log/{examine.POINTER}"
    _copy_files(below(own), Path(copy), {pointer: there[pointer]} if pointer in there else {})
    record = {"run_date": str(run_date), "version": version, "sha256": sums}
    whole_file.write(Path(copy, RECORD), json.dumps(record))
    for name in trees.statuses(Path(copy)):  # data of earlier versions that the table itself has no more
        if name.endswith(".parquet") and name not in there:
            Path(copy, name).unlink()


def _recorded(copy: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((copy / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record


def _copy_files(folder: Path, target: Path, wanted: Mapping[str, Status | os.stat_result]) -> dict[str, str]:
    """Copy files below a folder of the lake; the sha-256 of each, "" where it was there already."""
    return {name: _copy_file(below(str(folder), name), target / name, own) for name, own in wanted.items()}


def _copy_file(source: Path, target: Path, own: Status | os.stat_result) -> str:
    """Copy a file and return its sha-256; "" where it is there already, with its size and time."""
    there = target.stat() if target.exists() else None
    if there and (there.st_size, there.st_mtime_ns) == (own.st_size, own.st_mtime_ns):
        return ""
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.half")
    trees.fetch(source, half)
    os.utime(half, ns=(own.st_mtime_ns, own.st_mtime_ns))
    digest = _digest(half)
    if half.stat().st_size != own.st_size or (not is_remote(str(source)) and _digest(source) != digest):
        raise LakehouseError("a copy differs from its file", str(source), "look at the disk, and run the night again")
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.replace(target)
    return digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _altered(path: Path, sums: dict[str, str]) -> bool:
    return any(not (path / name).exists() or _digest(path / name) != digest for name, digest in sums.items())
