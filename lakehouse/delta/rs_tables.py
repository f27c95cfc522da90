"""Delta tables on this machine's disk, without a JVM's Delta code: files for Spark to scan, commits of collected rows.

In a JVM that has just started, Spark's own Delta reader and writer plan and compile some five Spark jobs a commit,
seconds of CPU whatever the batch; through delta-rs both take milliseconds. Tables that need more than plain files
(deletion vectors in use, column mapping, another file system than S3) are left to Spark: the functions then say None.
"""

import json
import re
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from lakehouse.contracts.contract import Contract
from lakehouse.delta import certain, misfits
from lakehouse.delta import log as delta_log
from lakehouse.errors import LakehouseError
from lakehouse.sql.literal import identifier
from lakehouse.storage.places import is_remote, is_s3

MOST_FILES = 1000  # of more, Spark's reader lists and prunes better
MOST_VERSIONS = 20
ROW_GROUP_ROWS = 131_072  # small enough for Spark's tasks to share one file
WILD = re.compile(r"[\\{}\[\]*?%]|://")  # Spark takes such a path for a pattern, or it is no local one
WRITER = WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP_ROWS)


def scan(spark: SparkSession, path: str, version: int) -> DataFrame | None:
    """The table at a version as a scan of its files; None where Spark's Delta reader is needed."""
    table = _plain(path, version)
    files = None if table is None else _files(table, path)
    return None if table is None or files is None else _scanned(spark, _schema(table), files)


def files(path: str, version: int, anywhere: bool = False) -> list[str] | None:
    """The files of a version; None as for `scan`.

    Args:
        anywhere: also of a table that is not on this machine's disk.
    """
    table = _plain(path, version) if anywhere or not is_remote(path) else None
    return None if table is None else _files(table, path)


def columns(path: str, version: int) -> list[str]:
    """The columns of a version."""
    return [field.name for field in DeltaTable(path, version=version).schema().fields]


def stored_schema(path: str, version: int) -> pa.Schema:
    """The columns of a version in the types that Spark's rows have as Arrow."""
    plain = to_arrow_schema(_schema(DeltaTable(path, version=version)), timezone="UTC")
    return pa.schema([pa.field(field.name, field.type) for field in plain])


def appended(spark: SparkSession, path: str, since: int, version: int) -> DataFrame | None:
    """Rows that append commits added after version `since`, with the `_version` of each; None as for `scan`."""
    table = _plain(path, version)
    wanted = set(range(since + 1, version + 1))
    if table is None or len(wanted) > MOST_VERSIONS or not wanted <= set(delta_log.versions(path)):
        return None  # many commits, or some that log cleaning took: Spark's change feed knows them
    parts = [
        _scanned(spark, _schema(table), files).withColumn("_version", F.lit(added).cast("bigint"))
        for added in sorted(wanted)
        if (files := [f"{path}/{name}" for name in delta_log.files_added(path, added)])
    ]
    if not parts:
        return _scanned(spark, _schema(table), []).withColumn("_version", F.lit(version).cast("bigint"))
    rows = parts[0]
    for part in parts[1:]:
        rows = rows.unionByName(part)
    return rows


def files_appended(path: str, since: int, version: int) -> list[str] | None:
    """Files with the rows that append commits added after version `since`; None as for `scan`."""
    wanted = range(since + 1, version + 1)
    if _plain(path, version) is None or not set(wanted) <= set(delta_log.versions(path)):
        return None
    return [f"{path}/{name}" for added in wanted for name in delta_log.files_added(path, added)]


def _plain(path: str, version: int) -> DeltaTable | None:
    if WILD.search(path.partition("://")[2] if is_s3(path) else path):
        return None
    table = DeltaTable(path, version=version)
    mapping = table.metadata().configuration.get("delta.columnMapping.mode", "none")
    return table if mapping == "none" and not table.metadata().partition_columns else None


def _files(table: DeltaTable, path: str) -> list[str] | None:
    actions = pa.table(table.get_add_actions(flatten=True))
    names = actions.column("path").to_pylist()
    may_have = "deletionVectors" in (table.protocol().reader_features or ())
    has_vectors = may_have and pa.table(table.deletion_vectors()).num_rows > 0
    is_elsewhere = any(name.startswith(("/", "file:")) or WILD.search(name) for name in names)  # a shallow clone
    return None if has_vectors or is_elsewhere or len(names) > MOST_FILES else [f"{path}/{name}" for name in names]


def _schema(table: DeltaTable) -> StructType:
    return StructType.fromJson(json.loads(table.schema().to_json()))


def _scanned(spark: SparkSession, schema: StructType, files: list[str]) -> DataFrame:
    return spark.read.schema(schema).parquet(*files) if files else empty(spark, schema)


def empty(spark: SparkSession, schema: StructType) -> DataFrame:
    """No rows, in a form that the optimizer sees through."""
    return spark.createDataFrame(to_arrow_schema(schema, timezone="UTC").empty_table(), schema)


def arrow_schema(contract: Contract) -> pa.Schema:
    """The contract as an Arrow schema with comments."""
    plain = to_arrow_schema(contract.schema(), timezone="UTC")
    comments = {column.name: column.description for column in contract.columns}
    return pa.schema([field.with_metadata({"comment": comments[field.name]}) for field in plain])


def aligned(rows: pa.Table, contract: Contract) -> pa.Table:
    """The contract's columns in its order and types.

    Raises:
        LakehouseError: a column is missing, or not in the contract.
        GateError: values do not fit their type; NULLs where none may be are the gate's to find.
    """
    schema = arrow_schema(contract)
    if set(rows.column_names) != set(schema.names):
        missing, extra = set(schema.names) - set(rows.column_names), set(rows.column_names) - set(schema.names)
        difference = f"columns missing: {sorted(missing)}; not in the contract: {sorted(extra)}"
        raise LakehouseError(difference, contract.table, "correct the job or its contract")
    return misfits.cast(rows, schema, contract).replace_schema_metadata(schema.metadata)


def create(path: str, contract: Contract, properties: dict[str, str]) -> None:
    """Create the table by its contract where it does not exist.

    CHECK constraints take a commit of their own; those that a killed night left out are added here, too, and those
    whose values the contract widened since are made anew.
    """
    checks = {k: v for k, v in properties.items() if k.startswith("delta.constraints.")}
    if delta_log.latest_version(path) is None:
        table = DeltaTable.create(
            path,
            schema=arrow_schema(contract),
            mode="ignore",
            name=contract.table,
            description=contract.description,
            configuration={k: v for k, v in properties.items() if k not in checks},
            raise_if_key_not_exists=False,  # our contract's name and version stand among Delta's own properties
        )
    elif checks:
        table = DeltaTable(path)
    present = table.metadata().configuration if checks else {}
    missing = {
        k.removeprefix("delta.constraints."): v
        for k, v in checks.items()
        if k not in present or _literals(present[k]) != _literals(v)
    }
    for name in missing:
        if f"delta.constraints.{name}" in present:
            table.alter.drop_constraint(name)
    if missing:
        table.alter.add_constraint(missing)


def _literals(condition: str | None) -> set[str]:
    """The texts in quotes: engines write one condition in several ways, but its values alike."""
    plain = JOINED.sub(_in_one, condition or "")
    quoted = re.findall(r"'((?:[^'\\]|''|\\.)*)'", plain)
    return {text.replace("''", "'").replace("\\'", "'") for text in quoted}


# a text with a quote in it, as a condition that every engine reads alike writes it: concat('it', chr(39), 's')
PIECE = r"(?:'[^']*'|chr\(39\))"
JOINED = re.compile(rf"concat\(({PIECE}(?:, {PIECE})*)\)")


def _in_one(joined: re.Match[str]) -> str:
    pieces = re.findall(PIECE, joined.group(1))
    return "'" + "".join("''" if piece == "chr(39)" else piece[1:-1] for piece in pieces) + "'"


def commit(path: str, contract: Contract, rows: pa.Table, mode: str, metadata: dict[str, Any]) -> None:
    """Change the table in one commit that carries the metadata.

    Args:
        rows: the contract's columns.
        mode: replace, append, or merge (by the contract's key).

    Raises:
        LakehouseError: delta-rs refused; its own message may repeat values and is not passed on.
    """
    ready = aligned(rows, contract).cast(arrow_schema(contract))  # where a NULL may not be, none is by now
    if mode != "replace":  # delta-rs merges no two comments: a table keeps those that it was made with
        ready = ready.cast(pa.schema([field.remove_metadata() for field in ready.schema]))

    def change(named: dict[str, Any]) -> None:
        properties = CommitProperties(custom_metadata={"userMetadata": json.dumps(named)})
        if mode == "merge":
            _merge(path, contract.key, ready, properties)
            return
        write_deltalake(
            path,
            ready,
            mode="overwrite" if mode == "replace" else "append",
            schema_mode="overwrite" if mode == "replace" else "merge",
            writer_properties=WRITER,
            commit_properties=properties,
        )

    try:
        certain.made(path, change, metadata)
    except Exception as error:  # noqa: BLE001 delta-rs raises kinds of its own, and their texts may hold a value
        raise LakehouseError(
            f"the commit was refused ({type(error).__name__})",
            contract.table,
            "if its contract changed, rebuild the table or give the contract a new major version; else run the night "
            "again, and see 'lakehouse doctor'",
        ) from None


def _merge(path: str, key: tuple[str, ...], rows: pa.Table, properties: CommitProperties) -> None:
    merge = DeltaTable(path).merge(
        rows,
        " AND ".join(f"t.{identifier(name, 'duckdb')} = s.{identifier(name, 'duckdb')}" for name in key),
        source_alias="s",
        target_alias="t",
        merge_schema=True,
        writer_properties=WRITER,
        commit_properties=properties,
    )
    merge.when_matched_update_all().when_not_matched_insert_all().execute()
