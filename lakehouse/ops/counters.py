"""Work counters per job: exact where seconds are noisy. Read from Spark's own status store, by job group."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.spark.later import Later, is_there

ZERO = {"spark_jobs": 0, "input_rows": 0, "input_bytes": 0, "shuffle_rows": 0, "output_rows": 0}


class Counters:
    """Groups a thread's Spark jobs under a name and adds up what their stages did; a session may start meanwhile."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark, self.here = spark, threading.local()
        if isinstance(spark, Later):
            spark.used = self._join

    @contextmanager
    def group(self, name: str) -> Iterator[dict[str, int]]:
        """Within the block this thread's Spark jobs belong to `name`; the yielded dictionary is filled at its end."""
        counted = dict(ZERO)
        self.here.name = name
        before = self._jobs(name)
        if is_there(self.spark):
            self._join(self.spark)
        try:
            yield counted
        finally:
            self.here.name = ""
            if is_there(self.spark):
                counted.update(self._sum(self._jobs(name) - before))
                self.spark.sparkContext.setLocalProperty("spark.jobGroup.id", "")
            self.here.joined = ""

    def _join(self, spark: SparkSession) -> None:
        """What this thread lets Spark do from here on belongs to its group."""
        name = getattr(self.here, "name", "")
        if name and getattr(self.here, "joined", "") != name:
            self.here.joined = name
            spark.sparkContext.setJobGroup(name, name)

    def _jobs(self, name: str) -> set[int]:
        if not is_there(self.spark):
            return set()
        return set(self.spark.sparkContext.statusTracker().getJobIdsForGroup(name))

    def _sum(self, job_ids: set[int]) -> dict[str, int]:
        total = {**ZERO, "spark_jobs": len(job_ids)}
        store = self.spark.sparkContext._jsc.sc().statusStore()
        tracker = self.spark.sparkContext.statusTracker()
        for stage in {s for job in job_ids if (info := tracker.getJobInfo(job)) for s in info.stageIds}:
            _add(total, store, stage)
        return total


def _add(total: dict[str, int], store: Any, stage: int) -> None:
    try:
        data = store.lastStageAttempt(stage)
    except Exception:  # noqa: BLE001 the store keeps only the newest stages: an old one is simply not counted
        return
    total["input_rows"] += data.inputRecords()
    total["input_bytes"] += data.inputBytes()
    total["shuffle_rows"] += data.shuffleWriteRecords()
    total["output_rows"] += data.outputRecords()
