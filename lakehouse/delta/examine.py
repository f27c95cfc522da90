"""What is wrong with a Delta table, found without reading its rows.

A log is whole when its commits follow one another from the first, or from a checkpoint that can be read, to the
newest (Delta protocol), and every file that the newest version names lies there with the size that was recorded. On a
disk each also begins and ends as a Parquet file does; an object store writes an object whole or not at all.
"""

import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from lakehouse.storage import trees
from lakehouse.storage.paths import below
from lakehouse.storage.places import is_remote

COMMIT = re.compile(r"(\d{20})\.json")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\..*parquet")
POINTER = "_last_checkpoint"
MAGIC, FOOTER = b"PAR1", 8  # of Parquet files: both ends; bytes of the footer's length and the end


def faults(path: str, published: int | None = None) -> list[str]:
    """Every fault of a table, in words; [] where it is whole.

    Args:
        path: its folder.
        published: the version that the last night published; a log that ends before it lost commits.
    """
    log = below(path, "_delta_log")
    if not log.is_dir():
        return ["its folder is gone" if not below(path).exists() else "its log is gone"]
    of_log = [*_log_faults(log, published)]
    return of_log or [*_file_faults(path)]


def pointer_fault(path: str) -> str:
    """What is wrong with the pointer to the newest checkpoint; "" where it is right, or there is none."""
    pointer = below(path, "_delta_log", POINTER)
    if not pointer.is_file():
        return ""
    try:
        version = int(json.loads(pointer.read_text(encoding="utf-8"))["version"])
    except (ValueError, TypeError, KeyError):
        return f"{POINTER} cannot be read"
    known = _numbers(pointer.parent, CHECKPOINT)
    return "" if version in known else f"{POINTER} names checkpoint {version}, which is not there"


def active_files(path: str) -> dict[str, int]:
    """The data files of the newest version: path below the table -> size in bytes."""
    actions = pa.table(DeltaTable(path).get_add_actions(flatten=True))
    names = [unquote(name) for name in actions.column("path").to_pylist()]
    return dict(zip(names, actions.column("size_bytes").to_pylist(), strict=True))


def _log_faults(log: Path, published: int | None) -> Iterator[str]:
    commits = _numbers(log, COMMIT)
    if not commits:
        yield "its log has no commit"
        return
    checkpoints = _numbers(log, CHECKPOINT)
    readable = [number for number in checkpoints if _is_readable(log, number)]
    yield from (f"checkpoint {number} cannot be read" for number in checkpoints if number not in readable)
    if pointer := pointer_fault(str(log.parent)):
        yield pointer
    newest = commits[-1]
    if missing := sorted(set(range(commits[0], newest + 1)) - set(commits)):
        yield f"commit {missing[0]} is missing"
    if commits[0] > 0 and not any(commits[0] - 1 <= number <= newest for number in readable):
        yield f"the commits before {commits[0]} are missing, and no checkpoint stands for them"
    yield from (f"commit {number} is cut or empty" for number in commits if not _is_whole(log / f"{number:020d}.json"))
    if published is not None and newest < published:
        yield f"its newest commits are gone: version {published} was published, {newest} is the newest"


def _numbers(log: Path, form: re.Pattern[str]) -> list[int]:
    return sorted({int(match[1]) for entry in log.iterdir() if (match := form.fullmatch(entry.name))})


def _is_readable(log: Path, checkpoint: int) -> bool:
    parts = [entry for entry in log.iterdir() if entry.name.startswith(f"{checkpoint:020d}.checkpoint")]
    try:
        return all(pq.read_table(io.BytesIO(part.read_bytes())).num_rows > 0 for part in parts)
    except (OSError, pa.ArrowException):
        return False


def _is_whole(commit: Path) -> bool:
    lines = commit.read_bytes().splitlines()
    try:
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines if line.strip())
    except ValueError:
        return False


def _file_faults(path: str) -> Iterator[str]:
    try:
        files = active_files(path)
    except Exception as error:  # noqa: BLE001 delta-rs raises its own kinds for a log it cannot read
        yield f"its log cannot be read ({type(error).__name__})"
        return
    there = _there(path, files)
    missing = [name for name in files if name not in there]
    cut = [name for name, size in files.items() if there.get(name, size) != size]
    whole = [] if is_remote(path) else [name for name, size in files.items() if there.get(name) == size]
    torn = [name for name in whole if not _is_parquet(Path(path, name))]
    if missing:
        yield f"{len(missing)} of {len(files)} data files are missing"
    if cut:
        yield f"{len(cut)} of {len(files)} data files have another size than was written"
    if torn:
        yield f"{len(torn)} of {len(files)} data files are no Parquet files any more"


def _there(path: str, names: Iterable[str]) -> dict[str, int]:
    """Those of a table's files that are there, with their sizes."""
    if is_remote(path):
        return trees.sizes(below(path))
    every = {name: Path(path, name) for name in names}  # a shallow clone names files of another table
    return {name: file.stat().st_size for name, file in every.items() if file.exists()}


def lost(path: str, names: Iterable[str]) -> list[str]:
    """Those of a table's files that are not there."""
    wanted = list(names)
    there = _there(path, wanted)
    return [name for name in wanted if name not in there]


def _is_parquet(path: Path) -> bool:
    """Whether a file begins and ends as Parquet files do, and has room for the footer that it names."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - FOOTER, 0))
        tail = file.read()
    return head == MAGIC and tail[4:] == MAGIC and int.from_bytes(tail[:4], "little") <= size - FOOTER
