"""Spark's xxhash64 of rows, over Arrow tables: the same numbers without a JVM.

A row's hash begins at 42 and takes one column after the other, each hashed with what came before as its seed; NULL
leaves it as it is. Whole numbers count as 32 or 64 bits, dates as days, instants as microseconds, decimals of up to 18
digits as their unscaled number, texts as UTF-8.

Source: XXH64 by Yann Collet (the published specification); Apache Spark's functions page for `xxhash64`.
"""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakehouse.quality import row_json

Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

P1, P2, P3, P4, P5 = (
    np.uint64(prime)
    for prime in (
        0x9E3779B185EBCA87,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
    )
)
SEED = 42
STRIPE = 32
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
        values = nine_digits(values.cast(pa.float64())).fill_null("null")  # what the formatter makes of it
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
        return _of_ints(values.cast(pa.int8()).to_numpy().astype(np.int64), seeds)
    if any(is_short(kind) for is_short in SHORT):
        return _of_ints(values.cast(pa.int32()).to_numpy().astype(np.int64), seeds)
    if pa.types.is_int64(kind):
        return _of_longs(values.to_numpy(), seeds)
    if pa.types.is_timestamp(kind):
        return _of_longs(values.cast(pa.timestamp("us", kind.tz)).cast(pa.int64()).to_numpy(), seeds)
    if pa.types.is_decimal128(kind) and kind.precision <= 18:
        return _of_longs(_unscaled(values), seeds)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_texts(values, seeds)
    return None


def _unscaled(values: pa.Array) -> NDArray[np.int64]:
    """A decimal is 16 bytes, lowest first; up to 18 digits fit into the lower 8."""
    words = np.frombuffer(values.buffers()[1], np.int64)
    return words[2 * values.offset : 2 * (values.offset + len(values)) : 2]


def nine_digits(values: pa.Array) -> pa.Array:
    """Doubles as text with 9 significant digits, halves away from zero as Java's formatter rounds them."""
    numbers = values.to_numpy(zero_copy_only=False) + 0.0  # -0.0 is 0.0
    different, back = np.unique(numbers, return_inverse=True)
    texts = np.char.mod("%.8e", different).astype(object)
    shortest = pc.cast(pa.array(different), pa.string())
    digits = pc.replace_substring_regex(pc.replace_substring_regex(shortest, "[eE].*$", ""), r"^[-0.]+|\.", "")
    digits = pc.replace_substring_regex(digits, "0+$", "")
    halves = np.asarray(pc.and_(pc.equal(pc.utf8_length(digits), 10), pc.ends_with(digits, "5")))
    for place in np.flatnonzero(halves):  # few: C takes the exact binary value, Java the shortest decimal one
        texts[place] = _half_up(Decimal(repr(float(different[place]))))
    texts[np.isnan(different)] = "NaN"
    texts[np.isposinf(different)], texts[np.isneginf(different)] = "Infinity", "-Infinity"
    return pa.array(texts[back], pa.string(), mask=np.asarray(pc.is_null(values)))


def _half_up(number: Decimal) -> str:
    place = Decimal((0, (1,), number.adjusted() - 8))
    return f"{float(number.quantize(place, ROUND_HALF_UP)):.8e}"


def _rotated(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def _mixed(words: Words) -> Words:
    words = (words ^ (words >> np.uint64(33))) * P2
    words = (words ^ (words >> np.uint64(29))) * P3
    return words ^ (words >> np.uint64(32))


def _of_ints(values: NDArray[np.int64], seeds: Words) -> Words:
    words = seeds + P5 + np.uint64(4)
    words ^= (values.astype(np.uint64) & np.uint64(0xFFFFFFFF)) * P1
    return _mixed(_rotated(words, 23) * P2 + P3)


def _of_longs(values: NDArray[np.int64], seeds: Words) -> Words:
    words = seeds + P5 + np.uint64(8)
    words ^= _rotated(values.astype(np.uint64) * P2, 31) * P1
    return _mixed(_rotated(words, 27) * P1 + P4)


def _of_texts(texts: pa.Array, seeds: Words) -> Words:
    """Texts of equal length at once: each length is one matrix of bytes."""
    encoded = texts.cast(pa.large_binary())
    offsets = np.frombuffer(encoded.buffers()[1], np.int64)[encoded.offset : encoded.offset + len(encoded) + 1]
    data = np.frombuffer(encoded.buffers()[2] or b"", np.uint8)
    lengths = np.diff(offsets)
    hashes = np.empty(len(texts), np.uint64)
    for length in np.unique(lengths):
        alike = np.flatnonzero(lengths == length)
        places = offsets[alike][:, None] + np.arange(length)
        hashes[alike] = _of_bytes(np.ascontiguousarray(data[places]), seeds[alike])
    return hashes


def _of_bytes(data: Bytes, seeds: Words) -> Words:
    """XXH64 of each row of a matrix of bytes."""
    length = data.shape[1]
    at = length // STRIPE * STRIPE
    words = _stripes(data[:, :at], seeds) if at else seeds + P5
    words = words + np.uint64(length)
    while at + 8 <= length:
        words ^= _rotated(_read(data, at, 8) * P2, 31) * P1
        words = _rotated(words, 27) * P1 + P4
        at += 8
    if at + 4 <= length:
        words ^= _read(data, at, 4) * P1
        words = _rotated(words, 23) * P2 + P3
        at += 4
    for place in range(at, length):
        words ^= data[:, place].astype(np.uint64) * P5
        words = _rotated(words, 11) * P1
    return _mixed(words)


def _stripes(data: Bytes, seeds: Words) -> Words:
    lanes: list[Words] = [seeds + P1 + P2, seeds + P2, seeds.copy(), seeds - P1]
    for at in range(0, data.shape[1], STRIPE):
        for lane in range(4):
            lanes[lane] = _rotated(lanes[lane] + _read(data, at + 8 * lane, 8) * P2, 31) * P1
    words: Words = _rotated(lanes[0], 1) + _rotated(lanes[1], 7) + _rotated(lanes[2], 12) + _rotated(lanes[3], 18)
    for numbers in lanes:
        words = (words ^ (_rotated(numbers * P2, 31) * P1)) * P1 + P4
    return words


def _read(data: Bytes, at: int, size: int) -> Words:
    """Little-endian numbers of 4 or 8 bytes, one per row."""
    part = np.ascontiguousarray(data[:, at : at + size])
    return part.view(np.uint32 if size == 4 else np.uint64)[:, 0].astype(np.uint64)
