"""Runs in processes of their own that are forked from one with a warm Spark, so that killing one costs next to nothing.

The forked process is killed for real, with all that it started; only the JVM stays, which is why the harness has trials
of whole process trees beside. The process that forks never touches delta-rs or DuckDB: their threads do not survive a
fork.
"""

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

KILLED = -signal.SIGKILL
PATIENCE_SECONDS = 3600.0
_kept: list[Any] = []  # a connection of the forking process is left alone, not closed: its other end is in use


@dataclass
class Child:
    """A forked process, and the pipe by which it answers."""

    pid: int
    answers: int

    def kill(self) -> None:
        """End it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def ended(self, patience: float = PATIENCE_SECONDS) -> tuple[int, list[Any]]:
        """Its exit code (negative: the signal that killed it) and what it sent, once it is over."""
        timer = threading.Timer(patience, self.kill)
        timer.start()
        with os.fdopen(self.answers, "rb") as pipe:
            sent = list(_all(pipe))
        _, status = os.waitpid(self.pid, 0)
        timer.cancel()
        self.kill()  # helpers that it left behind
        return os.waitstatus_to_exitcode(status), sent


def _all(pipe: Any) -> Any:
    with suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield pickle.load(pipe)


Send = Callable[[Any], None]


def fork(work: Callable[[Send], None]) -> Child:
    """Begin some work in a forked process.

    Args:
        work: is given what sends an answer; an error in it is sent as a text and gives exit code 1.
    """
    sys.stdout.flush()
    receiving, sending = os.pipe()
    pid = os.fork()
    if pid:
        os.close(sending)
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
        return Child(pid, receiving)
    code = 1
    try:
        os.setpgid(0, 0)
        os.close(receiving)
        _own_connections()
        lock = threading.Lock()

        def send(answer: Any) -> None:
            with lock:
                os.write(sending, pickle.dumps(answer))

        try:
            work(send)
            code = 0
        except BaseException:  # noqa: BLE001 whatever it is, the process that waits must hear of it
            send(traceback.format_exc())
    finally:
        os._exit(code)


def _own_connections() -> None:
    """The JVM serves this process through connections of its own."""
    client = SparkContext._gateway._gateway_client  # type: ignore[union-attr]
    _kept.extend([*client.deque, client.thread_connection, client.finalizer_deque])
    client.deque = deque()
    client.thread_connection = threading.local()
    client.finalizer_deque = deque()


def settle(spark: SparkSession) -> None:
    """What a killed process had begun in the JVM ends with it, as it would have with its own JVM."""
    spark.sparkContext.cancelAllJobs()
    spark.catalog.clearCache()
    time.sleep(0.05)
