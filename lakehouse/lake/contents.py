"""What stands in a table: row count and the sum of row hashes, whatever their order and the files they are in.

A publish writes it into its own commit, worked out from what it changes: a batch that replaces is the table, one
that is added is added, and of rows that a merge replaces the old hashes are taken off. A killed run loses nothing; when
a night is published only exported lines that came are read once more, and tables that something else changed.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame

from lakehouse.contracts.contract import Contract
from lakehouse.delta import certain, file_groups, rs_tables
from lakehouse.delta import log as delta_log
from lakehouse.lake import change_feed
from lakehouse.lake.snapshot import Snapshot
from lakehouse.ops import tables as ops_tables
from lakehouse.quality import file_hashes, gate, line_hashes, row_hashes
from lakehouse.sql import duckdb_engine
from lakehouse.sql.literal import identifier

TABLE = "ops.fingerprints"
RECORDED = certain.CONTENTS  # what a commit calls it: rows, fingerprint
NIGHT = "night"  # the mode of the rows that say what stands in a table when a night is published


class Contents(NamedTuple):
    """Rows, and the sum of their hashes."""

    rows: int
    fingerprint: int

    def plus(self, other: "Contents") -> "Contents":
        """With these rows, too."""
        return Contents(self.rows + other.rows, self.fingerprint + other.fingerprint)

    def minus(self, other: "Contents") -> "Contents":
        """Without these rows."""
        return Contents(self.rows - other.rows, self.fingerprint - other.fingerprint)


NOTHING = Contents(0, 0)
Nights: TypeAlias = dict[str, tuple[int, str | None, Contents]]


def after(
    lake: Snapshot, contract: Contract, mode: str, batch: Contents, rows: pa.Table | None = None
) -> Contents | None:
    """What will stand in the table when a batch has changed it; None where only reading the table would tell.

    Args:
        batch: what stands in the batch.
        rows: the batch of a merge, or the groups that are replaced, where this process holds them.
    """
    if mode == "replace":
        return batch
    before = standing(lake, contract.table)
    if before is None or mode == "append" or before.rows == 0:
        return before.plus(batch) if before else None
    if rows is None:
        return None
    key = contract.key if mode == "merge" else rows.column_names
    replaced = _replaced(lake, contract, rows.select(list(key)))
    return before.minus(replaced).plus(batch) if replaced else None


def standing(lake: Snapshot, table: str, version: int | None = None, nights: Nights | None = None) -> Contents | None:
    """What stands in a lake's own table by its log, or by the record of a night since which rows only came.

    Args:
        version: None for the newest.
        nights: what `last_nights` says, where it is known already.
    """
    path = lake.path(table)
    newest = delta_log.latest_version(path) if version is None else version
    if newest is None:
        return NOTHING
    for commit in delta_log.commits(path):
        if commit.version > newest:
            continue
        if recorded := commit.recorded.get(RECORDED):
            return Contents(recorded[0], int(recorded[1]))
        if delta_log.changes_rows(path, commit.version):
            break
        if commit.version == 0:
            return NOTHING
    return _since_last_night(lake, table, newest, last_nights(lake) if nights is None else nights)


def last_nights(lake: Snapshot) -> Nights:
    """By table: its version when a night was last published, the table's id and what stood in it."""
    columns = ["run_date", "table", "version", "table_id", "batch_rows", "batch_fingerprint"]
    rows = ops_tables.read(lake.path(TABLE), columns, [("mode", "=", NIGHT)])
    rows.sort(key=lambda row: (row["run_date"], row["version"]))
    return {
        row["table"]: (row["version"], row["table_id"], Contents(row["batch_rows"], int(row["batch_fingerprint"])))
        for row in rows
    }


def of_night(lake: Snapshot, versions: dict[str, int]) -> list[dict[str, Any]]:
    """Rows for ops.fingerprints: what stands in each table at the version that a night publishes."""
    run = {"run_id": lake.run.run_id, "run_date": lake.run.run_date, "mode": NIGHT}
    nights, made = last_nights(lake), []
    for table, version in versions.items():
        if table.startswith("ops."):
            continue  # they tell of runs and hours
        known = standing(lake, table, version, nights) or whole(lake, table, version)
        of_table = {"table": table, "version": version, "table_id": _id(lake, table)}
        seen = {"batch_rows": known.rows, "batch_fingerprint": str(known.fingerprint)}
        made.append({**run, **of_table, **seen, "contract_version": lake.contracts[table].version})
    return made


def whole(lake: Snapshot, table: str, version: int) -> Contents:
    """What stands in a version, by reading all of it."""
    files = rs_tables.files(lake.path(table), version, anywhere=True) if lake.is_near else None
    schema = hashed_columns(lake, table, version)
    if files is not None and (known := _in_files(table, files, schema)) is not None:
        return known
    return _by_spark(table, lake.read(table, version), schema)


def hashed_columns(lake: Snapshot, table: str, version: int) -> pa.Schema:
    """The columns as they are hashed: by the contract; exported lines, whose columns come and go, by name."""
    stored = rs_tables.stored_schema(lake.path(table), version)
    wanted = [column.name for column in lake.contracts[table].columns if column.name in stored.names]
    names = sorted(stored.names) if _has_lines(table) else wanted
    return pa.schema([stored.field(name) for name in names])


def total(batches: Iterable[pa.Table | None]) -> Contents | None:
    """The contents of tables with the same columns together; None where Spark alone knows a type's hash."""
    known = NOTHING
    for batch in batches:
        hashes = None if batch is None else row_hashes.row_hashes(batch)
        if batch is None or hashes is None:
            return None
        known = known.plus(Contents(batch.num_rows, row_hashes.total(hashes)))
    return known


def _replaced(lake: Snapshot, contract: Contract, keys: pa.Table) -> Contents | None:
    """The rows of a table that have one of these keys."""
    path = lake.path(contract.table)
    version = delta_log.latest_version(path)
    files = None if version is None else rs_tables.files(path, version)
    if not files:
        return NOTHING if files == [] else None
    schema = hashed_columns(lake, contract.table, version or 0)
    try:
        engine = duckdb_engine.kept()
        engine.register("groups", keys)
        try:
            held = file_groups.holding(engine, files, keys.column_names)
            rows = file_groups.joined("SEMI", held, keys.column_names, schema.names)
            return total([engine.sql(rows).to_arrow_table().cast(schema)]) if held else NOTHING
        finally:
            engine.unregister("groups")
    except (duckdb.Error, pa.ArrowException):  # that it cannot be counted is no reason to refuse rows
        return None


def _since_last_night(lake: Snapshot, table: str, version: int, nights: Nights) -> Contents | None:
    """What a night recorded, with what appends added since; None where rows were changed, or no night knows the table.

    A bronze append streams its lines: what it holds is known only when its commit, which would say it, is made.
    """
    path = lake.path(table)
    before, known_id, known = nights.get(table, (0, None, NOTHING))
    if not known_id or known_id != _id(lake, table) or before > version:
        return None
    since = set(range(before + 1, version + 1))
    if not since <= set(delta_log.versions(path)):
        return None
    if not any(delta_log.changes_rows(path, v) for v in since):
        return known
    if not delta_log.only_appended(path, before, version):
        return None
    schema = hashed_columns(lake, table, version)
    files = rs_tables.files_appended(path, before, version) if lake.is_near else None
    added = None if files is None else _in_files(table, files, schema)
    return known.plus(
        added or _by_spark(table, change_feed.new_rows(lake.for_job("fingerprints", ""), table, before), schema)
    )


def _id(lake: Snapshot, table: str) -> str | None:
    """The table's id; of exported lines it says, too, how they are hashed: what was counted otherwise is read again."""
    known = delta_log.table_id(lake.path(table))
    return f"{known} {line_hashes.LINE}" if known and _has_lines(table) else known


def _has_lines(table: str) -> bool:
    return table.startswith("bronze.")


def _in_files(table: str, files: list[str], schema: pa.Schema) -> Contents | None:
    batches = file_hashes.batches(files, schema)
    return total(map(line_hashes.hashed, batches) if _has_lines(table) else batches)


def _by_spark(table: str, rows: DataFrame, schema: pa.Schema) -> Contents:
    chosen = rows.select([identifier(name) for name in schema.names])
    seen = gate.observe(line_hashes.by_spark(chosen) if _has_lines(table) else chosen, [])
    return Contents(seen.row_count, int(seen.fingerprint))
