"""Upkeep: small files of many nights are joined, and files that no kept version needs are removed. Beside the night.

Reads   every table
Writes  nothing new: OPTIMIZE, VACUUM, checkpoints and log cleaning change files, never rows
"""

from datetime import date

from delta.tables import DeltaTable

from jobs.upkeep.settings.compaction import Settings
from lakehouse.delta import upkeep
from lakehouse.lake.lake import Lake
from lakehouse.runs.night import every_table

READS = ()
WRITES = "upkeep.compaction"
CONF = "compaction"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Compact tables of many files, then remove files and commits older than all that must stay readable."""
    lake.flush()
    plan = upkeep.Plan(settings.min_files, settings.keep_hours, settings.checkpoint_after_commits)
    for table in every_table(lake):
        if not lake.exists(table):
            continue
        joined = upkeep.tidy(lake.path(table), plan) if lake.is_local else None
        if joined is None:
            joined = _by_spark(lake, table, settings)
        if joined:
            lake.note(WRITES, f"{table}: {joined} files joined")


def _by_spark(lake: Lake, table: str, settings: Settings) -> int:
    """The same through Spark: on a cluster, and for tables that are more than plain files; how many files were joined.

    Delta itself writes checkpoints and cleans the log as its table's properties say.
    """
    table_files = DeltaTable.forPath(lake.spark, lake.path(table))
    files = int(table_files.detail().first()["numFiles"])  # type: ignore[index]
    if files >= settings.min_files:
        table_files.optimize().executeCompaction()
    table_files.vacuum(settings.keep_hours)
    return files if files >= settings.min_files else 0
