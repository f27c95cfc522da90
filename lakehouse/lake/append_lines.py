"""Bronze appends of a size that this machine reads at once: Arrow batches to Delta without a JVM.

An append through Spark costs seconds of CPU whatever its size; most nightly exports are a few kilobytes. Spark reads
the tables either way. Tables whose names need Delta's column mapping, and loads too large for one machine, go through
`Lake.append_bronze`; both ways give the same rows.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake

from lakehouse.contracts.bronze_names import SPECIAL
from lakehouse.contracts.contract import TECHNICAL, Contract
from lakehouse.delta import certain
from lakehouse.delta import log as delta_log
from lakehouse.lake.bronze_lines import app_id, lines_metadata
from lakehouse.lake.lake import Lake
from lakehouse.lake.publish import Published
from lakehouse.storage.places import is_remote

ROW_GROUP_ROWS = 65_536  # small, so that Spark's tasks can share one file


def present_columns(lake: Lake, export: str) -> list[str] | None:
    """The columns that the bronze table has now, [] where there is none; None where it needs Spark to be written."""
    table = f"bronze.{export}"
    if (
        lake.profile.is_on_spark_alone
        or (is_remote(lake.root) and not lake.is_near)
        or any(SPECIAL.search(column.name) for column in lake.contracts[table].columns)
    ):
        return None
    if not lake.exists(table):
        return []
    present = DeltaTable(lake.path(table))
    if present.metadata().configuration.get("delta.columnMapping.mode", "none") != "none":
        return None
    technical = {column.name for column in TECHNICAL}
    return [field.name for field in present.schema().fields if field.name not in technical]


def append(
    lake: Lake, export: str, names: Sequence[str], batches: Iterator[pa.RecordBatch], inputs_key: str
) -> Published:
    """Append an export's lines in one commit; what stands under the same `inputs_key` is not appended again.

    Args:
        names: the text columns of the batches, before the technical ones.
    """
    table = f"bronze.{export}"
    path, contract = lake.path(table), lake.contracts[table]
    last = delta_log.last_publish(path)
    if last is not None and last.recorded.get("inputs_key") == inputs_key:
        return Published(table, last.version, 0, "")
    lake.engines.add("local")
    schema = arrow_schema(names, contract)
    metadata = lines_metadata(lake, inputs_key)

    def add(named: dict[str, Any]) -> None:
        write_deltalake(
            path,
            pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in batches)),
            mode="append",
            schema_mode="merge",
            name=table,
            description=contract.description,
            configuration=_properties(contract),
            writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP_ROWS),
            commit_properties=CommitProperties(
                custom_metadata={"userMetadata": json.dumps(named)},
                app_transactions=[Transaction(app_id(table, lake.run.run_date, inputs_key), 1)],
            ),
        )

    certain.made(path, add, metadata, tries=1)  # the lines pass by but once
    done = delta_log.last_publish(path)
    return Published(table, done.version if done else 0, int(done.metrics.get("num_added_rows", 0)) if done else 0, "")


def clear(lake: Lake, export: str) -> None:
    """Take every line out of a bronze table: its files are read again in another way."""
    table = f"bronze.{export}"
    if not lake.exists(table):
        return
    if present_columns(lake, export) is None:
        lake.spark.sql(f"DELETE FROM delta.`{lake.path(table)}`")
    else:
        DeltaTable(lake.path(table)).delete()


def arrow_schema(names: Sequence[str], contract: Contract) -> pa.Schema:
    """The text columns and the technical ones, with the contract's comments."""
    comments = {column.name: column.description for column in contract.columns}
    kinds = {"BIGINT": pa.int64(), "DATE": pa.date32(), "STRING": pa.string()}
    fields = [pa.field(name, pa.string()) for name in names]
    fields += [pa.field(column.name, kinds[column.type]) for column in TECHNICAL]
    return pa.schema(
        [field.with_metadata({"comment": comments.get(field.name, "not in the export's list")}) for field in fields]
    )


def _properties(contract: Contract) -> dict[str, str | None]:
    """The contract's Delta properties: no column mapping, and no statistics that repeat personal values in the log."""
    kept = {k: v for k, v in contract.properties.items() if k.startswith("delta.") and "columnMapping" not in k}
    return {"delta.dataSkippingStatsColumns": "_run_date", **kept}
