"""Groups of rows that a publish replaces, and the commit that puts files in the place of those that they stand in."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame

from lakehouse.contracts.contract import Contract
from lakehouse.delta import certain, file_groups, rs_tables, spark_writer, staged
from lakehouse.delta import log as delta_log
from lakehouse.delta.staged import Staged
from lakehouse.errors import LakehouseError


def named(group: tuple[str, ...] | DataFrame | pa.Table, written: Staged) -> pa.Table:
    """The groups themselves, each once: as they are given, or those of the written rows' columns."""
    if isinstance(group, pa.Table):
        return group
    if isinstance(group, DataFrame):
        return group.distinct().toArrow()
    columns = list(group)
    parts = [pq.read_table(file, columns=columns) for file in written.files]
    rows = pa.concat_tables(parts) if parts else pa.table({name: pa.array([], pa.string()) for name in columns})
    return rows.group_by(columns).aggregate([]).select(columns)


def exchange(
    root: str, path: str, contract: Contract, written: Staged, groups: pa.Table, metadata: dict[str, Any]
) -> None:
    """Let the written rows stand in the table in place of all rows of the groups, by one commit.

    Another commit that came first may have moved rows to other files (a compaction does): they are looked for again.
    """
    rs_tables.create(path, contract, spark_writer.table_properties(contract))
    added = staged.place(written, path, contract)

    def change(recorded: dict[str, Any]) -> None:
        version = delta_log.latest_version(path) or 0
        rest = file_groups.rest(root, path, version, groups)
        if rest is None:
            raise LakehouseError("its files are not plain any more", contract.table, "run the night again")
        try:
            kept = staged.place(rest.kept, path, contract)
            staged.exchange(path, version, rest.gone, [*kept, *added], recorded)
        finally:
            rest.kept.discard()

    certain.made(path, change, metadata)
