"""Checks of one Spark SQL expression: it parses, and its columns and functions exist."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlglot import exp

from lakehouse.config.findings import Findings, nearest
from lakehouse.errors import ConfigError
from lakehouse.sql import expressions
from lakehouse.sql.macros import MACROS

AGGREGATES = {
    "bool_and",
    "bool_or",
    "every",
    "some",
    "count_if",
    "first_value",
    "last_value",
    "mode",
    "median",
    "max_by",
    "min_by",
    "any_value",
    "listagg",
    "string_agg",
    "try_sum",
    "try_avg",
    "array_agg",
    "most_frequent",
}
# Spark SQL functions that pyspark has under another name, or not at all
ALSO_SPARK = {
    "int",
    "bigint",
    "double",
    "float",
    "decimal",
    "string",
    "boolean",
    "date",
    "timestamp",
    "named_struct",
    "array",
    "map",
    "struct",
    "exists",
    "json_array_length",
    "if",
    "nvl2",
    "cardinality",
    "sha",
    "sha1",
    "binary",
    "smallint",
    "tinyint",
    "ceiling",
    "std",
    "some",
    "first_value",
    "last_value",
}
FALLIBLE = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL", "DATE", "TIMESTAMP", "BOOLEAN")
TEXT_STEPS = (exp.Paren, exp.Trim, exp.Nullif, exp.Lower, exp.Upper)


@dataclass(frozen=True)
class Scope:
    """Names an expression may use: columns, structs with their fields, and the keys of a grouping target."""

    columns: Collection[str]
    structs: Mapping[str, Collection[str]] = field(default_factory=dict)
    keys: Collection[str] | None = None  # SQL of the group keys; None: the target does not group


def check_expression(sql: str, scope: Scope, where: str, findings: Findings) -> None:
    """Add what is wrong with the expression."""
    try:
        tree = expressions.parse(sql)
    except ConfigError as error:
        findings.error(where, error.what, error.remedy)
        return
    known = {name.casefold() for name in scope.columns} | {name.casefold() for name in scope.structs}
    for column in tree.find_all(exp.Column):
        _column(column, scope, known, where, findings)
    _functions(tree, where, findings)
    _casts(tree, where, findings)
    if scope.keys is not None:
        _grouped(tree, scope.keys, where, findings)


def _column(column: exp.Column, scope: Scope, known: set[str], where: str, findings: Findings) -> None:
    if column.table:
        fields = next((f for name, f in scope.structs.items() if name.casefold() == column.table.casefold()), None)
        if fields is None:
            findings.error(
                where,
                f"there is no '{column.table}' to take '{column.name}' from",
                nearest(column.table, [*scope.structs, *scope.columns]),
            )
        elif column.name.casefold() not in {name.casefold() for name in fields}:
            findings.error(where, f"'{column.table}' has no field '{column.name}'", nearest(column.name, fields))
    elif column.name.casefold() not in known:
        remedy = nearest(column.name, [*scope.columns, *scope.structs])
        findings.error(where, f"there is no column '{column.name}'", remedy)


@cache
def functions() -> frozenset[str]:
    """Names of Spark's SQL functions, as far as pyspark tells, and our macros."""
    from pyspark.sql.functions import builtin

    return frozenset(name.lower() for name in dir(builtin)) | ALSO_SPARK | set(MACROS)


def _functions(tree: exp.Expr, where: str, findings: Findings) -> None:
    for call in tree.find_all(exp.Anonymous):
        name = call.name.lower()
        if name not in functions():
            findings.error(where, f"Spark has no function '{name}'", nearest(name, functions()))
        elif name in MACROS and (fault := MACROS[name].fault(call.expressions)):
            findings.error(where, f"{name}(): {fault}", f"write {MACROS[name].form}")


def _casts(tree: exp.Expr, where: str, findings: Findings) -> None:
    """A plain CAST of an export's text ends the night at the first value that does not fit."""
    for cast in tree.find_all(exp.Cast, exp.TryCast):
        inner = cast.this
        while isinstance(inner, TEXT_STEPS):
            inner = inner.this
        target = cast.to.sql(dialect="spark").upper()
        if isinstance(inner, exp.Column) and not cast.args.get("safe") and target.startswith(FALLIBLE):
            findings.warning(
                where,
                f"a value of '{inner.name}' that is no {target} would end the night here",
                f"write try_cast({inner.sql(dialect='spark')} AS {target})",
            )


def _grouped(tree: exp.Expr, keys: Collection[str], where: str, findings: Findings) -> None:
    """In a grouping target a column is a group key or inside an aggregate."""
    same = {_plain(key) for key in keys}
    for column in tree.find_all(exp.Column):
        node: exp.Expr | None = column
        while node is not None and _plain(node.sql(dialect="spark")) not in same and not _is_aggregate(node):
            node = node.parent if node is not tree else None
        if node is None:
            name = column.sql(dialect="spark")
            remedy = f"write an aggregate such as min({name}), or add it to group_by"
            findings.error(where, f"'{column.name}' has several values in a group", remedy)


def _plain(sql: str) -> str:
    return sql.replace("`", "").replace(" ", "").casefold()


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, exp.AggFunc) or (isinstance(node, exp.Anonymous) and node.name.lower() in AGGREGATES)
