"""Work counters per job: exact where seconds are noisy. Read from Spark's own status store, by job group."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyspark.sql import SparkSession

ZERO = {"spark_jobs": 0, "input_rows": 0, "input_bytes": 0, "shuffle_rows": 0, "output_rows": 0}


class Counters:
    """Groups a thread's Spark jobs under a name and adds up what their stages did."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark

    @contextmanager
    def group(self, name: str) -> Iterator[dict[str, int]]:
        """Within the block this thread's Spark jobs belong to `name`; the yielded dictionary is filled at its end."""
        context, counted = self.spark.sparkContext, dict(ZERO)
        context.setJobGroup(name, name)
        before = set(context.statusTracker().getJobIdsForGroup(name))
        try:
            yield counted
        finally:
            new = set(context.statusTracker().getJobIdsForGroup(name)) - before
            counted.update(self._sum(new))
            context.setLocalProperty("spark.jobGroup.id", "")

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
