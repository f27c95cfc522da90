"""Identity: what stewards decided about pairs of accounts; it wins over everything else.

Reads   decisions that `lakehouse decide` checked and left in the lake's _decisions folder
Writes  identity.steward_decisions, one row per decision; runs when it is named, not every night

The next night regroups the accounts concerned, even when nothing else changed.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from jobs.identity.persistent_ids.decision_file import Row
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ()
WRITES = "identity.steward_decisions"
ON_DEMAND = True
DAYS = ("decided_on", "withdrawn_on")
LINEAGE = {WRITES: {"*": ()}}  # what a steward says


def leave(root: str, rows: Iterable[Row]) -> None:
    """Put checked rows where `run` finds them; a stopped run finds them next time."""
    folder = Path(root) / "_decisions"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{uuid.uuid4().hex}"
    unfinished.write_text(json.dumps(list(rows), default=str), encoding="utf-8")
    unfinished.rename(folder / f"{unfinished.name[1:]}.json")


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Take the waiting decisions in one commit."""
    waiting = sorted((Path(lake.root) / "_decisions").glob("*.json"))
    rows = [row for path in waiting for row in json.loads(path.read_text(encoding="utf-8"))]
    told = [{**row, **{day: date.fromisoformat(row[day]) if row[day] else None for day in DAYS}} for row in rows]
    schema = lake.contracts[WRITES].schema()
    by_key = {(r["account_id_left"], r["account_id_right"], r["decision"], r["decided_on"]): r for r in told}
    lake.publish(WRITES, lake.spark.createDataFrame(list(by_key.values()), schema), run_date)
    for path in waiting:
        path.unlink()
