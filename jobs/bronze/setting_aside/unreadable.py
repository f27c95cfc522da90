"""Which of some received files make loading fail, and why: one file must not stop an export, let alone the others.

Landing looks at a file's form; a page within it may still be corrupt, or its landed copy be lost afterwards.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lakehouse.files.read_parts import read_parts
from lakehouse.files.tasks import Reading, parts_of
from lakehouse.storage.paths import below

Event = dict[str, Any]
COPIED = ("path", "delivery_date", "export", "file_id", "bytes", "modified_ns", "rules")
NEVER = -1  # as the time of a file's change: landing looks at the file again when it lies in the drop zone


class Unreadable(NamedTuple):
    """Why a file cannot be loaded, without a value of it, and what helps."""

    reason: str
    remedy: str
    is_lost: bool = False


def unreadable(
    events: Iterable[Event], root: str, reading: Reading, listed: Sequence[str], max_new_columns: int
) -> dict[int, Unreadable]:
    """The received files that cannot be loaded, by their events' seq.

    Args:
        events: of ops.files.
        listed: the columns that the export lists.
        max_new_columns: columns beyond those that a file may bring.
    """
    known = {name.casefold() for name in listed}
    faults = {event["seq"]: _fault(event, root, reading, known, max_new_columns) for event in events}
    return {seq: fault for seq, fault in faults.items() if fault}


def lost(events: Iterable[Event], root: str) -> dict[int, Unreadable]:
    """Received files whose landed copy is gone or has another size; a cut copy would be read as a smaller file."""
    text = Unreadable("its landed copy is gone or cut", "leave the file in the drop zone, or deliver it again", True)
    return {e["seq"]: text for e in events if _size(below(root, e["landed_path"])) != e["landed_bytes"]}


def refusals(events: Iterable[Event], faults: dict[int, Unreadable], run: dict[str, Any], first: int) -> list[Event]:
    """The events of ops.files that set files aside.

    Args:
        run: run_id and run_date.
        first: the number of the first of them.
    """
    rows = []
    for number, event in enumerate((e for e in events if e["seq"] in faults), start=first):
        fault = faults[event["seq"]]
        row = {name: event[name] for name in COPIED} | run
        row |= {"seq": number, "state": "refused", "reason": fault.reason, "remedy": fault.remedy}
        rows.append(row | ({"modified_ns": NEVER} if fault.is_lost else {}))
    return rows


def without_refused(events: Iterable[Event]) -> list[Event]:
    """Events of ops.files in order, without the receipts of files that were set aside since."""
    ordered = sorted(events, key=lambda event: event["seq"])
    aside = {
        (event["path"], event["file_id"]): event["seq"]
        for event in ordered
        if event["state"] == "refused" and not event["reading"]
    }
    return [e for e in ordered if e["state"] != "received" or aside.get((e["path"], e["file_id"]), -1) < e["seq"]]


def _fault(event: Event, root: str, reading: Reading, known: set[str], max_new_columns: int) -> Unreadable | None:
    columns, parts = event["columns"] or [], parts_of(event, root)
    new = [name for name in columns if name.casefold() not in known]
    if len(new) > max_new_columns:
        return Unreadable(
            f"it has {len(new)} columns that the export does not list",
            "see whether the delimiter or header setting of the export fits it",
        )
    try:
        for _ in read_parts(parts, reading, columns, foreseen=False):
            pass
    except Exception as error:  # noqa: BLE001 whatever a reader makes of broken bytes; its text may hold values
        reason = f"its content cannot be read ({type(error).__name__})"
        return Unreadable(reason, "have it exported and delivered again")
    return None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
