"""What ran before, from ops.runs: the last good run of each job, the nights and their manifests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from lakehouse.contracts.contract import Contract
from lakehouse.ops import tables as ops_tables

GOOD = ("done", "skipped")
RESTORE, WENT_BACK = "restore", "went_back"  # job and outcome of the row that takes later nights out of history


class History:
    """Reads ops.runs once, without a JVM; what a restore to an earlier night undid is no history.

    Args:
        root: the lake's root.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        rows = sorted(ops_tables.read(f"{root}/ops/runs"), key=lambda row: row["started_at"])
        self.rows: list[dict[str, Any]] = standing(rows)

    def last(self, job: str) -> dict[str, Any] | None:
        """The newest good run of a job."""
        return next((row for row in reversed(self.rows) if row["job"] == job and row["outcome"] in GOOD), None)

    def seconds(self) -> dict[str, float]:
        """How long each job took when it last did its work."""
        return {row["job"]: row["seconds"] for row in self.rows if row["outcome"] == "done"}

    def nights(self) -> list[date]:
        """The business days whose nights were published, ascending."""
        return sorted({row["run_date"] for row in self.rows if is_night(row)})

    def manifest(self, run_date: date) -> dict[str, int] | None:
        """Table versions that a day's (last) night published."""
        manifests = [row for row in self.rows if is_night(row) and row["run_date"] == run_date]
        return dict(manifests[-1]["outputs"]) if manifests else None

    def next_day(self, delivered: list[date]) -> date | None:
        """The day after the last night; for a new lake the first delivery's day; None when nothing was delivered."""
        nights = self.nights()
        if nights:
            return nights[-1] + timedelta(days=1)
        return min(delivered) if delivered else None


def is_night(row: dict[str, Any]) -> bool:
    """Whether a row of ops.runs says that a night was published."""
    return bool(row["job"] == "night" and row["outcome"] == "published")


def standing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without those that a restore to an earlier night undid: what ran between that night's publish and it.

    Args:
        rows: of ops.runs, in their order.
    """
    kept: list[dict[str, Any]] = []
    for row in rows:
        if (row["job"], row["outcome"]) != (RESTORE, WENT_BACK):
            kept.append(row)
            continue
        published = [i for i, one in enumerate(kept) if is_night(one) and one["run_date"] == row["run_date"]]
        end = published[-1] + 1 if published else len(kept)
        after = [one for one in kept[end:] if one["run_id"] == kept[end - 1]["run_id"]]  # the night's own report
        kept = [*kept[:end], *after] if published else kept
    return kept


def record_restore(root: str, contract: Contract, night: date) -> None:
    """Say in ops.runs that the lake went back to a night.

    Args:
        contract: of ops.runs.
    """
    now = datetime.now(UTC)
    row = {"run_id": f"{RESTORE}-{now:%Y%m%dT%H%M%S}", "run_date": night, "step": RESTORE, "job": RESTORE}
    row |= {"outcome": WENT_BACK, "started_at": now, "ended_at": now}
    ops_tables.append(f"{root}/ops/runs", contract, [row], str(row["run_id"]))
