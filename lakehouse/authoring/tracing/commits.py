"""Which publish of a table holds a value, since when, and what was checked then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.ops import tables as ops_tables

MOST_VERSIONS = 40  # looked back through: a value that is older is said to be


@dataclass(frozen=True)
class Publish:
    """What a commit says of itself; empty texts where an older version of ours, or someone else, made it."""

    version: int
    run_id: str = ""
    run_date: str = ""
    job: str = ""
    contract_version: str = ""
    inputs: tuple[tuple[str, int], ...] = ()


def publish_of(root: str, table: str, version: int) -> Publish:
    """The publish that made a version: it or the last one before it."""
    last = delta_log.last_publish(table_path(root, table), version)
    if last is None:
        return Publish(version)
    told: dict[str, Any] = last.recorded
    inputs = tuple((name, int(v)) for name, v in told.get("inputs", {}).items() if v is not None)
    job, contract = str(told.get("job", "")), str(told.get("contract_version", ""))
    return Publish(last.version, str(told.get("run_id", "")), str(told.get("run_date", "")), job, contract, inputs)


def held_since(root: str, table: str, version: int, read: Callable[[int], pa.Table], column: str) -> tuple[int, bool]:
    """The oldest version since which the value is what it is, without a gap; and whether older ones were looked at.

    Args:
        read: the row at a version.
    """
    now, oldest = _values(read(version), column), version
    older = [v for v in delta_log.versions(table_path(root, table)) if v < version]
    for one in reversed(older[-MOST_VERSIONS:]):
        try:
            then = _values(read(one), column)
        except Exception:  # noqa: BLE001 its files may be gone: what can be read no more says nothing
            return oldest, False
        if then != now:
            return oldest, True
        oldest = one
    return oldest, len(older) <= MOST_VERSIONS


def _values(rows: pa.Table, column: str) -> list[str]:
    return sorted(map(str, rows[column].to_pylist())) if column in rows.column_names else []


def checks(root: str, table: str, run_id: str) -> tuple[int, list[str]]:
    """How many expectations the run checked on the table, and those that failed."""
    where = [("table", "=", table), ("run_id", "=", run_id)]
    rows = ops_tables.read(f"{root}/ops/quality", ["expectation", "is_passed"], where)
    return len(rows), [str(row["expectation"]) for row in rows if not row["is_passed"]]
