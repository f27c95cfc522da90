"""Functions of Spark's that DuckDB lacks or has otherwise, in Python: each is registered as spark_<name>."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import duckdb
from duckdb import PythonExceptionHandling
from duckdb.func import FunctionNullHandling

from lakehouse.sql import spark_dates

EPOCH = datetime(1970, 1, 1)


def _written(moment: datetime, pattern: str) -> str:
    return spark_dates.formatted(moment, pattern or "yyyy-MM-dd HH:mm:ss")


def _seconds(text: str, pattern: str) -> int | None:
    instant = spark_dates.timestamp(text, pattern or "yyyy-MM-dd HH:mm:ss")
    return int((instant - EPOCH).total_seconds()) if instant else None


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
def registered(engine: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within the block a connection has all of FUNCTIONS; what does not fit is NULL, as in Spark's try_ functions."""
    for name, (function, arguments, result) in FUNCTIONS.items():
        engine.create_function(
            f"spark_{name}",
            _null_for_null(function),
            [*arguments],
            result,
            null_handling=FunctionNullHandling.SPECIAL,
            exception_handling=PythonExceptionHandling.RETURN_NULL,
        )
    yield
    for name in FUNCTIONS:
        engine.remove_function(f"spark_{name}")
