"""From which of an export's columns each column of a silver table is made: by the expressions of its targets."""

from collections.abc import Iterator, Mapping
from itertools import chain

from sqlglot import exp

from lakehouse.config.exports import Export, Target
from lakehouse.errors import ConfigError
from lakehouse.sql import expressions

# what the engine fills: where the row came from, what was odd about it, the export's channel and lines
BY_ITSELF = (
    "_export",
    "_source_file",
    "_source_line",
    "_run_date",
    "quality_flags",
    "channel",
    "line_number",
    "line_count",
)
Edges = dict[str, set[str]]  # "silver.orders.order_id" -> what it is made of


def edges(exports: Mapping[str, Export]) -> Edges:
    """What each silver column that an export fills is made of; of nothing where that is a constant, or the engine's."""
    found: Edges = {}
    for name, of in chain.from_iterable(map(_of_export, exports.values())):
        found.setdefault(name, set()).update(of)
    return found


def _of_export(export: Export) -> Iterator[tuple[str, set[str]]]:
    for target in export.targets:
        for name, sql in {**_account(export, target), **target.columns}.items():
            yield f"{target.table}.{name}", set(sources(sql, export, target))
        for name in BY_ITSELF:
            yield f"{target.table}.{name}", set()


def _account(export: Export, target: Target) -> dict[str, str]:
    """The columns that the engine fills from the account rule."""
    account = target.account or export.account
    if account is None:
        return {}
    whole = f"concat({account.channel}, {account.key})" if account.channel else account.key
    return {"account_id": whole, "account_key": account.key}


def sources(sql: str, export: Export, target: Target) -> Iterator[str]:
    """The export's columns that an expression names; other names are the engine's, such as _source_line."""
    known = {name.casefold(): name for name in export.columns}
    try:
        tree = expressions.parse(sql)
    except ConfigError:
        return  # named by another check
    for column in tree.find_all(exp.Column):
        is_element = target.explode is not None and target.explode.as_ in (column.table, column.name)
        name = target.explode.column if is_element and target.explode else column.name
        if name.casefold() in known:
            yield f"bronze.{export.name}.{known[name.casefold()]}"
