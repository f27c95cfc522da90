"""What a Delta table's log says, read without a JVM: the newest version and what its commits recorded.

Only commit files are read (JSON lines, the Delta protocol's own form), newest first: the cost does not grow with the
table.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import fs

from lakehouse.errors import LakehouseError
from lakehouse.storage import s3

EXCHANGE = "Exchange"  # the mode of a write that adds files in place of some others: our name, Delta has none


@dataclass(frozen=True)
class Commit:
    """One commit: its version, what `publish` recorded in it, and Delta's own metrics (text, as Delta writes them).

    Args:
        mode: of a write Append, Overwrite or EXCHANGE.
    """

    version: int
    operation: str
    recorded: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    txn_app_id: str | None = None
    mode: str = ""


def table_path(root: str, table: str) -> str:
    """A table's folder under a lake's root."""
    layer, name = table.split(".", 1)
    return f"{root}/{layer}/{name}"


def file_system(path: str) -> tuple[fs.FileSystem, str]:
    """The Arrow file system of a local path or URI, and the path inside it."""
    if "://" not in path:
        return fs.LocalFileSystem(), path
    return s3.file_system(path)


def versions(path: str) -> list[int]:
    """Versions whose commit files are still there, ascending; empty where there is no table."""
    system, inner = file_system(path)
    listing = system.get_file_info(fs.FileSelector(f"{inner}/_delta_log", allow_not_found=True))
    names = (info.base_name for info in listing)
    return sorted(int(name[:20]) for name in names if len(name) == 25 and name.endswith(".json"))


def latest_version(path: str) -> int | None:
    """The newest version, or None where there is no table."""
    known = versions(path)
    return known[-1] if known else None


def commit(path: str, version: int) -> Commit:
    """Read one commit's information."""
    return _told(_content(path, version), path, version)


def _content(path: str, version: int) -> bytes:
    system, inner = file_system(path)
    with system.open_input_stream(f"{inner}/_delta_log/{version:020d}.json") as stream:
        content: bytes = stream.read()
    return content


def _told(content: bytes, path: str, version: int) -> Commit:
    actions = _actions(content, (b'{"commitInfo"', b'{"txn"'), path, version)
    info: dict[str, Any] = next((a["commitInfo"] for a in actions if "commitInfo" in a), {})
    txn = next((a["txn"]["appId"] for a in actions if "txn" in a), None)
    mode = str(info.get("operationParameters", {}).get("mode", ""))
    if mode == "Append" and _takes_rows(content, path, version):
        mode = EXCHANGE
    return Commit(version, info.get("operation", ""), _recorded(info), info.get("operationMetrics", {}), txn, mode)


def _takes_rows(content: bytes, path: str, version: int) -> bool:
    removed = _actions(content, (b'{"remove"',), path, version)
    return any(action["remove"].get("dataChange", True) for action in removed)


def _actions(content: bytes, kinds: tuple[bytes, ...], path: str, version: int) -> list[dict[str, Any]]:
    """The actions of these kinds in a commit's file.

    Raises:
        LakehouseError: the file is cut, or no commit at all.
    """
    try:
        return [json.loads(line) for line in content.splitlines() if line.startswith(kinds)]
    except ValueError:
        what = f"commit {version} of the table's log is cut or was written over"
        raise LakehouseError(what, path, "run 'lakehouse doctor': it names what to do") from None


def _recorded(info: dict[str, Any]) -> dict[str, Any]:
    try:
        recorded = json.loads(info.get("userMetadata") or "{}")
    except json.JSONDecodeError:  # someone else's commit may say anything there
        return {}
    return recorded if isinstance(recorded, dict) else {}


def commits(path: str) -> Iterator[Commit]:
    """Commits from the newest down, read one by one as they are asked for."""
    for version in reversed(versions(path)):
        yield commit(path, version)


def table_id(path: str) -> str | None:
    """The id that Delta gave the table when it was made: one made again has another. None without a first commit."""
    system, inner = file_system(path)
    try:
        with system.open_input_stream(f"{inner}/_delta_log/{0:020d}.json") as stream:
            lines = stream.read().splitlines()
    except FileNotFoundError:
        return None
    return next((str(json.loads(line)["metaData"]["id"]) for line in lines if line.startswith(b'{"metaData"')), None)


def made_again(done: Commit, place: Callable[[str], str]) -> list[str]:
    """The inputs of a publish that are other tables now, made again since: their versions count from nothing.

    Args:
        done: its commit, with the version of each input, and the ids (which earlier versions of ours did not record).
        place: where a table is.
    """
    others = []
    ids: dict[str, str] = done.recorded.get("input_ids", {})
    read = {table: version for table, version in done.recorded.get("inputs", {}).items() if version is not None}
    for table, version in read.items():
        newest, known = latest_version(place(table)), table_id(place(table))
        if newest is not None and (newest < version or (known and table in ids and known != ids[table])):
            others.append(table)
    return others


def last_publish(path: str, up_to: int | None = None) -> Commit | None:
    """The newest commit (at or before a version) that `publish` made; compactions in between say nothing."""
    publishes = (c for c in commits(path) if (up_to is None or c.version <= up_to) and "run_date" in c.recorded)
    return next(publishes, None)


def only_appended(path: str, since: int, up_to: int) -> bool:
    """Whether every commit after version `since` added rows and changed none; compactions change none, either."""
    wanted = range(since + 1, up_to + 1)
    commits_between = [commit(path, version) for version in versions(path) if version in wanted]
    return len(commits_between) == len(wanted) and all(
        (c.operation == "WRITE" and c.mode == "Append") or c.operation == "OPTIMIZE" for c in commits_between
    )


def changes_rows(path: str, version: int) -> bool:
    """Whether a commit adds or removes rows; making the table, its checks and properties, and compaction do not."""
    system, inner = file_system(path)
    with system.open_input_stream(f"{inner}/_delta_log/{version:020d}.json") as stream:
        actions = [
            json.loads(line) for line in stream.read().splitlines() if line.startswith((b'{"add"', b'{"remove"'))
        ]
    return any((a.get("add") or a.get("remove") or {}).get("dataChange", True) for a in actions)


def is_rewritten(path: str, since: int, up_to: int) -> bool:
    """Whether a commit after version `since` wrote the table whole, or that cannot be known any more."""
    wanted = range(since + 1, up_to + 1)
    between = [commit(path, version) for version in versions(path) if version in wanted]
    return len(between) < len(wanted) or any(c.operation == "WRITE" and c.mode == "Overwrite" for c in between)


def rows_added(path: str, since: int | None, up_to: int | None) -> int:
    """Rows that append commits added after version `since` (None: from the first), up to a version."""
    wanted = [v for v in versions(path) if (since is None or v > since) and (up_to is None or v <= up_to)]
    return sum(_added(commit(path, version)) for version in wanted)


def _added(done: Commit) -> int:
    if done.operation != "WRITE" or done.mode == EXCHANGE:
        return 0
    # Spark's name, delta-rs's name, and what our own commit says where the files were written before it
    names = (done.metrics.get("numOutputRows"), done.metrics.get("num_added_rows"), done.recorded.get("rows"))
    return int(next((count for count in names if count is not None), 0))


def files_added(path: str, version: int) -> list[str]:
    """Paths of the files with new rows that an append commit added; none for other operations."""
    content = _content(path, version)
    done = _told(content, path, version)
    is_write = done.operation == "WRITE" and done.mode != EXCHANGE  # whose files hold rows of before, too
    added = [action["add"] for action in _actions(content, (b'{"add"',), path, version)]
    return [unquote(add["path"]) for add in added if is_write and add.get("dataChange", True)]


def stored_bytes(path: str, version: int | None) -> int:
    """The size of a version's files."""
    from deltalake import DeltaTable

    actions = pa.table(DeltaTable(path, version=version).get_add_actions(flatten=True))
    return sum(actions.column("size_bytes").to_pylist())


def row_count(path: str, version: int | None) -> int:
    """Rows of a version's files by the log, deleted ones in them included; 0 for files without a count."""
    from deltalake import DeltaTable

    actions = pa.table(DeltaTable(path, version=version).get_add_actions(flatten=True))
    return sum(count or 0 for count in actions.column("num_records").to_pylist())
