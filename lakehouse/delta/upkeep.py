"""Upkeep of one table without a JVM: small files joined, unneeded ones removed, the log kept short. No row changes."""

from dataclasses import dataclass

from deltalake import DeltaTable
from pyarrow import fs

from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables

CHECKPOINT = ".checkpoint.parquet"


@dataclass(frozen=True)
class Plan:
    """When what is done.

    Args:
        min_files: so many files are joined.
        keep_hours: removed files stay so long.
        checkpoint_after_commits: so many commits since the last checkpoint get a new one.
    """

    min_files: int
    keep_hours: float
    checkpoint_after_commits: int


def tidy(path: str, plan: Plan) -> int | None:
    """Keep a table in order; how many files were joined, None where the table is more than plain files.

    Commits that the table's own `delta.logRetentionDuration` lets go are removed where a checkpoint holds their state.
    """
    version = delta_log.latest_version(path)
    files = None if version is None else rs_tables.files(path, version)
    if files is None:
        return None
    table = DeltaTable(path)
    joined = len(files) if len(files) >= plan.min_files else 0
    if joined:
        table.optimize.compact(writer_properties=rs_tables.WRITER)
    if joined or _has_unused(table, plan):  # a vacuum with nothing to do would still be a commit
        table.vacuum(retention_hours=int(plan.keep_hours), dry_run=False)
    if _commits_since_checkpoint(path) >= plan.checkpoint_after_commits:
        DeltaTable(path).create_checkpoint()
    DeltaTable(path).cleanup_metadata()
    return joined


def _has_unused(table: DeltaTable, plan: Plan) -> bool:
    return bool(table.vacuum(retention_hours=int(plan.keep_hours), dry_run=True))


def _commits_since_checkpoint(path: str) -> int:
    known = delta_log.versions(path)
    system, inner = delta_log.file_system(path)
    last = -1
    for info in system.get_file_info(fs.FileSelector(f"{inner}/_delta_log")):
        if info.base_name.endswith(CHECKPOINT):
            last = max(last, int(info.base_name[:20]))
    return sum(version > last for version in known)
