"""Volumes of exports that a night held, and that people accepted, in ops.volumes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from lakehouse.contracts.contract import Contract
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError
from lakehouse.ops import tables

TABLE = "ops.volumes"
HELD, ACCEPTED = "held", "accepted"
PERSON = "accepted"  # the run_id of what a person wrote
SAME = 1.05  # an acceptance covers what it saw, not more that comes later


def accepted(root: str, run_date: date) -> dict[str, int]:
    """Export -> the largest volume that a person accepted for that night."""
    rows = tables.read(table_path(root, TABLE), where=[("run_date", "=", run_date), ("run_id", "=", PERSON)])
    found: dict[str, int] = {}
    for row in rows:
        found[row["export"]] = max(row["bytes_a_day"], found.get(row["export"], 0))
    return found


def covers(known: int | None, bytes_a_day: float) -> bool:
    """Whether a volume is one that was accepted."""
    return known is not None and known / SAME <= bytes_a_day <= known * SAME


def accept(root: str, contract: Contract, exports: list[str], reason: str, steward: str) -> list[dict[str, Any]]:
    """Accept the volumes that the last night held; the rows that say so.

    Raises:
        ConfigError: an export's volume is not held, or no reason or name is given.
    """
    if not reason.strip() or not steward.strip():
        raise ConfigError("an acceptance needs a reason and a name", "--reason, --steward", "say why, and who you are")
    held = _held(tables.read(table_path(root, TABLE)))
    if strange := [name for name in exports if name not in held]:
        known = ", ".join(sorted(held)) or "none"
        raise ConfigError(f"the volume of {', '.join(strange)} is not held", "EXPORT", f"held: {known}")
    said = {"run_id": PERSON, "verdict": ACCEPTED, "reason": reason.strip(), "accepted_by": steward.strip()}
    rows = [{**held[name], **said, "accepted_at": datetime.now(UTC)} for name in exports]
    tables.append(table_path(root, TABLE), contract, rows, PERSON)
    return rows


def _held(rows: list[dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """By export, what the newest night holds."""
    last = max((row["run_date"] for row in rows), default=None)
    return {row["export"]: row for row in rows if row["run_date"] == last and row["verdict"] == HELD}
