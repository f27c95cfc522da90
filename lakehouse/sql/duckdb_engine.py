"""DuckDB as all of the product opens it: in memory, in UTC, with limits, and closed to the world outside.

A query may hold a steward's or a user's own SQL. So no connection reads files but those it is opened for, loads an
extension, sees variables of the program or changes its own limits.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from lakehouse.sql import duckdb_functions
from lakehouse.sql.literal import literal

THREADS = 2
MEMORY = "1GB"  # of one query; what needs more goes through files
CLOSED: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}


@dataclass(frozen=True)
class Limits:
    """What a connection may use.

    Args:
        threads: None for as many as the machine has.
        memory: such as 2GB; None for most of the machine's.
        spill: a folder for what does not fit into memory; "" for none.
        keeps_order: rows without ORDER BY come as they were read; without, large answers take less memory.
    """

    threads: int | None = THREADS
    memory: str | None = MEMORY
    spill: str = ""
    keeps_order: bool = True


KEPT = threading.local()
USUAL = Limits()
ONE_THREAD = Limits(threads=1)
WHOLE_MACHINE = Limits(threads=None, memory=None, keeps_order=False)


def connect(limits: Limits = USUAL, folders: Sequence[str] | None = ()) -> duckdb.DuckDBPyConnection:
    """A database of one's own in memory; close it, or use it in a `with`.

    Args:
        folders: with files that queries may read; None for any file of the machine, where all SQL is ours.
    """
    engine = duckdb.connect(config=CLOSED | _config(limits))
    engine.execute("SET TimeZone = 'UTC'")
    if folders is not None:
        if folders:
            engine.execute(f"SET allowed_directories = {literal(list(folders), 'duckdb')}")
        engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")
    return engine


def kept() -> duckdb.DuckDBPyConnection:
    """This thread's own connection, which reads any file, for SQL of ours alone; take away again what you register.

    To open a connection takes longer than most queries.
    """
    if not hasattr(KEPT, "engine"):
        KEPT.engine = connect(folders=None)
    engine: duckdb.DuckDBPyConnection = KEPT.engine
    return engine


@contextmanager
def with_our_functions(limits: Limits = USUAL) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has Spark's functions, too, under the names that `dialect.translated` gives them."""
    with connect(limits) as engine, duckdb_functions.registered(engine):
        yield engine


def _config(limits: Limits) -> dict[str, Any]:
    chosen = {"threads": limits.threads, "memory_limit": limits.memory, "temp_directory": limits.spill or None}
    return {
        "preserve_insertion_order": limits.keeps_order,
        **{name: value for name, value in chosen.items() if value is not None},
    }
