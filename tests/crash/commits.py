"""Every commit to a Delta table that a process makes, with something done before or after it."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import deltalake
from deltalake.table import TableAlterer, TableMerger, TableOptimizer

from lakehouse.delta import rs_tables, spark_writer, staged
from lakehouse.lake import append_lines
from lakehouse.ops import tables as ops_tables

BEFORE, AFTER = "before", "after"
PLACED = "_placed"  # of files written first: each comes to its table
NAMED_BY_LOG = ("commit", "exchange")  # then all are named, beside the table's others or in place of some
Hook = Callable[[str, str], None]  # told the commit's name and the side on which it stands
NAMED = (rs_tables, ops_tables, append_lines)  # modules that know `write_deltalake` by its name
OF_CLASSES = (
    (deltalake.DeltaTable, "delete"),
    (TableAlterer, "add_constraint"),
    (TableAlterer, "drop_constraint"),
    (TableMerger, "execute"),
    (TableOptimizer, "compact"),
)


class Watch:
    """Calls a hook on both sides of each commit; the n-th commit of a kind to a table has a name of its own."""

    def __init__(self, hook: Hook) -> None:
        self.hook, self.seen, self.lock = hook, Counter[str](), threading.Lock()

    def install(self) -> None:
        """Wrap what makes commits, in this process."""
        for module in NAMED:
            self._wrap(module, "write_deltalake", lambda path, *_, **__: str(path))
        for owner, name in OF_CLASSES:
            self._wrap(owner, name, _place_of)
        for name in ("ensure_table", "write", "add_checks", "drop_checks"):
            self._wrap(spark_writer, name, lambda _spark, path, *_, **__: str(path))
        self._wrap(spark_writer, "append_lines", lambda path, *_, **__: str(path))
        self._wrap(staged, PLACED, lambda _file, table, *_, **__: str(table))
        for name in NAMED_BY_LOG:
            self._wrap(staged, name, lambda path, *_, **__: str(path))
        made = deltalake.DeltaTable.create

        def create(path: Any, *arguments: Any, **named: Any) -> Any:
            return self._around(f"{_table(str(path))} create", lambda: made(path, *arguments, **named))

        deltalake.DeltaTable.create = create  # type: ignore[method-assign]

    def _wrap(self, owner: Any, name: str, place: Callable[..., str]) -> None:
        original = getattr(owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            label = f"{_table(place(*arguments, **named))} {name}"
            return self._around(label, lambda: original(*arguments, **named))

        setattr(owner, name, call)

    def _around(self, label: str, commit: Callable[[], Any]) -> Any:
        with self.lock:
            self.seen[label] += 1
            number = self.seen[label]
        name = label if number == 1 else f"{label} {number}"
        self.hook(name, BEFORE)
        done = commit()
        self.hook(name, AFTER)
        return done


def is_of_files(name: str) -> bool:
    """Whether this is a commit of files that were written before it, or the step by which one comes to its table."""
    return name.split()[1] in (PLACED, *NAMED_BY_LOG)


def is_commit(name: str) -> bool:
    """Whether something is committed there, rather than moved."""
    return name.split()[1] != PLACED


def _place_of(owner: Any, *_: Any, **__: Any) -> str:
    table = getattr(owner, "table", None) or getattr(owner, "_table", None) or owner
    uri = table.table_uri
    return str(uri() if callable(uri) else uri)


def _table(path: str) -> str:
    layer, name = path.rstrip("/").split("/")[-2:]
    return f"{layer}.{name}"
