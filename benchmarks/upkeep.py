"""Sixty nights' publishes with and without upkeep: files, commits, bytes and time. `python -m benchmarks.upkeep`.

No Spark: tables of each kind (replaced, appended, merged, of ops) get a night's rows through `publish`, and are looked
at as a night looks at them; every seventh night `lakehouse run upkeep` does what it does to one table.
"""

import argparse
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from jobs.upkeep.settings.compaction import Settings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables, upkeep
from lakehouse.lake.lake import Lake
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run

FIRST = date(2024, 3, 1)
TABLES = {"gold.customer_order_days": "merge", "quarantine.orders": "append", "quarantine.products": "replace"}
WEEK = 7
ROWS = 500


class Figures(NamedTuple):
    """What a lake holds after a night, and how long the night took."""

    files: int
    commits: int
    kilobytes: int
    log_kilobytes: int
    seconds: float


def main() -> None:
    """Print the figures of the first ten and the last ten nights, with upkeep and without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=60)
    nights = parser.parse_args().nights
    print("| upkeep | files | commits | kB | kB of logs | s of the first ten | s of the last ten |")
    print("|---|---|---|---|---|---|---|")
    for is_kept in (True, False):
        figures = simulated(nights, is_kept)
        last = figures[-1]
        first_ten, last_ten = sum(f.seconds for f in figures[:10]), sum(f.seconds for f in figures[-10:])
        counts = f"{last.files} | {last.commits} | {last.kilobytes:,} | {last.log_kilobytes:,}"
        print(f"| {'weekly' if is_kept else 'none'} | {counts} | {first_ten:.1f} | {last_ten:.1f} |", flush=True)


def simulated(nights: int, is_kept: bool) -> list[Figures]:
    """The figures after each night."""
    conf = Conf()
    settings = conf.settings("compaction", Settings)
    plan = upkeep.Plan(settings.min_files, settings.keep_hours, settings.checkpoint_after_commits)
    with tempfile.TemporaryDirectory(prefix="upkeep-") as folder:
        figures = []
        for number in range(nights):
            began = time.process_time()
            lake = night(conf, folder, FIRST + timedelta(days=number), number)
            seconds = time.process_time() - began
            if is_kept and number % WEEK == WEEK - 1:
                for path in places(folder):
                    upkeep.tidy(str(path), plan)
            figures.append(measured(lake, seconds))
        return figures


def night(conf: Conf, folder: str, day: date, number: int) -> Lake:
    """One night's publishes, its records, and the reading of both."""
    lake = Lake(None, conf, folder, Run(f"run-{day}", day), Contracts(conf))  # type: ignore[arg-type]
    History(folder)
    for table, mode in TABLES.items():
        view = lake.for_job(table, f"hash-{number}")
        view.publish(table, rows_of(view, table, number), day, mode=mode)
        lake.row_count(table)
    now = {"run_id": lake.run.run_id, "run_date": day, "step": "gold", "job": "j", "outcome": "done", "job_hash": ""}
    for _ in range(3):
        hours = dict.fromkeys(("started_at", "ended_at"), datetime.now(UTC))
        lake.record("ops.runs", [now | hours | {"reason": "", "notes": [], "seconds": 1.0, "error": "", "inputs": {}}])
        lake.flush()
    return lake


def rows_of(lake: Lake, table: str, number: int) -> pa.Table:
    """Rows of a night: half of their keys came the night before, too."""
    schema = rs_tables.arrow_schema(lake.contracts[table])
    arrays = [_column(field, number) for field in schema]
    return pa.table(dict(zip(schema.names, arrays, strict=True)), schema=schema)


def _column(field: pa.Field, number: int) -> pa.Array:
    places = range(number * ROWS // 2, number * ROWS // 2 + ROWS)
    if pa.types.is_string(field.type):
        return pa.array([f"v{place}" for place in places], field.type)
    if pa.types.is_date(field.type):
        return pa.array([FIRST] * ROWS, field.type)
    if pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type):
        return pa.array([place % 97 for place in places]).cast(field.type)
    return pa.nulls(ROWS, field.type)


def places(folder: str) -> list[Path]:
    """The tables of a lake."""
    return sorted(path.parent for path in Path(folder).glob("*/*/_delta_log"))


def measured(lake: Lake, seconds: float) -> Figures:
    """What the lake holds now."""
    logs = [path for table in places(lake.root) for path in (table / "_delta_log").iterdir()]
    data = [path for table in places(lake.root) for path in table.glob("*.parquet")]
    sizes = [sum(path.stat().st_size for path in paths) // 1024 for paths in (data, logs)]
    newest = {str(table): delta_log.latest_version(str(table)) or 0 for table in places(lake.root)}
    active = sum(len(rs_tables.files(table, version) or []) for table, version in newest.items())
    return Figures(active, sum(path.suffix == ".json" for path in logs), sizes[0], sizes[1], seconds)


if __name__ == "__main__":
    main()
