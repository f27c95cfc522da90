"""Exported lines: Spark's append of them, and what every commit of them says of itself."""

import hashlib
from datetime import date
from typing import Any

from pyspark.sql import DataFrame

from lakehouse.delta import log as delta_log
from lakehouse.delta import spark_writer
from lakehouse.errors import LakehouseError
from lakehouse.lake import contents
from lakehouse.lake.publish import Published
from lakehouse.lake.snapshot import Snapshot
from lakehouse.storage import lease


def append_bronze(lake: Snapshot, export: str, rows: DataFrame, inputs_key: str) -> Published:
    """See `Lake.append_bronze`."""
    table = f"bronze.{export}"
    contract = lake.contracts[table]
    metadata = {**lines_metadata(lake, inputs_key), contents.RECORDED: []}
    spark_writer.ensure_table(lake.spark, lake.path(table), contract)
    before = lake.version(table)
    lake.engines.add("spark")
    lease.confirm(lake.path(table))
    spark_writer.append_lines(lake.path(table), rows, app_id(table, lake.run.run_date, inputs_key), metadata)
    version = lake.version(table)
    last = delta_log.last_publish(lake.path(table))
    if version == before and not any(
        c.recorded.get("inputs_key") == inputs_key for c in delta_log.commits(lake.path(table))
    ):
        raise LakehouseError(f"{table}: the commit is not in the table's log", table, "run the night again")
    lines = int(last.metrics.get("numOutputRows", 0)) if last and version != before else 0
    return Published(table, version or 0, lines, "")


def lines_metadata(lake: Snapshot, inputs_key: str) -> dict[str, Any]:
    """What a commit of an export's lines says of itself."""
    return {
        "run_id": lake.run.run_id,
        "run_date": str(lake.run.run_date),
        "job": lake.job,
        "job_hash": lake.job_hash,
        "inputs": {"ops.files": lake.version("ops.files")},
        "inputs_key": inputs_key,
    }


def app_id(table: str, run_date: date, inputs: str) -> str:
    """Delta's txnAppId of one publish: the same table, day and inputs commit once."""
    return hashlib.sha256(f"{table}|{run_date}|{inputs}".encode()).hexdigest()[:32]
