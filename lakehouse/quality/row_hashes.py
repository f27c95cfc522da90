"""Spark's xxhash64 of rows, over Arrow tables: the same numbers without a JVM.

A row's hash begins at 42 and takes one column after the other, each hashed with what came before as its seed; NULL
leaves it as it is. Whole numbers count as 32 or 64 bits, dates as days, instants as microseconds, decimals of up to 18
digits as their unscaled number, texts as UTF-8.

Source: XXH64 by Yann Collet (the published specification); Apache Spark's functions page for `xxhash64`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakehouse.quality import nine_digits, row_json, xxh64
from lakehouse.quality.xxh64 import Bytes, Words

SEED = 42
NULL = int.from_bytes(b"null", "little")
SHORT = pa.types.is_int8, pa.types.is_int16, pa.types.is_int32, pa.types.is_date32


def row_hashes(rows: pa.Table) -> NDArray[np.int64] | None:
    """One 64-bit hash per row, as Spark's xxhash64 over all columns; None where a column's type is not known here.

    Floating columns count as text with 9 significant digits, lists and maps as JSON, as the gate takes them.
    """
    hashes = np.full(rows.num_rows, SEED, np.uint64)
    with np.errstate(over="ignore"):
        for column in rows.columns:
            hashed = _column(column.combine_chunks(), hashes)
            if hashed is None:
                return None
            hashes = hashed
    return hashes.view(np.int64)


def total(hashes: NDArray[np.int64]) -> int:
    """The sum of hashes, which does not fit into 64 bits."""
    high, low = hashes >> 32, hashes & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())


def _column(values: pa.Array, seeds: Words) -> Words | None:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    is_nested = pa.types.is_list(values.type) or pa.types.is_map(values.type)
    if is_nested and (values := row_json.of_nested(values)) is None:
        return None
    if pa.types.is_floating(values.type):
        return _of_doubles(values.cast(pa.float64()), seeds)
    known = np.asarray(pc.is_valid(values))
    hashed = _hashed(values.drop_null(), seeds[known])
    if hashed is None:
        return None
    hashes = seeds.copy()
    hashes[known] = hashed
    return hashes


def _hashed(values: pa.Array, seeds: Words) -> Words | None:
    """Hashes of values that are all known."""
    kind = values.type
    if pa.types.is_boolean(kind):
        return xxh64.of_ints(values.cast(pa.int8()).to_numpy().astype(np.int64), seeds)
    if any(is_short(kind) for is_short in SHORT):
        return xxh64.of_ints(values.cast(pa.int32()).to_numpy().astype(np.int64), seeds)
    if pa.types.is_int64(kind):
        return xxh64.of_longs(values.to_numpy(), seeds)
    if pa.types.is_timestamp(kind):
        return xxh64.of_longs(values.cast(pa.timestamp("us", kind.tz)).cast(pa.int64()).to_numpy(), seeds)
    if pa.types.is_decimal128(kind) and kind.precision <= 18:
        return xxh64.of_longs(_unscaled(values), seeds)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_texts(values, seeds)
    return None


def _unscaled(values: pa.Array) -> NDArray[np.int64]:
    """A decimal is 16 bytes, lowest first; up to 18 digits fit into the lower 8."""
    words = np.frombuffer(values.buffers()[1], np.int64)
    return words[2 * values.offset : 2 * (values.offset + len(values)) : 2]


def _of_doubles(values: pa.Array, seeds: Words) -> Words:
    """By their texts; NULL counts as the word that Java's formatter makes of it."""
    texts = nine_digits.written(values.fill_null(0.0).to_numpy())
    if values.null_count:
        unknown = np.asarray(values.is_null())
        texts.first[unknown], texts.second[unknown], texts.lengths[unknown] = NULL, 0, len("null")
    return xxh64.of_two_words(*texts, seeds)


def _of_texts(texts: pa.Array, seeds: Words) -> Words:
    encoded = texts.cast(pa.large_binary())
    offsets = np.frombuffer(encoded.buffers()[1], np.int64)[encoded.offset : encoded.offset + len(encoded) + 1]
    data: Bytes = np.frombuffer(encoded.buffers()[2] or b"", np.uint8)
    return xxh64.of_bytes(data, offsets[:-1], np.diff(offsets), seeds)
