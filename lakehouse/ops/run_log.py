"""One run of a night or a part of it, and the rows about it that it will append to the ops tables."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lakehouse.contracts.contract import Contract
from lakehouse.delta.log import table_path
from lakehouse.ops import tables


@dataclass
class Run:
    """One run, and the buffered rows it will write to the ops tables."""

    run_id: str
    run_date: date
    buffers: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    lock: threading.Lock = field(default_factory=threading.Lock)
    watchers: list[Callable[[str, list[dict[str, Any]]], None]] = field(default_factory=list)  # told of rows at once

    def record(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Buffer rows for an ops table; jobs that run side by side may call it at once."""
        with self.lock:
            self.buffers[table].extend(rows)
        for watcher in self.watchers:
            watcher(table, rows)

    def flush(self, root: str, contracts: Mapping[str, Contract], *names: str) -> None:
        """Append the buffered rows of these ops tables (all where none is named), one commit each."""
        with self.lock:
            for table in names or tuple(self.buffers):
                if rows := self.buffers.pop(table, []):
                    tables.append(table_path(root, table), contracts[table], rows, self.run_id)


@dataclass(frozen=True)
class Base:
    """What a replay starts from: tables of the true lake at fixed versions, read in place and never written.

    Args:
        versions: table -> the version that the night before left, or that was given to the night.
        published: table -> the version that the night itself published: what it was told from outside stands there.
    """

    root: str
    versions: dict[str, int]
    published: dict[str, int] = field(default_factory=dict)
