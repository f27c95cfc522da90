"""Upkeep: small files of many nights are joined, and files that no kept version needs are removed. Beside the night.

Reads   every table
Writes  nothing new: OPTIMIZE and VACUUM change files, never rows
"""

from datetime import date

from delta.tables import DeltaTable

from jobs.upkeep.settings.compaction import Settings
from lakehouse.lake.lake import Lake
from lakehouse.runs.night import every_table

READS = ()
WRITES = "upkeep.compaction"
CONF = "compaction"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Compact tables of many files, then remove files older than every version that must stay readable."""
    for table in every_table(lake):
        if table.startswith("ops.") or not lake.exists(table):
            continue
        table_files = DeltaTable.forPath(lake.spark, lake.path(table))
        files = table_files.detail().first()["numFiles"]  # type: ignore[index]
        if files >= settings.min_files:
            table_files.optimize().executeCompaction()
            lake.note(WRITES, f"{table}: {files} files joined")
        table_files.vacuum(settings.keep_hours)
