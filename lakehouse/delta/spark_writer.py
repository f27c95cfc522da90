"""The statements that change a Delta table: create by contract, replace, append, merge, replace groups of rows."""

import json
from typing import Any, NamedTuple

from delta.tables import DeltaTable
from deltalake import DeltaTable as LocalTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contracts.contract import Contract
from lakehouse.delta import log as delta_log
from lakehouse.delta import misfits
from lakehouse.errors import LakehouseError
from lakehouse.sql.literal import identifier, literal, portable

METADATA = "spark.databricks.delta.commitInfo.userMetadata"


def aligned(rows: DataFrame, contract: Contract) -> DataFrame:
    """The contract's columns in its order and types, with flags for values that do not fit (misfits.with_flags).

    Raises:
        LakehouseError: a column is missing, or not in the contract.
    """
    names = [column.name for column in contract.columns]
    missing, extra = [n for n in names if n not in rows.columns], [n for n in rows.columns if n not in names]
    if missing or extra:
        raise LakehouseError(
            f"columns missing: {missing}; not in the contract: {extra}",
            contract.table,
            "correct the job or its contract",
        )
    return misfits.with_flags(rows, contract)


def table_at(path: str) -> str:
    """A Delta table by its place, as a name in Spark's SQL."""
    return f"delta.{identifier(path)}"


def ddl(path: str, contract: Contract) -> str:
    """CREATE TABLE with types, NOT NULL, comments, constraints and properties, all from the contract."""
    schema = contract.schema()
    columns = ", ".join(
        f"{identifier(f.name)} {f.dataType.simpleString()}{'' if f.nullable else ' NOT NULL'} "
        f"COMMENT {literal(f.metadata['comment'])}"
        for f in schema
    )
    properties = ", ".join(f"{literal(k)} = {literal(v)}" for k, v in sorted(table_properties(contract).items()))
    return (
        f"CREATE TABLE IF NOT EXISTS {table_at(path)} ({columns}) USING delta "
        f"COMMENT {literal(contract.description)} TBLPROPERTIES ({properties})"
    )


def table_properties(contract: Contract) -> dict[str, str]:
    """Delta's properties, our contract version, and CHECK constraints on columns that are not personal."""
    properties = {"lakehouse.contract": contract.table, "lakehouse.contract.version": contract.version}
    properties |= {k: v for k, v in contract.properties.items() if k.startswith("delta.")}
    if contract.personal and contract.key:  # a value in file statistics survives a deletion in the log
        properties.setdefault("delta.dataSkippingStatsColumns", ",".join(contract.key))
    for column in contract.columns:
        if column.enum and not column.personal:
            values = ", ".join(map(portable, column.enum))
            properties[f"delta.constraints.{column.name}_known"] = f"{column.name} IN ({values})"
    return properties


def ensure_table(spark: SparkSession, path: str, contract: Contract) -> None:
    """Create the table by its contract where it does not exist."""
    if delta_log.latest_version(path) is None:
        spark.sql(ddl(path, contract))


def drop_checks(spark: SparkSession, path: str, is_local: bool) -> None:
    """Take all CHECK constraints off a table: those of its contract come back with the next publish."""
    prefix = "delta.constraints."
    if is_local:
        table = LocalTable(path)
        for name in [key.removeprefix(prefix) for key in table.metadata().configuration if key.startswith(prefix)]:
            table.alter.drop_constraint(name)
        return
    properties = spark.sql(f"SHOW TBLPROPERTIES {table_at(path)}").collect()
    for name in [row.key.removeprefix(prefix) for row in properties if row.key.startswith(prefix)]:
        spark.sql(f"ALTER TABLE {table_at(path)} DROP CONSTRAINT {identifier(name)}")


def add_checks(spark: SparkSession, path: str, contract: Contract) -> None:
    """The CHECK constraints of a contract."""
    for key, condition in table_properties(contract).items():
        if key.startswith("delta.constraints."):
            name = key.removeprefix("delta.constraints.")
            spark.sql(f"ALTER TABLE {table_at(path)} ADD CONSTRAINT {identifier(name)} CHECK ({condition})")


def clone(spark: SparkSession, source: str, version: int, path: str) -> None:
    """A shallow clone: the new table starts with the source's files at a version, which stay where they are."""
    spark.sql(f"CREATE TABLE {table_at(path)} SHALLOW CLONE {table_at(source)} VERSION AS OF {version}")


class Change(NamedTuple):
    """What a commit does.

    Args:
        mode: replace, append, merge or replace_group.
        metadata: what the commit says of itself.
        group: the columns of replace_group, or the groups that it replaces.
        anew: the columns change, too, to those of a new major version of the contract.
    """

    mode: str
    metadata: dict[str, Any]
    group: tuple[str, ...] | DataFrame = ()
    anew: bool = False


def write(
    spark: SparkSession,
    path: str,
    contract: Contract,
    batch: DataFrame,
    change: Change,
) -> None:
    """Change the table in one commit that carries the metadata.

    Raises:
        ValueError: an unknown mode.
    """
    mode, metadata = change.mode, change.metadata
    if mode in ("replace", "append"):
        writer = batch.write.format("delta").mode("overwrite" if mode == "replace" else "append")
        schema = "overwriteSchema" if change.anew else "mergeSchema"  # columns of a newer contract come in
        writer.option(schema, "true").option("userMetadata", json.dumps(metadata)).save(path)
        if change.anew:
            add_checks(spark, path, contract)
    elif mode == "merge":
        _merge(spark, path, batch, contract.key, metadata)
    elif mode == "replace_group":
        _replace_groups(path, batch, change.group, metadata)
    else:
        raise ValueError(f"unknown publish mode {mode}")


def append_lines(path: str, rows: DataFrame, app_id: str, metadata: dict[str, Any]) -> None:
    """Append, once per app_id: Delta drops a second commit of the same id without an error."""
    (
        rows.write.format("delta")
        .mode("append")
        .option("mergeSchema", "true")
        .option("userMetadata", json.dumps(metadata))
        .option("txnAppId", app_id)
        .option("txnVersion", 1)
        .save(path)
    )


def _merge(spark: SparkSession, path: str, batch: DataFrame, key: tuple[str, ...], metadata: dict[str, Any]) -> None:
    own = spark.newSession()  # the metadata of a MERGE is a session setting: a session of its own leaves others alone
    own.conf.set(METADATA, json.dumps(metadata))
    condition = " AND ".join(f"t.{identifier(name)} = s.{identifier(name)}" for name in key)
    merge = DeltaTable.forPath(own, path).alias("t").merge(batch.alias("s"), condition)
    merge.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()


def _replace_groups(path: str, batch: DataFrame, group: tuple[str, ...] | DataFrame, metadata: dict[str, Any]) -> None:
    """Rows of the groups go, the batch comes: one overwrite of the rows that stay and the batch."""
    spark = batch.sparkSession
    groups = group if isinstance(group, DataFrame) else batch.select(*group).distinct()
    kept = spark.read.format("delta").load(path).join(F.broadcast(groups), groups.columns, "left_anti")
    rows = kept.select(batch.columns).unionByName(batch)
    rows.write.format("delta").mode("overwrite").option("userMetadata", json.dumps(metadata)).save(path)
