"""Spark's SQL, read once for all: as DuckDB's, as delta-rs's, and what a query names."""

import json
import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from lakehouse.contracts.contract import spark_type, split_top
from lakehouse.errors import ConfigError
from lakehouse.sql import allowed, expressions
from lakehouse.sql.duckdb_functions import CASTS, FUNCTIONS, OPTIONAL_PATTERN

NAME = re.compile(r"\w+\.\w+")


class SparkText(Spark):
    """Spark's dialect with the functions of FUNCTIONS left as they are written."""

    class Parser(Spark.Parser):  # type: ignore[valid-type, misc]
        """Names that sqlglot would turn into another engine's idea of a date."""

        FUNCTIONS = {  # noqa: RUF012 - sqlglot's own form
            name: build
            for name, build in Spark.Parser.FUNCTIONS.items()
            if name.lower()
            not in {
                "to_date",
                "to_timestamp",
                "date_format",
                "unix_timestamp",
                "from_unixtime",
                "to_utc_timestamp",
                "from_utc_timestamp",
                "date",
                "timestamp",
                "timestamp_seconds",
                "timestamp_millis",
                "substring_index",
            }
        }


def in_duckdb(sql: str) -> str:
    """One statement of Spark SQL as DuckDB understands it."""
    return str(sqlglot.parse_one(sql, read="spark").transform(_local_time).sql(dialect="duckdb"))


def _local_time(node: exp.Expr) -> exp.Expr:
    """Spark's from_utc_timestamp: an instant without a zone is UTC's first, which DuckDB must be told."""
    if not isinstance(node, exp.AtTimeZone) or isinstance(node.this, exp.AtTimeZone):
        return node
    instant = exp.AtTimeZone(this=node.this.copy(), zone=exp.Literal.string("UTC"))
    return exp.AtTimeZone(this=instant, zone=node.args["zone"].copy())


def in_delta_rs(tree: exp.Expr) -> str:
    """A `query` over `flat` names as delta-rs's own engine understands it."""
    return flattened(tree).sql(dialect="postgres")


def in_spark(tree: exp.Expr) -> str:
    """A `query` over `flat` names in Spark's words."""
    return flattened(tree).sql(dialect="spark")


def query(text: str) -> exp.Expr:
    """One SELECT in Spark's dialect.

    Raises:
        ConfigError: it is none, or calls what reaches beyond tables and values.
    """
    try:
        tree = sqlglot.parse_one(text, read="spark")
    except sqlglot.errors.ParseError as error:
        raise ConfigError(f"this is not SQL: {error.errors[0]['description']}", "SQL", "correct it") from error
    if not isinstance(tree, exp.Query):
        raise ConfigError("only queries are allowed here", "SQL", "start with SELECT or WITH")
    allowed.check_query(text, tree)
    return tree


def tables_of(tree: exp.Expr) -> list[str]:
    """The `layer.table` names of a query; names of its own WITH parts are no tables."""
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    names = {f"{t.db}.{t.name}" if t.db else t.name for t in tree.find_all(exp.Table)}
    for name in names - own:
        if "." not in name:
            raise ConfigError(f"'{name}' has no layer", "SQL", f"write it as gold.{name} or the like")
        if not NAME.fullmatch(name):
            raise ConfigError(f"'{name}' is no table's name", "SQL", "'lakehouse tables' lists them")
    return sorted(names - own)


def flat(name: str) -> str:
    """A table's name for the engine, which knows no layers."""
    return name.replace(".", "__")


def flattened(tree: exp.Expr) -> exp.Expr:
    """A query over layer.table names as one over `flat` names."""
    return tree.transform(_flattened)


def _flattened(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Table) and node.db:
        alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name))
        return exp.Table(this=exp.to_identifier(flat(f"{node.db}.{node.name}")), alias=alias)
    if isinstance(node, exp.Column) and node.args.get("db"):
        return exp.column(node.name, table=node.table)
    return node


def translated(sql: str, names: dict[str, str] | None = None) -> str:
    """One Spark SQL expression (our macros allowed) as DuckDB SQL.

    Args:
        names: column -> Spark SQL that stands for it, for flags over a target's own columns.

    Raises:
        ValueError: it cannot be parsed or translated.
    """
    tree = _parsed(sql)
    if names:
        tree = tree.transform(lambda node: _replaced(node, names))
    return tree.transform(_ours).sql(dialect="duckdb")


def _parsed(sql: str) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(f"SELECT {expressions.expand(sql)} AS one_value", read=SparkText)
    except sqlglot.errors.ParseError as error:
        raise ValueError("this is no SQL expression") from error
    expression: exp.Expr = tree.expressions[0].this
    return expression


def _replaced(node: exp.Expr, names: dict[str, str]) -> exp.Expr:
    if isinstance(node, exp.Column) and not node.table and node.name in names:
        return exp.Paren(this=_parsed(names[node.name]))
    return node


def _ours(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() in (*FUNCTIONS, *CASTS):
        name = CASTS.get(node.name.lower(), node.name.lower())
        return _call(name, [*node.expressions, *_pattern(name, len(node.expressions))])
    if isinstance(node, exp.Mode) and node.args.get("deterministic"):  # of equals the lowest
        value = node.this.transform(_ours)
        ordered = exp.Order(this=value, expressions=[exp.Ordered(this=value.copy())])
        return exp.Anonymous(this="mode", expressions=[ordered])
    if isinstance(node, (exp.Cast, exp.TryCast)):
        wanted = node.to.sql(dialect="spark").lower().removesuffix("_ntz")
        if wanted in CASTS:
            return _call(CASTS[wanted], [node.this, exp.Literal.string("")])
    if isinstance(node, exp.FromJson) or (isinstance(node, exp.Anonymous) and node.name.lower() == "from_json"):
        return _from_json(node)
    return node


def _pattern(name: str, given: int) -> list[exp.Expr]:
    return [exp.Literal.string("")] if name in OPTIONAL_PATTERN and given == 1 else []


def _call(name: str, arguments: list[exp.Expr]) -> exp.Expr:
    types = FUNCTIONS[name][1]
    inner = [argument.transform(_ours) for argument in arguments]  # sqlglot does not go into what was replaced
    typed = [
        exp.TryCast(this=argument, to=exp.DataType.build(of, dialect="duckdb"))
        for argument, of in zip(inner, types, strict=False)
    ]
    return exp.Anonymous(this=f"spark_{name}", expressions=typed)


def _from_json(node: exp.Expr) -> exp.Expr:
    text, schema = (node.expressions if isinstance(node, exp.Anonymous) else list(node.iter_expressions()))[:2]
    structure = exp.Literal.string(json.dumps(json_structure(schema.name)))
    call = exp.Anonymous(this="from_json", expressions=[text.transform(_ours), structure])
    return exp.Anonymous(this="try", expressions=[call])


def json_structure(schema: str) -> Any:
    """A Spark schema text as DuckDB's JSON structure, e.g. [{"price": "VARCHAR"}].

    Raises:
        ValueError: a type that is not known.
    """
    word = schema.strip()
    inner = word[word.index("<") + 1 : -1] if "<" in word else ""
    if word.upper().startswith("ARRAY<"):
        return [json_structure(inner)]
    if word.upper().startswith("STRUCT<"):
        pairs = [part.strip().replace(":", " ", 1).split(None, 1) for part in split_top(inner)]
        return {name: json_structure(of) for name, of in pairs}
    return duck_type(word)


def duck_type(spark: str) -> str:
    """A Spark SQL type in DuckDB's words."""
    word = spark.strip()
    spark_type(word)  # an unknown type is named by ValueError
    return exp.DataType.build(word, dialect="spark").sql(dialect="duckdb").replace("TIMESTAMPTZ", "TIMESTAMP")
