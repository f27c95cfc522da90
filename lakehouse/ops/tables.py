"""The ops tables (what ran, what came, what was checked): small appends through delta-rs, without a JVM."""

import json
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from lakehouse.contracts.contract import Contract
from lakehouse.delta import certain
from lakehouse.delta import log as delta_log
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.errors import LakehouseError


def append(path: str, contract: Contract, rows: list[dict[str, Any]], run_id: str) -> None:
    """Append rows in one commit; the first append makes the table by its contract."""
    names = [column.name for column in contract.columns]
    table = pa.Table.from_pylist(
        [{name: row.get(name) for name in names} for row in rows], schema=arrow_schema(contract)
    )
    if delta_log.latest_version(path) is not None:  # delta-rs merges no two comments: the table's own stay
        table = table.cast(pa.schema([field.remove_metadata() for field in table.schema]))
    configuration = {k: v for k, v in contract.properties.items() if k.startswith("delta.")}

    def add(named: dict[str, Any]) -> None:
        write_deltalake(
            path,
            table,
            mode="append",
            schema_mode="merge",  # a table of an earlier version of the contract gets the columns that are new
            name=contract.table,
            description=contract.description,
            configuration=configuration,
            commit_properties=CommitProperties(custom_metadata={"userMetadata": json.dumps(named)}),
        )

    certain.made(path, add, {"run_id": run_id})


def arrow(path: str, columns: list[str], where: list[tuple[str, str, Any]] | None = None) -> pa.Table | None:
    """Columns of an ops table; None where it does not exist, or is of a version that has not got all of them."""
    if delta_log.latest_version(path) is None:
        return None
    table = DeltaTable(path)
    present = {field.name for field in table.schema().fields}
    return table.to_pyarrow_table(columns=columns, filters=where) if present >= set(columns) else None


def read(
    path: str, columns: list[str] | None = None, where: list[tuple[str, str, Any]] | None = None
) -> list[dict[str, Any]]:
    """The rows of an ops table as plain dictionaries; [] where it does not exist, None for columns it has not got yet.

    Args:
        where: conditions that all hold, as column, operator and value.

    Raises:
        LakehouseError: it is damaged.
    """
    if delta_log.latest_version(path) is None:
        return []
    try:
        return _read(DeltaTable(path), columns, where)
    except Exception as error:  # noqa: BLE001 delta-rs raises its own kinds for a table it cannot read
        what = f"the table cannot be read ({type(error).__name__})"
        raise LakehouseError(what, path, "run 'lakehouse doctor': it names what to do") from None


def _read(
    table: DeltaTable, columns: list[str] | None, where: list[tuple[str, str, Any]] | None
) -> list[dict[str, Any]]:
    present = {field.name for field in table.schema().fields}
    wanted = None if columns is None else [name for name in columns if name in present]
    rows: list[dict[str, Any]] = table.to_pyarrow_table(columns=wanted, filters=where).to_pylist()
    absent = dict.fromkeys(name for name in columns or () if name not in present)
    return [row | absent for row in rows] if absent else rows
