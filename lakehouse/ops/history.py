"""What ran before, from ops.runs: the last good run of each job, the nights and their manifests."""

from datetime import date, timedelta
from typing import Any

from lakehouse.ops import tables as ops_tables

GOOD = ("done", "skipped")


class History:
    """Reads ops.runs once, without a JVM.

    Args:
        root: the lake's root.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.rows: list[dict[str, Any]] = sorted(ops_tables.read(f"{root}/ops/runs"), key=lambda row: row["started_at"])

    def last(self, job: str) -> dict[str, Any] | None:
        """The newest good run of a job."""
        return next((row for row in reversed(self.rows) if row["job"] == job and row["outcome"] in GOOD), None)

    def seconds(self) -> dict[str, float]:
        """How long each job took when it last did its work."""
        return {row["job"]: row["seconds"] for row in self.rows if row["outcome"] == "done"}

    def nights(self) -> list[date]:
        """The business days whose nights were published, ascending."""
        return sorted({row["run_date"] for row in self.rows if row["job"] == "night" and row["outcome"] == "published"})

    def manifest(self, run_date: date) -> dict[str, int] | None:
        """Table versions that a day's (last) night published."""
        manifests = [
            r for r in self.rows if r["job"] == "night" and r["run_date"] == run_date and r["outcome"] == "published"
        ]
        return dict(manifests[-1]["outputs"]) if manifests else None

    def next_day(self, delivered: list[date]) -> date | None:
        """The day after the last night; for a new lake the first delivery's day; None when nothing was delivered."""
        nights = self.nights()
        if nights:
            return nights[-1] + timedelta(days=1)
        return min(delivered) if delivered else None
