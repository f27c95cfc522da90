"""What each job's result depended on when it ran, from ops.job_parts, without a JVM."""

from lakehouse.ops import tables as ops_tables

TABLE = "ops.job_parts"


def known(root: str) -> set[tuple[str, str]]:
    """The jobs and hashes that are recorded."""
    rows = ops_tables.read(_path(root), ["job", "job_hash"])
    return {(row["job"], row["job_hash"]) for row in rows}


def of(root: str, job: str, job_hash: str) -> dict[str, str] | None:
    """The parts of one state of a job; None where it was not recorded."""
    wanted = [("job", "=", job), ("job_hash", "=", job_hash)]
    rows = ops_tables.read(_path(root), ["parts"], wanted)
    return dict(rows[0]["parts"]) if rows else None


def _path(root: str) -> str:
    return f"{root}/ops/job_parts"
