"""Publish: validate a batch, change its table in one atomic commit, and believe the log alone that it happened.

Three ways give the same table. A batch that this machine holds is collected by one Spark job, which judges it in
passing, and committed through delta-rs. A larger one that replaces a table of this machine or is added to it is written
by Spark, validated where it lies, and then named by a commit, or removed; so is one whose groups replace those of a
table of this machine, with the rows that stay of the files that they stand in. Any other, or a cluster's, is cached,
validated and written by Spark.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from lakehouse.contracts.contract import Contract
from lakehouse.delta import certain, file_groups, rs_tables, spark_writer, staged
from lakehouse.delta import log as delta_log
from lakehouse.delta.staged import Staged
from lakehouse.errors import LakehouseError
from lakehouse.lake import contents, groups
from lakehouse.lake.snapshot import Snapshot
from lakehouse.ops import reprocessing
from lakehouse.quality import suites
from lakehouse.quality.arrow_checks import Local
from lakehouse.quality.gate import Gate, ValidationResult, counting

COLLECTABLE = ("replace", "append", "merge")
BY_FILES = (*staged.SAVE_MODES, "replace_group")


@dataclass(frozen=True)
class Published:
    """What a publish did."""

    table: str
    version: int
    row_count: int
    fingerprint: str


class Way(NamedTuple):
    """How a table changes: its mode (None: the contract's), what `replace_group` replaces, whether rows are cached."""

    mode: str | None = None
    group: tuple[str, ...] | DataFrame | pa.Table = ()
    is_cached: bool = False


def publish(
    lake: Snapshot,
    table: str,
    rows: DataFrame | pa.Table,
    run_date: date,
    way: Way,
) -> Published:
    """See `Lake.publish`."""
    contract = lake.contracts[table]
    mode = way.mode or contract.publish_mode
    if lake.is_of_older_contract(table):
        mode = _begun_anew(lake, contract)
    gate = Gate(lake.run, contract, suites.suite(lake.conf, contract), mode, is_explained=bool(lake.notes))
    if isinstance(rows, pa.Table):
        local = rs_tables.aligned(rows, contract)
        if _takes(lake, table, mode, rows.num_rows) and (seen := gate.validate_local(local)):
            return _changed(lake, contract, seen, run_date, Way(mode), local)
        rows = lake.for_rows(rows.num_rows).spark.createDataFrame(local)
    batch = spark_writer.aligned(rows, contract)
    if is_collectable(lake, table, mode) and (validated := _collected(gate, batch)) is not None:
        result, collected = validated
        return _changed(lake, contract, result, run_date, Way(mode), collected)
    if _is_written_first(lake, contract, mode):
        return _written_first(lake, gate, batch, run_date, Way(mode, way.group))
    batch = batch if way.is_cached else batch.persist()
    try:
        plain = batch.select([column.name for column in contract.columns])  # without the flags of what does not fit
        return _changed(lake, contract, gate.validate(batch), run_date, Way(mode, way.group), plain)
    finally:
        if not way.is_cached:
            batch.unpersist()


def _begun_anew(lake: Snapshot, contract: Contract) -> str:
    """A new major version of a contract: what was checked by the old one alone goes, and the table is written whole."""
    version = lake.version(contract.table)
    lake.note(
        contract.table,
        f"its contract has a new major version ({contract.version}): the table is written "
        f"whole; as it was before, it stands in its history up to version {version}",
    )
    spark_writer.drop_checks(lake.spark, lake.path(contract.table), is_local=lake.is_near)
    return "replace"


def is_collectable(lake: Snapshot, table: str, mode: str) -> bool:
    """Whether the batch is surely small: last night's was, or (the first time) all that was read is."""
    last = delta_log.last_publish(lake.source(table), lake.version(table))
    if last is None:
        rows = sum(lake.row_count(name) for name in list(lake.pinned))
    else:
        before = delta_log.row_count(lake.source(table), lake.version(table)) if mode == "replace" else 0
        rows = max(int(last.recorded.get("rows", 0)), before)
    return _takes(lake, table, mode, rows)


def _takes(lake: Snapshot, table: str, mode: str, row_count: int) -> bool:
    """Whether so many rows may be committed from this process."""
    may = lake.is_near and mode in COLLECTABLE and _is_own_files(lake, table)
    return may and row_count <= lake.profile.collect_up_to_rows


def _is_own_files(lake: Snapshot, table: str) -> bool:
    """A replay starts from a clone of its base, which only Spark reads and writes."""
    return lake.base is None or lake.version(table) is None or lake.source(table) == lake.path(table)


def _collected(gate: Gate, batch: DataFrame) -> tuple[ValidationResult, pa.Table] | None:
    """The result and the rows; None where there were more than the driver takes after all."""
    try:
        return gate.validate_collected(batch)
    except PySparkException as error:
        if "maxResultSize" in str(error):
            return None
        raise


def _is_written_first(lake: Snapshot, contract: Contract, mode: str) -> bool:
    """Whether the batch may be written before it is validated: whole files that come or go, on this machine."""
    if not (lake.is_local and mode in BY_FILES and _is_own_files(lake, contract.table)):
        return False
    return not lake.is_of_older_contract(contract.table) and staged.suits(lake.path(contract.table), contract)


def _written_first(lake: Snapshot, gate: Gate, batch: DataFrame, run_date: date, way: Way) -> Published:
    """Write the files of the next version, validate what they hold, and let a commit name them; or remove them."""
    is_small = way.mode == "replace_group" and is_collectable(lake, gate.contract.table, "append")
    if is_small and (seen := _collected(gate, batch)) is not None:
        written = file_groups.of_rows(lake.root, rs_tables.aligned(seen[1], gate.contract))
        return _named(lake, gate.contract, seen[0], run_date, way, written)
    rows, flags = counting(batch)
    written = staged.write(lake.root, rows)
    try:
        back = batch.sparkSession.read.schema(rows.schema).parquet(written.folder)
        schema = rs_tables.arrow_schema(gate.contract)
        local = Local(written.files, written.folder, schema, f"{lake.root}/_spill")
        flagged = dict(flags.get) if flags and written.files else {}
        result = gate.validate_written(back, local, flagged)
    except BaseException:
        written.discard()
        raise
    return _named(lake, gate.contract, result, run_date, way, written)


def _named(
    lake: Snapshot, contract: Contract, result: ValidationResult, run_date: date, way: Way, written: Staged
) -> Published:
    """Commit files, and leave none of them where that fails."""
    try:
        if way.mode == "replace_group":
            way = way._replace(group=groups.named(way.group, written))
        return _changed(lake, contract, result, run_date, way, written)
    finally:
        written.discard()


def _changed(
    lake: Snapshot,
    contract: Contract,
    result: ValidationResult,
    run_date: date,
    way: Way,
    rows: DataFrame | pa.Table | Staged,
) -> Published:
    """Commit validated rows; without any, nothing but that the inputs were looked at."""
    table, mode = contract.table, way.mode or contract.publish_mode
    takes_rows = isinstance(way.group, DataFrame) or (isinstance(way.group, pa.Table) and way.group.num_rows > 0)
    changes_nothing = result.row_count == 0 and mode != "replace" and not takes_rows
    if changes_nothing and _knows_inputs(lake, table):
        return Published(table, lake.version(table) or 0, 0, result.fingerprint)
    mode = "append" if changes_nothing else mode  # moves on what was consumed
    batch = contents.Contents(result.row_count, int(result.fingerprint))
    keys = way.group if isinstance(way.group, pa.Table) else rows if isinstance(rows, pa.Table) else None
    known = contents.after(lake, contract, mode, batch, keys)
    metadata = {**_metadata(lake, table, run_date, result), contents.RECORDED: _as_recorded(known)}
    anew = lake.is_of_older_contract(table)
    if isinstance(rows, pa.Table):
        lake.engines.add("local")
        properties = spark_writer.table_properties(contract)
        rs_tables.create(lake.path(table), contract, {} if anew else properties)
        rs_tables.commit(lake.path(table), contract, rows, mode, metadata)
        if anew:  # checks are on columns that only now are there
            rs_tables.create(lake.path(table), contract, properties)
    elif isinstance(rows, Staged):
        lake.engines.update(("spark", "local"))
        if mode == "replace_group" and isinstance(way.group, pa.Table):
            groups.exchange(lake.root, lake.path(table), contract, rows, way.group, metadata)
        else:
            _by_files(lake, contract, rows, mode, metadata)
    else:
        lake.engines.add("spark")
        _ensure(lake, contract, mode)
        path, frame = lake.path(table), rows

        def change(named: dict[str, Any]) -> None:
            spark_writer.write(lake.spark, path, contract, frame, spark_writer.Change(mode, named, way.group, anew))

        certain.made(path, change, metadata)
    return _confirmed(lake, table, contract, mode, metadata, result)


def _by_files(lake: Snapshot, contract: Contract, written: Staged, mode: str, metadata: dict[str, Any]) -> None:
    """Commit files that are written."""
    path = lake.path(contract.table)
    rs_tables.create(path, contract, spark_writer.table_properties(contract))
    added = staged.place(written, path, contract)
    certain.made(path, lambda named: staged.commit(path, added, mode, named), metadata)


def _knows_inputs(lake: Snapshot, table: str) -> bool:
    """Whether the table's last publish was made of the very same input versions."""
    last = delta_log.last_publish(lake.source(table), lake.version(table))
    return last is not None and last.recorded.get("inputs") == dict(sorted(lake.pinned.items()))


def _ensure(lake: Snapshot, contract: Contract, mode: str) -> None:
    """The table exists by its contract; a replay that changes part of a table starts from a clone of its base."""
    base = lake.version(contract.table)
    if (
        lake.base
        and base is not None
        and mode != "replace"
        and lake.source(contract.table) != lake.path(contract.table)
    ):
        spark_writer.clone(lake.spark, lake.source(contract.table), base, lake.path(contract.table))
    spark_writer.ensure_table(lake.spark, lake.path(contract.table), contract)


def _as_recorded(known: contents.Contents | None) -> list[Any]:
    """As a commit holds it: the sum as text, since it does not fit into 64 bits."""
    return [known.rows, str(known.fingerprint)] if known else []


def _metadata(lake: Snapshot, table: str, run_date: date, result: ValidationResult) -> dict[str, Any]:
    return {
        "run_id": lake.run.run_id,
        "run_date": str(run_date),
        "job": lake.job,
        "job_hash": lake.job_hash,
        "inputs": dict(sorted(lake.pinned.items())),
        "input_ids": {name: known for name in sorted(lake.pinned) if (known := delta_log.table_id(lake.source(name)))},
        "contract_version": lake.contracts[table].version,
        "rows": result.row_count,
        "fingerprint": result.fingerprint,
        **({reprocessing.RECORDED: request} if (request := lake.reprocessed.get(table)) else {}),
    }


def _confirmed(
    lake: Snapshot, table: str, contract: Contract, mode: str, metadata: dict[str, Any], result: ValidationResult
) -> Published:
    """Publish believes the log alone: the commit must stand there with this run's metadata."""
    last = delta_log.last_publish(lake.path(table))
    if last is None or last.recorded.get("inputs") != json.loads(json.dumps(metadata["inputs"])):
        raise LakehouseError("the commit is not in the table's log", table, "run the night again")
    done = Published(table, last.version, result.row_count, result.fingerprint)
    lake.record(
        "ops.fingerprints",
        [
            {
                "run_id": lake.run.run_id,
                "run_date": lake.run.run_date,
                "table": table,
                "version": last.version,
                "mode": mode,
                "batch_rows": result.row_count,
                "batch_fingerprint": result.fingerprint,
                "contract_version": contract.version,
            }
        ],
    )
    return done
