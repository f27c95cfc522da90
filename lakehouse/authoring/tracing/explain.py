"""`lakehouse explain TABLE.COLUMN --key K`: the value, and the way back from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lakehouse.authoring.lineage import kept
from lakehouse.authoring.tracing import commits
from lakehouse.authoring.tracing.rows import Rows
from lakehouse.authoring.tracing.walk import Step, Walk
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.errors import ConfigError
from lakehouse.lake.reader import Reader
from lakehouse.runs import graph as jobs_graph
from lakehouse.sql import duckdb_engine, duckdb_functions
from lakehouse.sql.duckdb_engine import Limits

LIMITS = Limits(keeps_order=False)


@dataclass(frozen=True)
class Explanation:
    """A value and where it comes from.

    Args:
        column: the one that is asked about.
        key: the key's columns and the values that were asked for.
        held_since: the publish since which the value is what it is.
        is_older: it may be older than that: no version before can be read.
        failed: the expectations that failed when the value was published, of so many `checked`.
    """

    column: str
    key: tuple[tuple[str, str], ...]
    first: Step
    held_since: commits.Publish
    is_older: bool
    checked: int
    failed: tuple[str, ...]

    @property
    def maker(self) -> str:
        """The job's module, and the settings that it reads."""
        return maker(self.first.table)


def maker(table: str) -> str:
    """The job's file, and the settings that it reads."""
    job = next((one for one in jobs_graph.jobs() if table in one.writes), None)
    if job is None:
        return ""
    settings = " and ".join(f"conf/{name}.yaml" for name in job.conf)
    return f"{job.module.replace('.', '/')}.py{f' with {settings}' if settings else ''}"


def explain(conf: Conf, name: str, keys: Sequence[str], as_of: date | None = None) -> Explanation:
    """Follow one value back.

    Args:
        name: TABLE.COLUMN.
        keys: a value of the key, or COLUMN=VALUE for each part of one.
        as_of: the night whose versions are read; None for the newest.

    Raises:
        ConfigError: there is no such table, column, night or row.
    """
    contracts = Contracts(conf)
    contract, column = _asked(contracts, name)
    key = key_of(contract, keys)
    root = conf.profile.path(conf.profile.lake)
    reader = Reader(root, as_of)
    version = reader.version(contract.table, reader.versions())
    graph = kept.known(conf).graph
    with duckdb_engine.connect(LIMITS, [root]) as engine, duckdb_functions.registered(engine):
        rows = Rows(root, contracts, engine)
        found = rows.with_key(contract.table, version, key)
        if not found.num_rows:
            raise ConfigError(f"{contract.table} has no row of this key", "--key", _example(contract, rows, version))
        first = Walk(conf, graph, rows).back(contract.table, column, version, found)
        since, is_known = commits.held_since(
            root, contract.table, version, lambda v: rows.with_key(contract.table, v, key), column
        )
    checked, failed = commits.checks(root, contract.table, first.publish.run_id)
    held = commits.publish_of(root, contract.table, since)
    return Explanation(column, key, first, held, not is_known, checked, tuple(failed))


def _asked(contracts: Contracts, name: str) -> tuple[Contract, str]:
    table, _, column = name.rpartition(".")
    if table not in contracts or not table.partition(".")[2]:
        raise ConfigError(f"there is no table '{table or name}'", "explain", nearest(table or name, contracts))
    columns = [one.name for one in contracts[table].columns]
    if column not in columns:
        raise ConfigError(f"{table} has no column '{column}'", "explain", nearest(column, columns))
    return contracts[table], column


def key_of(contract: Contract, given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The key's columns and the values asked for; a value alone is that of the first part that is not named.

    Raises:
        ConfigError: no value is given, one too many, or of a column that there is not.
    """
    names = [column.name for column in contract.columns]
    key: dict[str, str] = {}
    for one in given:
        column, sign, value = one.partition("=")
        if not (sign and column in names):
            column, value = next((name for name in contract.key if name not in key), ""), one
        if not column:
            raise ConfigError("more values than the key has columns", "--key", f"the key is {', '.join(contract.key)}")
        key[column] = value
    if not key:
        raise ConfigError("which row is meant?", "--key", f"the key of {contract.table} is {', '.join(contract.key)}")
    return tuple(key.items())


def _example(contract: Contract, rows: Rows, version: int) -> str:
    """What a row of the table could be asked for by; a personal key is not shown."""
    if set(contract.key) & set(contract.personal) or not rows.count(contract.table, version):
        return f"its key is {', '.join(contract.key)}"
    return f"its key is {', '.join(contract.key)}; 'lakehouse sql' lists rows"
