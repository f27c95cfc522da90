"""Spark SQL expressions in DuckDB's dialect, with functions of our own where the two engines differ."""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import duckdb
import sqlglot
from duckdb import PythonExceptionHandling
from duckdb.func import FunctionNullHandling
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from lakehouse.contracts.contract import spark_type, split_top
from lakehouse.sql import expressions, spark_dates

EPOCH = datetime(1970, 1, 1)


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


def _written(moment: datetime, pattern: str) -> str:
    return spark_dates.formatted(moment, pattern or "yyyy-MM-dd HH:mm:ss")


def _seconds(text: str, pattern: str) -> int | None:
    found = spark_dates.timestamp(text, pattern or "yyyy-MM-dd HH:mm:ss")
    return int((found - EPOCH).total_seconds()) if found else None


def _from_seconds(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def _substring_index(text: str, mark: str, count: int) -> str:
    parts = text.split(mark)
    return mark.join(parts[:count] if count > 0 else parts[count:] if count < 0 else [])


Function = tuple[Callable[..., Any], list[str], str]
FUNCTIONS: dict[str, Function] = {  # Spark's name -> what it does, DuckDB types of its arguments and result
    "try_to_timestamp": (spark_dates.timestamp, ["VARCHAR", "VARCHAR"], "TIMESTAMP"),
    "to_timestamp": (spark_dates.timestamp, ["VARCHAR", "VARCHAR"], "TIMESTAMP"),
    "try_to_date": (spark_dates.day, ["VARCHAR", "VARCHAR"], "DATE"),
    "to_date": (spark_dates.day, ["VARCHAR", "VARCHAR"], "DATE"),
    "date_format": (_written, ["TIMESTAMP", "VARCHAR"], "VARCHAR"),
    "from_unixtime": (lambda s, p: _written(_from_seconds(s), p), ["DOUBLE", "VARCHAR"], "VARCHAR"),
    "unix_timestamp": (_seconds, ["VARCHAR", "VARCHAR"], "BIGINT"),
    "timestamp_seconds": (_from_seconds, ["DOUBLE"], "TIMESTAMP"),
    "timestamp_millis": (lambda ms: _from_seconds(ms / 1000), ["DOUBLE"], "TIMESTAMP"),
    "to_utc_timestamp": (spark_dates.to_utc, ["TIMESTAMP", "VARCHAR"], "TIMESTAMP"),
    "from_utc_timestamp": (spark_dates.from_utc, ["TIMESTAMP", "VARCHAR"], "TIMESTAMP"),
    "substring_index": (_substring_index, ["VARCHAR", "VARCHAR", "INTEGER"], "VARCHAR"),
}
OPTIONAL_PATTERN = ("try_to_timestamp", "to_timestamp", "try_to_date", "to_date", "from_unixtime", "unix_timestamp")
CASTS = {"date": "to_date", "timestamp": "to_timestamp"}


def _null_for_null(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)  # DuckDB reads the signature
    def call(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return call


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory with FUNCTIONS registered as spark_<name>."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        for name, (function, arguments, result) in FUNCTIONS.items():
            opened.create_function(
                f"spark_{name}",
                _null_for_null(function),
                [*arguments],
                result,
                null_handling=FunctionNullHandling.SPECIAL,
                exception_handling=PythonExceptionHandling.RETURN_NULL,
            )
        yield opened
        for name in FUNCTIONS:
            opened.remove_function(f"spark_{name}")


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
    return tree.expressions[0].this


def _replaced(node: exp.Expr, names: dict[str, str]) -> exp.Expr:
    if isinstance(node, exp.Column) and not node.table and node.name in names:
        return exp.Paren(this=_parsed(names[node.name]))
    return node


def _ours(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() in (*FUNCTIONS, *CASTS):
        name = CASTS.get(node.name.lower(), node.name.lower())
        return _call(name, [*node.expressions, *_pattern(name, len(node.expressions))])
    if isinstance(node, exp.Mode) and node.args.get("deterministic"):
        value = node.this.transform(_ours)
        return exp.Anonymous(
            this="mode", expressions=[exp.Order(this=value, expressions=[exp.Ordered(this=value.copy())])]
        )
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
