"""Changes of jobs that somebody declared not to change results, from ops.accepted_changes: history stands by them."""

from typing import Any

from lakehouse.ops import tables as ops_tables

TABLE = "ops.accepted_changes"


class Accepted:
    """Reads ops.accepted_changes once, without a JVM.

    Args:
        root: the lake's root.
    """

    def __init__(self, root: str) -> None:
        rows = ops_tables.read(f"{root}/ops/accepted_changes")
        self.rows: list[dict[str, Any]] = sorted(rows, key=lambda row: row["accepted_at"])

    def hashes(self, job: str, job_hash: str) -> frozenset[str]:
        """Earlier hashes of the job that count as this one, over any number of accepted changes; itself included."""
        return self._leading_to(job, job_hash, "old_hash", "new_hash")

    def learned_hashes(self, job: str, learned: str) -> frozenset[str]:
        """The same for what a job keeps, such as a model."""
        return self._leading_to(job, learned, "old_learned_hash", "new_learned_hash")

    def _leading_to(self, job: str, wanted: str, old: str, new: str) -> frozenset[str]:
        reached, waiting = {wanted}, [wanted]
        while waiting:
            one = waiting.pop()
            before = {row[old] for row in self.rows if row["job"] == job and row[new] == one and row[old]}
            waiting += before - reached
            reached |= before
        return frozenset(reached)

    def of(self, job: str, old_hash: str, new_hash: str) -> dict[str, Any] | None:
        """Who accepted this very change, when and why."""
        wanted = (job, old_hash, new_hash)
        return next((row for row in self.rows if (row["job"], row["old_hash"], row["new_hash"]) == wanted), None)
