"""Quarantined lines that shall be put through again: what was asked for waits in the lake until it is done.

A table whose lines are put through again is made anew of all its bronze lines, in the order of their nights, so that a
later version of the same thing wins as it would have. Its commit names the request: done once, whoever was killed.
"""

import getpass
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakehouse.contracts.contract import Contract
from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.ops import quarantine, tables, whole_file
from lakehouse.ops.run_log import Run
from lakehouse.storage.paths import below

FOLDER = "_reprocess"
TABLE = "ops.replays"
RECORDED = "replay"  # in a commit: the request that it fulfils


@dataclass(frozen=True)
class Request:
    """A table whose quarantined lines are to be put through again.

    Args:
        request_id: the same for all tables that were asked for at once.
        reason: why they lay in quarantine, where only such lines were asked for.
        versions: table (in silver, in quarantine) -> its version when it was asked for.
    """

    request_id: str
    table: str
    reason: str
    asked_by: str
    asked_at: str
    versions: Mapping[str, int | None]


def ask(root: str, table_names: Iterable[str], reason: str = "") -> list[Request]:
    """Leave a request for each table; one that waits already stays as it is."""
    request_id, now = uuid.uuid4().hex[:16], datetime.now(UTC).isoformat()
    for table in table_names:
        if _file(root, table).exists():
            continue
        versions = {
            name: delta_log.latest_version(table_path(root, name)) for name in (table, quarantine.beside(table))
        }
        request = Request(request_id, table, reason, getpass.getuser(), now, versions)
        whole_file.write(_file(root, table), json.dumps(asdict(request)))
    return waiting(root)


def waiting(root: str) -> list[Request]:
    """All requests that were not found done yet."""
    folder = below(root, FOLDER)
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [Request(**json.loads(file.read_text(encoding="utf-8"))) for file in files]


def asked(root: str, table: str) -> str:
    """The request that waits for a table of silver, or for its quarantine; "" for none."""
    if not (file := _file(root, of_silver(table))).exists():
        return ""
    return str(json.loads(file.read_text(encoding="utf-8"))["request_id"])


def is_done(root: str, table: str, request_id: str) -> bool:
    """Whether a table was published in fulfilment of a request."""
    last = delta_log.last_publish(table_path(root, table))
    return last is not None and last.recorded.get(RECORDED) == request_id


def close(root: str, contracts: Mapping[str, Contract], run: Run) -> list[dict[str, Any]]:
    """Record what became of the requests that are done, each once, and take them away; the new records."""
    known = {(row["request_id"], row["table"]) for row in tables.read(table_path(root, TABLE), ["request_id", "table"])}
    rows = []
    for request in waiting(root):
        if not is_done(root, request.table, request.request_id):
            continue
        if (request.request_id, request.table) not in known:
            row = {**_came_to(root, request), "run_id": run.run_id, "run_date": run.run_date}
            tables.append(table_path(root, TABLE), contracts[TABLE], [row], run.run_id)
            rows.append(row)
        _file(root, request.table).unlink()
    return rows


def of_silver(table: str) -> str:
    """The table of silver that a table, or its quarantine, is."""
    layer, name = table.split(".", 1)
    return f"silver.{name}" if layer == "quarantine" else table


def _file(root: str, table: str) -> Path:
    return below(root, FOLDER, f"{table}.json")


def _came_to(root: str, request: Request) -> dict[str, Any]:
    """Lines in quarantine before and after, and how many left it, by the reason they had."""
    aside = quarantine.beside(request.table)
    lines = quarantine.difference(quarantine.read(root, aside, request.versions[aside]), quarantine.read(root, aside))
    version = request.versions[request.table]
    own = table_path(root, request.table)
    return {
        "request_id": request.request_id,
        "table": request.table,
        "reason": request.reason or None,
        "asked_by": request.asked_by,
        "asked_at": datetime.fromisoformat(request.asked_at),
        "done_at": datetime.now(UTC),
        "lines_before": lines.before,
        "lines_cured": lines.cured,
        "lines_after": lines.after,
        "cured_by_reason": lines.cured_by_reason,
        "rows_before": delta_log.row_count(own, version) if version is not None else 0,
        "rows_after": delta_log.row_count(own, None),
        "version_before": version,
        "version_after": delta_log.latest_version(own),
    }
