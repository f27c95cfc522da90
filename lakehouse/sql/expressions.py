"""SQL expressions in conf: our macros, made into plain Spark SQL, and the keyed hash of personal account keys."""

import functools

import sqlglot
from pyspark.sql import Column
from pyspark.sql import functions as F
from sqlglot import exp

from lakehouse.errors import ConfigError
from lakehouse.spark.hidden import hidden
from lakehouse.sql import allowed
from lakehouse.sql.macros import MACROS, cents_of_text


@functools.lru_cache(maxsize=4096)
def expand(sql: str) -> str:
    """Replace our macros (cents, clean, number ...) in a Spark SQL expression.

    Raises:
        ConfigError: the text is no single expression.
    """
    tree = parse(sql)
    return tree.transform(_macro).sql(dialect="spark") if any(name in sql.lower() for name in MACROS) else sql


def parse(sql: str) -> exp.Expr:
    """One read-only expression over values.

    Raises:
        ConfigError: it is a query, a statement, several of them, or calls what reaches beyond its row or group.
    """
    try:
        statements = sqlglot.parse(f"SELECT {sql}\nAS one_value", read="spark")  # a comment ends with its line
    except sqlglot.errors.ParseError as error:
        raise ConfigError(f"this is no SQL expression: {sql}", "", "correct it") from error
    tree = statements[0] if len(statements) == 1 else None
    if (
        not isinstance(tree, exp.Select)
        or len(tree.expressions) != 1
        or tree.expressions[0].alias != "one_value"
        or any(tree.args.get(k) for k in ("from", "from_", "where", "joins"))
    ):
        raise ConfigError(f"only one read-only SQL expression is allowed: {sql}", "", "write one expression")
    expression: exp.Expr = tree.expressions[0].this
    allowed.check(sql, expression)
    return expression


def _macro(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() in MACROS:
        name, (first, *others) = node.name.lower(), [argument.transform(_macro) for argument in node.expressions]
        written = MACROS[name].sql
        if name == "cents" and not others and _is_text(node.expressions[0]):
            written = cents_of_text
        return sqlglot.parse_one(written(first.sql(dialect="spark"), *(other.name for other in others)), read="spark")
    return node


def _is_text(argument: exp.Expr) -> bool:
    """Whether an amount is a column's text as it stands: what is computed, cast or rewritten says its own form."""
    while isinstance(argument, (exp.Paren, exp.Trim)):
        argument = argument.this
    return isinstance(argument, (exp.Column, exp.Dot))


AMOUNTS = ("total_cents", "total_original_cents")


def strict(sql: str) -> str:
    """An aggregate of amounts whose sums are NULL where one of the summed amounts is: a total of a part is no total.

    Args:
        sql: Spark SQL without our macros.
    """
    tree = parse(sql)
    return tree.transform(_strict_sum).sql(dialect="spark") if tree.find(exp.Sum) else sql


def _strict_sum(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Sum) and not isinstance(node.this, exp.Distinct):
        amount = node.this.sql(dialect="spark")
        made = f"CASE WHEN COUNT(*) = COUNT({amount}) THEN SUM({amount}) END"
        return sqlglot.parse_one(made, read="spark")
    return node


def columns_of(sql: str) -> set[str]:
    """The column names that an expression uses."""
    return {column.name for column in parse(sql).find_all(exp.Column)}


def account_id(channel: Column, key: Column, personal: bool, secret: str) -> Column:
    """`<channel>:<key>`, or a keyed hash in place of a key that is personal itself; NULL for a missing key.

    The hash is sha-256 over secret and key, cut to 32 hexadecimal digits: 128 bits, so no two keys meet.
    """
    trimmed = F.trim(key.cast("string"))
    shown = F.substring(F.sha2(F.concat(hidden(secret), trimmed), 256), 1, 32) if personal else trimmed
    return F.when(F.length(trimmed) > 0, F.concat(channel, F.lit(":"), shown))


PICKING = (exp.Max, exp.Min, exp.First, exp.AnyValue)


def named(sql: str) -> str | None:
    """What an aggregate picks a group's name from (`max(clean(name))`: `clean(name)`); None for anything else.

    Args:
        sql: Spark SQL without our macros.
    """
    tree = parse(sql)
    is_mode = isinstance(tree, (exp.Anonymous, exp.Func)) and tree.sql(dialect="spark").upper().startswith("MODE(")
    if isinstance(tree, PICKING):
        return str(tree.this.sql(dialect="spark"))
    if is_mode:
        inner = tree.expressions[0] if isinstance(tree, exp.Anonymous) else tree.this
        return str(inner.sql(dialect="spark"))
    return None
