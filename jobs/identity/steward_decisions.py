"""Identity: what stewards decided about pairs of accounts; it wins over everything else.

Reads   decisions that `lakehouse decide` checked and left in the lake's _decisions folder
Writes  identity.steward_decisions, one row per decision; runs on nights on which decisions wait

That night regroups the accounts concerned, even when nothing else changed.
"""

import json
import time
import uuid
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from jobs.identity.persistent_ids.decision_file import Row
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake
from lakehouse.ops import whole_file
from lakehouse.storage.paths import below

READS = ()
WRITES = "identity.steward_decisions"
INBOX = "_decisions"
DAYS = ("decided_on", "withdrawn_on")
LINEAGE = {WRITES: {"*": ()}}  # what a steward says


def leave(root: str, rows: Iterable[Row]) -> None:
    """Put checked rows where `run` finds them; a stopped run finds them next time."""
    name = f"{time.time_ns():020}-{uuid.uuid4().hex}.json"  # in the order in which they came
    whole_file.write(below(root, INBOX, name), json.dumps(list(rows), default=str))


def waiting(root: str) -> list[Row]:
    """Decisions that no night has taken yet, the last word about each key."""
    rows = [row for path in _files(root) for row in json.loads(path.read_text(encoding="utf-8"))]
    return list({_key(row): row for row in map(_with_days, rows)}.values())


def in_force(root: str, taken: Iterable[Row]) -> list[Row]:
    """Decisions that are not withdrawn, of the table and of those that wait.

    Args:
        taken: the rows of identity.steward_decisions.
    """
    last = {_key(row): row for row in [*taken, *waiting(root)]}
    return [row for row in last.values() if row["withdrawn_on"] is None]


def _files(root: str) -> list[Path]:
    return sorted(below(root, INBOX).glob("*.json"))


def _with_days(row: Row) -> Row:
    return {**row, **{day: date.fromisoformat(row[day]) if row[day] else None for day in DAYS}}


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in ("account_id_left", "account_id_right", "decision", "decided_on"))


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Take the waiting decisions in one commit."""
    files = _files(lake.root)
    rows = waiting(lake.root)
    if not rows:
        return
    lake.publish(WRITES, lake.spark.createDataFrame(rows, lake.contracts[WRITES].schema()), run_date)
    for path in files:
        path.unlink()
