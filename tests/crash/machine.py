"""What a machine does to a process: no room, no right to write, a store that somebody else holds."""

import ctypes
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: by these root writes where nobody may
VERSION_3 = 0x20080522  # of the kernel's capability structures


@contextmanager
def small_disk(folder: Path, room_bytes: int) -> Iterator[bool]:
    """A folder on a disk of its own with so much room left; False, and nothing done, where nobody may mount one.

    What lies in the folder is copied onto it, and back when it has grown to its usual size.
    """
    held = folder.with_name(f"{folder.name}.held")
    size = sum(path.stat().st_size + 4096 for path in folder.rglob("*") if path.exists()) + room_bytes
    folder.rename(held)
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if is_mounted:
        shutil.copytree(held, folder, dirs_exist_ok=True)
    try:
        yield is_mounted
    finally:
        if is_mounted:
            shutil.rmtree(held)
            shutil.copytree(folder, held)
            subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
        held.rename(folder)


def obey_file_modes() -> None:
    """Let root be refused as anybody else is; where this is not root, nothing is to be done."""
    if os.geteuid():
        return
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.capget(header, data) == 0
    for capability in OVERRIDES:
        data[0] &= ~(1 << capability)  # what is in force; threads that are started later inherit it
    assert libc.capset(header, data) == 0, os.strerror(ctypes.get_errno())


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nobody may write."""
    every = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in every}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """A SQLite database in which somebody else writes."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        with suppress(sqlite3.Error):
            other.execute("ROLLBACK")
        other.close()


@contextmanager
def absent(file: Path) -> Iterator[None]:
    """A file that is not there, and a folder in its place, so that nobody makes a new one."""
    aside = file.with_name(f"{file.name}.aside")
    file.rename(aside)
    file.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(file, ignore_errors=True)
        aside.replace(file)
