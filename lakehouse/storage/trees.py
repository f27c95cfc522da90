"""Folders of a lake as a whole: what lies in them, moved or removed, on this machine or in an object store.

A folder of this machine moves in one step. In an object store each object moves by itself, those of a table's log
first and the oldest of them first of all: whoever is stopped in between leaves no table, or one that is known to be
damaged, never one that looks like an earlier version of itself.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import cast

from lakehouse.storage.objects import Status
from lakehouse.storage.paths import RemotePath, below
from lakehouse.storage.places import is_remote

LOG = "_delta_log/"


def statuses(folder: Path) -> dict[str, Status | os.stat_result]:
    """Each file below a folder, however deep, by its path from there; {} where there is no folder."""
    if is_remote(str(folder)):
        return dict(cast(RemotePath, folder).statuses())
    found: dict[str, Status | os.stat_result] = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # somebody works there
            if path.is_file():
                found[path.relative_to(folder).as_posix()] = path.stat()
    return found


def sizes(folder: Path) -> dict[str, int]:
    """The same with the bytes of each alone."""
    return {name: status.st_size for name, status in statuses(folder).items()}


def fetch(place: Path, file: Path) -> None:
    """Copy a file of a lake to this machine; on a disk with the time at which it was changed."""
    if is_remote(str(place)):
        cast(RemotePath, place).copy_out(file)
    else:
        shutil.copy2(place, file)


def upload(folder: Path, place: Path, without: str) -> None:
    """Put a table's folder of this machine into an object store, where none of its name is.

    Of the log the newest comes first and the beginning last: one cut short is no table.

    Args:
        without: a file that stays.
    """
    data, log = (sorted(n for n in statuses(folder) if n.startswith(LOG) is of_log) for of_log in (False, True))
    for name in (*data, *reversed(log)):
        if name != without:
            put(folder / name, below(str(place), name))


def put(file: Path, place: Path) -> None:
    """Put a file of this machine into an object store."""
    cast(RemotePath, place).copy_in(file)


def move(folder: Path, to: Path) -> None:
    """Give a folder another place in the same lake."""
    if not is_remote(str(folder)):
        to.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(to)
        return
    for name in sorted(sizes(folder), key=lambda name: (not name.startswith(LOG), name)):
        below(str(folder), name).replace(below(str(to), name))


def remove(folder: Path) -> None:
    """Take a folder away, if it is there."""
    if not is_remote(str(folder)):
        shutil.rmtree(folder, ignore_errors=True)
        return
    for name in sizes(folder):
        below(str(folder), name).unlink(missing_ok=True)
