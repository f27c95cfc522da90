"""Lines that say the same of a thing, taken together before they are grouped.

Millions of lines tell a few thousand products, with few ways to write each; the lines of an order differ in what is
summed, and repeat its day and customer. Lines that are equal in all that a target takes the highest or lowest of, or
counts the names of, become one that knows how many they are and what they sum to. The first step has numbers alone to
keep for each group, which Spark does in place; texts, which it would sort all lines for, are few when it comes to them.
What else a group may ask of its lines (firsts, distinct ones, shares) needs each of them.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import sqlglot
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from sqlglot import exp

from lakehouse.config.exports import Export, Target
from lakehouse.errors import ConfigError
from lakehouse.sql import allowed, expressions
from lakehouse.sql.literal import identifier
from lakehouse.sql.zones import is_name

LINES = "_alike"  # how many lines are one
IN_PARTS = {"max", "min", "sum", "count"}  # what comes out the same when lines are taken together first
WHOLE = (exp.Distinct, exp.Filter, exp.Window)  # what needs each line, whatever it is said of
LOWEST = ("_source_line", "_item", "_version")
OF_LINE = ("_source_file", "_file_id", "_run_date", "_rule", "_apart")


@dataclass
class Alike:
    """How lines are taken together.

    Args:
        columns: of the export, equal in lines that become one.
        sums: name -> SQL of an aggregate over lines that become one.
        written: target column -> its expression over what they have become.
    """

    columns: set[str] = field(default_factory=set)
    sums: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def takes(self, name: str, sql: str) -> bool:
        """Add a target's column, Spark SQL without our macros; False where it needs each line."""
        try:
            tree = expressions.parse(sql)
        except ConfigError:  # Spark has the last word on what it can read
            return False
        if (set(allowed.calls(sql)) & allowed.AGGREGATES) - IN_PARTS or tree.find(*WHOLE):
            return False
        changed = tree.transform(self._in_parts)
        self.written[name] = sql if changed == tree else changed.sql(dialect="spark")
        self.columns |= {column.name for column in changed.find_all(exp.Column)} - self.sums.keys() - {LINES}
        return True

    def of_types(self, lines: DataFrame) -> "Alike":
        """With each sum of sums in the type of the sum itself: a sum of decimals has ten places more than they have.

        Args:
            lines: whatever they hold, for their columns' types.
        """
        sums = lines.agg(*[F.expr(sql).alias(name) for name, sql in self.sums.items()]).schema if self.sums else ()
        types = {kept.name: kept.dataType.simpleString() for kept in sums}
        typed = {
            name: re.sub(r"SUM\((_part_\d+)\)", lambda m: f"CAST(SUM({m[1]}) AS {types[m[1]]})", sql)
            for name, sql in self.written.items()
        }
        return replace(self, written=typed)

    def _in_parts(self, node: exp.Expr) -> exp.Expr:
        """A sum or count of lines as the sum of what the lines that became one sum to."""
        if not isinstance(node, (exp.Sum, exp.Count)):
            return node
        is_all = isinstance(node, exp.Count) and isinstance(node.this, (exp.Star, exp.Literal))
        name = LINES if is_all else f"_part_{len(self.sums)}"
        if not is_all:
            self.sums[name] = node.sql(dialect="spark")
        return sqlglot.parse_one(f"sum({name})", read="spark")


def alike(
    export: Export,
    target: Target,
    written: Mapping[str, str],
    names: Mapping[str, str],
    kept: Collection[str],
    zone: str = "UTC",
) -> Alike | None:
    """How a target's lines are taken together; None where it needs each of them.

    Args:
        written: target column -> Spark SQL without our macros.
        names: target column -> what a line says of the name; these columns are counted, not aggregated.
        kept: the table's columns; an account, say, is read only where the table keeps one.
        zone: of times without an offset: a name, or the column or expression that gives it per line.
    """
    if target.explode or not target.group_by:
        return None
    made = Alike()
    if not all(made.takes(name, sql) for name, sql in written.items() if name not in names):
        return None
    known = {name.lower(): name for name in export.columns}
    for sql in (*names.values(), *_engine_reads(export, target, kept, zone), *target.group_by):
        made.columns |= {known[sql.lower()]} if sql.lower() in known else expressions.columns_of(sql)
    return made if {name.lower() for name in made.columns} <= {*known, *OF_LINE} else None


def _engine_reads(export: Export, target: Target, kept: Collection[str], zone: str) -> list[str]:
    """What the engine itself reads of a line: the account rule, the version, the zone."""
    account = target.account or export.account
    of_account = [account.key, account.channel] if account and "account_id" in kept else []
    of_version = [export.version] if {"version_number", "updated_at", "recorded_at"} & set(kept) else []
    return [sql for sql in (*of_account, *of_version, None if is_name(zone) else zone) if sql]


def together(lines: DataFrame, how: Alike, also: Mapping[str, Column]) -> DataFrame:
    """One row for all lines that are equal in the columns, the lowest of their numbers on it.

    Args:
        lines: with OF_LINE's columns; broken lines stay single by `_apart`.
        also: further aggregates over lines that become one.

    Returns:
        the columns, OF_LINE's, `_source_line`, `_item`, `_version`, LINES, the sums and what was asked for besides.
    """
    same = {name.lower(): name for name in (*sorted(how.columns), *OF_LINE)}
    lowest = [F.min(name).alias(name) for name in LOWEST]
    sums = [F.expr(sql).alias(name) for name, sql in how.sums.items()]
    others = [column.alias(name) for name, column in also.items()]
    return lines.groupBy(*[F.col(identifier(name)) for name in same.values()]).agg(
        *lowest, *sums, *others, F.count(F.lit(1)).alias(LINES)
    )
