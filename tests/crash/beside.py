"""What others do while a night runs: compaction, decisions, reading, another night, killed workers."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from tests.crash.processes import Child, Send, fork


def compacting(conf: Conf, seconds: float) -> Child:
    """Somebody compacts and vacuums all tables again and again, without asking for the lake's lock."""

    def work(send: Send) -> None:
        from deltalake import DeltaTable

        ends, done = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            for log in Path(conf.profile.lake).glob("*/*/_delta_log"):
                with suppress(Exception):  # it met the night: its own trouble
                    table = DeltaTable(log.parent)
                    table.optimize.compact()
                    table.vacuum(retention_hours=168, dry_run=False)
                    done += 1
            time.sleep(0.2)
        send(done)

    return fork(work)


def reading(conf: Conf, seconds: float) -> Child:
    """Somebody reads what the last night published, all the time; sends how often, and what was not whole."""

    def work(send: Send) -> None:
        from lakehouse.lake.reader import Reader
        from lakehouse.ops.history import History

        root = conf.profile.lake
        night = History(root).nights()[-1]
        tables = [t for t in History(root).manifest(night) or {} if t.startswith(("silver.", "gold.", "identity."))]
        first: dict[str, int] = {}
        ends, times, faults = time.monotonic() + seconds, 0, []
        while time.monotonic() < ends:
            for table in tables:
                count = Reader(root, night).sql(f"SELECT count(*) AS n FROM {table}").to_pylist()[0]["n"]
                times += 1
                if first.setdefault(table, count) != count:
                    faults.append(f"{table}: {count} rows, before {first[table]}")
        send((times, faults))

    return fork(work)


def deciding(conf: Conf) -> Child:
    """A steward decides during the night; sends the command's exit code."""

    def work(send: Send) -> None:
        from jobs.identity.commands import decide
        from lakehouse.cli import options as common

        common.conf_of = lambda _options: conf  # type: ignore[assignment]
        decide.conf_of = lambda _options: conf  # type: ignore[assignment]
        pair = ("kiosk:k20", "kiosk:k21")
        send(decide.run(decide.Options(never=pair, steward="s1", reason="two people")))

    return fork(work)


def killing_workers(spark: SparkSession, chance: random.Random, is_over: Callable[[], bool]) -> int:
    """Kill the Python workers of the JVM, and its jobs one by one, until the night is over; how often."""
    jvm = int(spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid())  # type: ignore[union-attr]
    killed = 0
    while not is_over():
        for pid in descendants(jvm):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        if chance.random() < 0.2:
            spark.sparkContext.cancelAllJobs()
            killed += 1
        time.sleep(chance.uniform(0.05, 0.5))
    return killed


def descendants(pid: int) -> list[int]:
    """Processes below one, by the kernel's list."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            below.setdefault(parent, []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        children = below.get(waiting.pop(), [])
        found += children
        waiting += children
    return found
