"""A first and a following night: time, share and work of each job, peak memory. `python -m benchmarks [--nights N]`."""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from lakehouse.ops import tables as ops_tables


def main() -> None:
    """Run nights of the sample in a folder of their own and print where the time went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=2)
    nights = parser.parse_args().nights
    with tempfile.TemporaryDirectory(prefix="nights-") as folder:
        places = ["--drop", f"{folder}/drop", "--lake", f"{folder}/lake"]
        lakehouse = [sys.executable, "-m", "lakehouse.cli.main"]
        subprocess.run([*lakehouse, "sample", "--nights", str(nights), *places], check=True, stdout=subprocess.DEVNULL)
        for _ in range(nights):
            seconds, peak = measured([*lakehouse, "night", "--json", *places])
            shown(Path(folder, "lake"), seconds, peak)


def measured(command: list[str]) -> tuple[float, float]:
    """Wall seconds of a command, and the peak memory of it and its children in GiB."""
    started, peak = time.monotonic(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.5)
    return time.monotonic() - started, peak / 2**30


def resident(pid: int) -> int:
    """Bytes in memory of a process and its children."""
    total = 0
    for process in (
        [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)] if psutil.pid_exists(pid) else []
    ):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def shown(lake: Path, seconds: float, peak: float) -> None:
    """The last night's jobs, the slowest first; jobs run side by side, so shares are of all work."""
    rows = ops_tables.read(f"{lake}/ops/runs")
    last = max(row["run_date"] for row in rows)
    jobs = sorted((r for r in rows if r["run_date"] == last and r["seconds"]), key=lambda r: -r["seconds"])
    work = sum(row["seconds"] for row in jobs)
    table = Table(
        "job",
        "seconds",
        "share",
        "spark jobs",
        "rows read",
        title=f"Night of {last}: {seconds:.0f} s, {work:.0f} s of work, peak {peak:.1f} GiB",
    )
    for row in jobs:
        table.add_row(
            row["job"],
            f"{row['seconds']:.1f}",
            f"{row['seconds'] / work:.1%}",
            str(row["spark_jobs"]),
            f"{row['input_rows'] or 0:,}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
