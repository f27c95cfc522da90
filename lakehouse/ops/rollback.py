"""All tables of a lake go back to a night together; from there the nights run again as if the later ones had not been.

A table goes back by its log: the commits after that night move aside, so that versions count on as they did then. What
cannot be delivered or decided a second time is not lost: deliveries are put back into the drop zone, decisions into
their inbox for the night that took them, and copies of ids and histories as they were stay beside the copies.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from lakehouse.delta import examine
from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.errors import LakehouseError
from lakehouse.ops import copies, tables, whole_file
from lakehouse.storage import lease, trees
from lakehouse.storage.paths import below

JOURNAL, STAMP, HELD = "_restore.json", "_restored.json", "_not_before.json"
FILES = "ops.files"  # of the ops tables the only one that goes back: the others are a log of what ran
NUMBERED = re.compile(r"(\d{20})[.].*")


@dataclass(frozen=True)
class Rollback:
    """Where each table goes: to a version, or aside where it was not there yet."""

    root: str
    night: date
    versions: dict[str, int]
    later: tuple[str, ...]


def planned(root: str, night: date, manifest: Mapping[str, int], present: Iterable[str]) -> Rollback:
    """What going back to a night means for each table.

    Args:
        manifest: table -> version that the night published.
        present: every table that there is now, whole or not.
    """
    moved = [table for table in present if table == FILES or not table.startswith("ops.")]
    versions = {table: version for table, version in manifest.items() if table == FILES or table[:4] != "ops."}
    return Rollback(root, night, versions, tuple(table for table in moved if table not in versions))


def begun(root: str) -> date | None:
    """The night of a restore that did not come to its end; None for none."""
    journal = below(root, JOURNAL)
    if not journal.is_file():
        return None
    return date.fromisoformat(json.loads(journal.read_text(encoding="utf-8"))["night"])


def refuse_half(root: str) -> None:
    """Stop whatever would work on a lake whose tables are of several nights.

    Raises:
        LakehouseError: a restore did not come to its end.
    """
    if night := begun(root):
        raise LakehouseError(
            f"a restore to the night of {night} did not come to its end: tables are of several nights",
            str(below(root, JOURNAL)),
            f"lakehouse restore --to-night {night}",
        )


def stamp(root: str) -> str:
    """Changes with each restore: who keeps tables' logs in memory forgets them then."""
    path = below(root, STAMP)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def faults(plan: Rollback) -> dict[str, str]:
    """Tables that cannot go back: their log or files of that night are no more, or damaged."""
    found = {}
    for table, version in plan.versions.items():
        if reason := _fault(table_path(plan.root, table), version):
            found[table] = reason
    return found


def _fault(path: str, version: int) -> str:
    try:
        actions = pa.table(DeltaTable(path, version=version).get_add_actions(flatten=True))
        names = [unquote(name) for name in actions.column("path").to_pylist()]
    except Exception as error:  # noqa: BLE001 delta-rs raises its own kinds for a log it cannot read
        return f"its log does not reach back to version {version} ({type(error).__name__})"
    gone = examine.lost(path, names)
    return f"{len(gone)} of its data files of then are gone" if gone else ""


def apply(plan: Rollback, inboxes: Mapping[str, str], copies_folder: str) -> None:
    """Go back; begun again after a crash it goes on where it stopped.

    Args:
        inboxes: table -> folder of the lake where what it takes is left.
        copies_folder: of what cannot be made again; "" for none.
    """
    whole_file.write(below(plan.root, JOURNAL), json.dumps({"night": str(plan.night)}))
    for table, inbox in inboxes.items():
        if table in plan.versions or table in plan.later:
            _leave_again(plan, table, inbox)
    for table, version in plan.versions.items():
        _go_back(plan, table, version)
    for table in plan.later:
        copies.set_aside(plan.root, table)
    if copies_folder:
        copies.begin_anew(plan.root, copies_folder, plan.versions, plan.later, plan.night)


def close(root: str) -> None:
    """All of it is done."""
    whole_file.write(below(root, STAMP), datetime.now(UTC).isoformat())
    below(root, JOURNAL).unlink()


def _go_back(plan: Rollback, table: str, version: int) -> None:
    """Move the log's files behind a version aside, the newest first: a log cut short is one of an earlier version."""
    log = below(table_path(plan.root, table), "_delta_log")
    aside = below(plan.root, "_aside", f"to_{plan.night}", table, "_delta_log")
    lease.confirm(str(log))
    later = [path for path in log.iterdir() if (m := NUMBERED.fullmatch(path.name)) and int(m[1]) > version]
    if later:
        (log / examine.POINTER).unlink(missing_ok=True)
        aside.mkdir(parents=True, exist_ok=True)
    for path in sorted(later, reverse=True):
        path.replace(aside / path.name)


def _leave_again(plan: Rollback, table: str, inbox: str) -> None:
    """Put rows that later nights took from an inbox back, each for the night that took it."""
    path, version = table_path(plan.root, table), plan.versions.get(table, -1)
    newest = delta_log.latest_version(path)
    if newest is None:
        return
    before = _rows(path, version) if version >= 0 else []
    for number in range(version + 1, newest + 1):
        done = delta_log.commit(path, number)
        after = _rows(path, number)
        if new := [row for row in after if row not in before]:
            night = str(done.recorded.get("run_date", plan.night))
            text = json.dumps(new, default=str)
            whole_file.write(below(plan.root, inbox, night, f"{number:020d}.json"), text)
        before = after


def _rows(path: str, version: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = DeltaTable(path, version=version).to_pyarrow_table().to_pylist()
    return rows


def release(root: str, inbox: str, run_date: date) -> None:
    """Let an inbox have what was put back for nights up to this one."""
    folder = below(root, inbox)
    for night in sorted(folder.glob("????-??-??")):
        if night.name <= str(run_date):
            for path in sorted(night.glob("*.json")):
                path.replace(folder / path.name)
            night.rmdir()


def undone_receipts(plan: Rollback) -> list[dict[str, Any]]:
    """Events of files that nights after that one received."""
    columns = ["seq", "run_date", "path", "state", "landed_path", "kept_path", "modified_ns"]
    events = tables.read(table_path(plan.root, FILES), columns)
    version = plan.versions.get(FILES)
    then = DeltaTable(table_path(plan.root, FILES), version=version) if version is not None else None
    last = max(then.to_pyarrow_table(columns=["seq"])["seq"].to_pylist(), default=0) if then else 0
    return [e for e in sorted(events, key=lambda e: e["seq"]) if e["seq"] > last and e["state"] == "received"]


def deliver_again(plan: Rollback, drop: str, copies_folder: str) -> list[str]:
    """Put files that lie in the drop zone no more back there, from the bytes kept; what nothing is kept of is returned.

    A file that came late is held back for the night that took it.
    """
    lost, events = [], undone_receipts(plan)
    for event in (e for e in events if not _lies(Path(drop), e["path"])):
        name = str(event["kept_path"] or event["landed_path"])
        kept = [p for folder in (plan.root, copies_folder) if folder and (p := below(folder, name)).is_file()]
        if kept:
            _put(kept[0], Path(drop, event["path"]), event["modified_ns"])
        else:
            lost.append(event["path"])
    nights = {e["path"]: str(e["run_date"]) for e in events}
    if nights and not lost:
        whole_file.write(below(plan.root, HELD), json.dumps(_held(plan.root) | nights))
    return lost


def is_early(root: str, run_date: date) -> Callable[[str], bool]:
    """Whether a file of the drop zone, by its path there, is one that a later night took before a restore."""
    held = {path for path, night in _held(root).items() if night > str(run_date)}
    archives = {path[: i + 4] for path in held if (i := path.find(".zip/")) > 0}
    return lambda path: path in held or path in archives


def _held(root: str) -> dict[str, str]:
    path = below(root, HELD)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _lies(drop: Path, path: str) -> bool:
    """Whether a file, or the archive that it is a member of, is in the drop zone."""
    place = drop / path
    return place.exists() or any(parent.is_file() for parent in place.parents if drop in parent.parents)


def _put(kept: Path, place: Path, modified_ns: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_name(f".{place.name}.half")
    trees.fetch(kept, half)
    os.utime(half, ns=(modified_ns, modified_ns))
    half.replace(place)
