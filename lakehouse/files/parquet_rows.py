"""Parquet values to text, in the forms that SQL reads back."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MOST_BYTES = 64 << 20  # of text made at once
MOST_VALUE_BYTES = 32 << 20  # of one row's values


class TooLargeError(Exception):
    """A row whose values take more than any export's: a bomb."""


def texts(schema: pa.Schema) -> list[str]:
    """Columns of text, which are read as the file keeps them: a value that stands in many rows is there once."""
    kinds = (pa.types.is_string, pa.types.is_binary)
    return [field.name for field in schema if any(kind(field.type) for kind in kinds)]


def in_pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in pieces whose text takes a bounded number of bytes, whatever the file says.

    Raises:
        TooLargeError: one row alone takes too much.
    """
    sizes = np.zeros(batch.num_rows)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            lengths = pc.fill_null(pc.take(pc.binary_length(column.dictionary), column.indices), 0)
            sizes += lengths.to_numpy(zero_copy_only=False)
    if not batch.num_rows or sizes.sum() <= MOST_BYTES:
        yield batch
        return
    if sizes.max() > MOST_VALUE_BYTES:
        raise TooLargeError
    numbers = (np.cumsum(sizes) // MOST_BYTES).astype(int)
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), batch.num_rows]
    for start, end in pairwise(edges):
        yield batch.slice(start, end - start)


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
