"""A table's next version as files that its log does not name yet: written, audited, and then named by one commit.

The files are plain Parquet on this machine's disk. What Delta's writer would check of every row the gate has checked of
all of them; statistics for skipping files are those that Parquet's footers have. What a killed run leaves is removed by
the next one, or by VACUUM.
"""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction, RemoveAction
from pyspark.sql import DataFrame

from lakehouse.contracts.contract import Contract
from lakehouse.delta import file_statistics, rs_tables
from lakehouse.delta import log as delta_log

FOLDER = "_staged"  # in a lake; of what its last run left behind
SAVE_MODES = {"replace": "overwrite", "append": "append"}  # of those that write rows as they come
# of tables that take a file as it is, once the gate has seen it
FEATURES = {"appendOnly", "invariants", "checkConstraints", "changeDataFeed", "deletionVectors", "variantType"}


@dataclass(frozen=True)
class Staged:
    """Written files.

    Args:
        folder: theirs alone.
        files: those that hold rows.
        row_count: of all of them.
    """

    folder: str
    files: tuple[str, ...]
    row_count: int

    def discard(self) -> None:
        """Remove what is still there."""
        shutil.rmtree(self.folder, ignore_errors=True)


def suits(path: str, contract: Contract) -> bool:
    """Whether a table takes files as they are: columns and checks are the contract's, and it needs no more."""
    version = delta_log.latest_version(path)
    if version is None:
        return True
    if rs_tables.files(path, version) is None:  # deleted rows within files, too, which a removal would have to name
        return False
    stored, wanted = rs_tables.stored_schema(path, version), rs_tables.arrow_schema(contract)
    table = DeltaTable(path)
    checks = {key for key in table.metadata().configuration if key.startswith("delta.constraints.")}
    own = {f"delta.constraints.{column.name}_known" for column in contract.columns if column.enum}
    is_known = set(table.protocol().writer_features or ()) <= FEATURES
    return is_known and checks <= own and {f.name: f.type for f in stored} == {f.name: f.type for f in wanted}


def new_folder(root: str) -> str:
    """A folder below a lake's root for files that wait for their commit; it is not made yet."""
    return f"{root}/{FOLDER}/{uuid4().hex}"


def write(root: str, rows: DataFrame) -> Staged:
    """Write rows as files below a lake's root."""
    folder = new_folder(root)
    rows.write.parquet(folder)
    counts = {str(file): pq.read_metadata(file).num_rows for file in sorted(Path(folder).glob("*.parquet"))}
    return Staged(folder, tuple(file for file, count in counts.items() if count), sum(counts.values()))


def place(written: Staged, path: str, contract: Contract) -> list[AddAction]:
    """Move the files to the table, where no commit names them yet.

    Returns:
        what a commit says of them.
    """
    columns = file_statistics.columns(DeltaTable(path).metadata().configuration, contract)
    return [_placed(Path(file), Path(path), columns) for file in written.files]


def _placed(file: Path, table: Path, columns: list[str]) -> AddAction:
    stats = json.dumps(file_statistics.of(file, columns))
    placed = Path(shutil.move(file, table / file.name))
    status = placed.stat()
    return AddAction(placed.name, status.st_size, {}, int(status.st_mtime * 1000), True, stats)


def commit(path: str, added: list[AddAction], mode: str, metadata: dict[str, Any]) -> None:
    """Name the files in the table's log, by one commit that carries the metadata.

    Args:
        mode: replace or append.

    Raises:
        CommitFailedError: another commit came first.
    """
    table, actions = DeltaTable(path), list[AddAction | RemoveAction](added)
    properties = CommitProperties(custom_metadata={"userMetadata": json.dumps(metadata)})
    table.create_write_transaction(actions, SAVE_MODES[mode], table.schema(), commit_properties=properties)


def exchange(path: str, version: int, gone: tuple[str, ...], added: list[AddAction], metadata: dict[str, Any]) -> None:
    """Name files in the table's log in place of others, by one commit that carries the metadata.

    Args:
        version: the one whose files `gone` are; the commit is the next one, or none: delta-rs takes a commit that only
            adds and removes for one that no other can hurt, and would remove files that a compaction has removed.

    Raises:
        CommitFailedError: another commit came first.
    """
    table, now = DeltaTable(path, version=version), int(time.time() * 1000)
    actions: list[AddAction | RemoveAction] = [
        RemoveAction(name, True, now, Path(path, name).stat().st_size, {}) for name in gone
    ]
    properties = CommitProperties(custom_metadata={"userMetadata": json.dumps(metadata)}, max_commit_retries=0)
    table.create_write_transaction(
        [*actions, *added], SAVE_MODES["append"], table.schema(), commit_properties=properties
    )


def clear(root: str) -> None:
    """Remove what a killed run has left, in a lake that nobody else works on."""
    if "://" not in root:
        shutil.rmtree(f"{root}/{FOLDER}", ignore_errors=True)
