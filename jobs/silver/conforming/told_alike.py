"""Lines that say the same of a thing, counted before they are grouped: a product is told by every sale of it.

Millions of lines tell a few thousand products, with few ways to write each. Where a target's columns are the highest or
lowest of what lines say, or the name that most of them say, lines that are equal in all that it reads are one line that
counts many times. What else a group may ask of its lines (sums, firsts) needs each of them.
"""

from collections.abc import Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.config.exports import Export, Target
from lakehouse.sql import allowed, expressions
from lakehouse.sql.literal import identifier
from lakehouse.sql.zones import is_name

LINES = "_alike"  # how many lines are one
SAFE = {"max", "min"}  # the same over lines that repeat
LOWEST = ("_source_line", "_item", "_version")
OF_LINE = ("_source_file", "_file_id", "_run_date", "_rule", "_apart")


def columns_read(
    export: Export, target: Target, names: dict[str, str], kept: Collection[str], zone: str = "UTC"
) -> tuple[str, ...] | None:
    """The export's columns that a target reads; None where lines that are alike may not be taken together.

    Args:
        names: target column -> what a line says of the name; these columns are counted, not aggregated.
        kept: the table's columns; an account, say, is read only where the table keeps one.
        zone: of times without an offset: a name, or the column or expression that gives it per line.
    """
    if target.explode or not target.group_by or not names:
        return None
    given = {name: expressions.expand(sql) for name, sql in target.columns.items() if name not in names}
    if any((set(allowed.calls(sql)) & allowed.AGGREGATES) - SAFE for sql in given.values()):
        return None
    every = [*given.values(), *names.values(), *_engine_reads(export, target, kept, zone), *target.group_by]
    known = {name.lower(): name for name in export.columns}
    plain = {known[sql.lower()] for sql in every if sql.lower() in known}
    read = {column for sql in every if sql.lower() not in known for column in expressions.columns_of(sql)}
    return None if read & set(LOWEST) else tuple(sorted(plain | read))


def _engine_reads(export: Export, target: Target, kept: Collection[str], zone: str) -> list[str]:
    """What the engine itself reads of a line: the account rule, the version, the zone."""
    account = target.account or export.account
    of_account = [account.key, account.channel] if account and "account_id" in kept else []
    of_version = [export.version] if {"version_number", "updated_at", "recorded_at"} & set(kept) else []
    return [sql for sql in (*of_account, *of_version, None if is_name(zone) else zone) if sql]


def counted(lines: DataFrame, columns: tuple[str, ...]) -> DataFrame:
    """One row for all lines that are equal in the columns, the lowest of their numbers on it.

    Args:
        lines: with OF_LINE's columns; broken lines stay single by `_apart`.

    Returns:
        the columns, OF_LINE's, `_source_line`, `_item`, `_version`, and LINES.
    """
    same = {name.lower(): name for name in (*columns, *OF_LINE)}
    lowest = [F.min(name).alias(name) for name in LOWEST]
    return lines.groupBy(*[F.col(identifier(name)) for name in same.values()]).agg(
        *lowest, F.count(F.lit(1)).alias(LINES)
    )
