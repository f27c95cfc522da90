"""SQL expressions in conf: our macros, made into plain Spark SQL, and the keyed hash of personal account keys."""

import functools

import sqlglot
from pyspark.sql import Column
from pyspark.sql import functions as F
from sqlglot import exp

from lakehouse.errors import ConfigError
from lakehouse.sql.macros import MACROS


@functools.lru_cache(maxsize=4096)
def expand(sql: str) -> str:
    """Replace our macros (cents, clean, number ...) in a Spark SQL expression.

    Raises:
        ConfigError: the text is no single expression.
    """
    tree = parse(sql)
    return tree.transform(_macro).sql(dialect="spark") if any(name in sql for name in MACROS) else sql


def parse(sql: str) -> exp.Expr:
    """One read-only expression; a query, a statement or several of them are refused."""
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
    return tree.expressions[0].this


def _macro(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() in MACROS:
        first, *others = [argument.transform(_macro) for argument in node.expressions]
        sql = MACROS[node.name.lower()].sql(first.sql(dialect="spark"), *(other.name for other in others))
        return sqlglot.parse_one(sql, read="spark")
    return node


def columns_of(sql: str) -> set[str]:
    """The column names that an expression uses."""
    return {column.name for column in parse(sql).find_all(exp.Column)}


def account_id(channel: Column, key: Column, personal: bool, secret: str) -> Column:
    """`<channel>:<key>`, or a keyed hash in place of a key that is personal itself; NULL for a missing key.

    The hash is sha-256 over secret and key, cut to 32 hexadecimal digits: 128 bits, so no two keys meet.
    """
    trimmed = F.trim(key.cast("string"))
    shown = F.substring(F.sha2(F.concat(F.lit(secret), trimmed), 256), 1, 32) if personal else trimmed
    return F.when(F.length(trimmed) > 0, F.concat(channel, F.lit(":"), shown))
