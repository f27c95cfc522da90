"""Parquet values to text, in the forms that SQL reads back."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def as_text(column: pa.Array) -> pa.Array:
    """A column of any type as text: instants as `2017-01-01 11:53:26`, nested values as JSON, NULL as NULL."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_nested(kind):
        return _each(column, lambda value: json.dumps(value, ensure_ascii=False, default=str))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _each(column, lambda value: value.decode("utf-8", "backslashreplace"))
    return pc.cast(column, pa.string())


def _each(column: pa.Array, text: Callable[[Any], str]) -> pa.Array:
    """Value by value, for the rare types that Arrow cannot turn into text."""
    return pa.array([None if value is None else text(value) for value in column.to_pylist()], pa.string())


def _instants(column: pa.Array) -> pa.Array:
    """Whole seconds without a fraction; finer than a microsecond is cut, since SQL has no more."""
    zone = column.type.tz
    try:
        exact = pc.cast(column, pa.timestamp("s", zone))
    except pa.ArrowInvalid:
        exact = pc.cast(column, pa.timestamp("us", zone), safe=False)
    return pc.cast(exact, pa.string())
