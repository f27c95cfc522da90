"""`make nightly`: sample exports if the drop zone is empty, the next night through Airflow, then the summary."""

import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from lakehouse.setup.places import Places, environment

DAG = "customer_lakehouse_nightly"
SAMPLE_NIGHTS = "94"  # 2017-09-30 with its history, then a delivery a night up to 2018-01-01
STARTING = re.compile(r"\[DAG TEST\] starting task_id=(\w+)")
SAID = re.compile(r"\S+ +\[\w+ *\] (.*?) *\[[\w.]*(?:SparkSubmitHook|_nightly\.Step)\]")
NOISE = ("Spark-Submit cmd", "WARNING: Using incubator modules")


def main(places: Places) -> int:
    """Run one night; returns 1 when the DAG run failed, after the summary."""
    (places.var / "tmp").mkdir(parents=True, exist_ok=True)
    if empty(places.var / "drop"):
        print("The drop zone is empty: writing the sample company's exports to var/drop", flush=True)
        code = lakehouse(places, "sample", "--nights", SAMPLE_NIGHTS, "--drop", str(places.var / "drop"))
        if code:
            return code
    code = dag_run(places)
    summary = lakehouse(places, "summary")
    return code or summary


def empty(drop: Path) -> bool:
    """Whether there is nothing at all in the drop zone; a company's own files are never mixed with the sample's."""
    return not drop.is_dir() or next(drop.iterdir(), None) is None


def lakehouse(places: Places, *words: str) -> int:
    """Call the command line."""
    command = [str(places.program("lakehouse")), *words]
    return subprocess.run(command, cwd=places.root, env=environment(places), check=False).returncode


def dag_run(places: Places) -> int:
    """Let Airflow run the DAG without daemons: on record, in the order and with the operators of the schedule."""
    log = places.logs / f"nightly-{time.strftime('%Y%m%d-%H%M%S')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(places.program("airflow")), "dags", "test", DAG]
    env = environment(places) | {"LAKEHOUSE_RETRIES": "0", "PYTHONUNBUFFERED": "1"}
    print(f"Airflow runs the DAG {DAG} (all it says: {log.relative_to(places.root)})", flush=True)
    with (
        subprocess.Popen(
            command,
            cwd=places.root,
            env=env,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as run,
        log.open("w") as sink,
    ):
        try:
            for line in interesting(_kept(run.stdout or (), sink)):
                print(line, flush=True)
        except KeyboardInterrupt:
            run.terminate()
            print("stopped; what was published stays, the next run resumes there", file=sys.stderr)
    if run.returncode:
        print(f"The night failed; {log.relative_to(places.root)} has every line of it.", file=sys.stderr)
    return 1 if run.returncode else 0


def interesting(lines: Iterable[str]) -> Iterable[str]:
    """What a person wants to see of Airflow's log: which task begins, and what its jobs say, without prefixes."""
    for line in lines:
        if task := STARTING.search(line):
            yield f"\n{task.group(1)}"
        elif (line_match := SAID.match(line)) and not line_match.group(1).startswith(NOISE):
            yield f"  {line_match.group(1)}"


def _kept(lines: Iterable[str], sink: TextIO) -> Iterable[str]:
    for line in lines:
        sink.write(line)
        yield line.rstrip("\n")
