"""Doubles as text with 9 significant digits, as Java's formatter writes "%.8e": halves of the shortest decimal go up.

The digits of nearly all numbers are worked out for a whole column at once; only those that a double's own error could
round either way are written one after the other.
"""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
WIDTH = 16  # bytes of the longest text: -1.23456789e-100
DIGITS = 9
FARTHEST = 290  # exponents beyond may leave what a double can hold on the way
UNSURE = 1e-6  # of the ninth digit: more than multiplying by a power of ten may be off
SCALES = 10.0 ** np.arange(-308, 309)
TENS = 10 ** np.arange(DIGITS - 1, -1, -1, dtype=np.uint32)


def nine_digits(values: pa.Array) -> pa.Array:
    """Doubles as text; NULL stays NULL."""
    data, lengths = written(values.to_numpy(zero_copy_only=False))
    texts = [row[:length].tobytes().decode() for row, length in zip(data, lengths, strict=True)]
    return pa.array(texts, pa.string(), mask=np.asarray(values.is_null()))


def written(numbers: Floats) -> tuple[Bytes, NDArray[np.int64]]:
    """The texts as rows of WIDTH bytes, and how many of them count."""
    size = np.abs(numbers)
    with np.errstate(all="ignore"):
        mantissa, exponent, is_sure = _rounded(size)
    data = np.zeros((len(numbers), WIDTH), np.uint8)
    is_negative = numbers < 0
    _write(data, mantissa, exponent, is_negative)
    lengths = np.where(is_negative, 15, 14)
    lengths += np.abs(exponent) > 99
    for place in np.flatnonzero(~is_sure):
        text = one(float(numbers[place])).encode()
        data[place, : len(text)] = np.frombuffer(text, np.uint8)
        lengths[place] = len(text)
    return data, lengths


def _rounded(size: Floats) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.bool_]]:
    """Nine digits as a whole number, the first one's exponent, and whether both are beyond doubt."""
    is_zero = size == 0
    is_usual = (size > 10.0**-FARTHEST) & (size < 10.0**FARTHEST)
    safe = np.where(is_usual, size, 1.0)
    exponent = np.floor(np.log10(safe)).astype(np.int64)
    scaled = _scaled(safe, exponent)
    exponent += (scaled >= 10.0**DIGITS).astype(np.int64) - (scaled < 10.0 ** (DIGITS - 1))
    scaled = _scaled(safe, exponent)
    whole = np.rint(scaled)
    is_sure = is_zero | (is_usual & (np.abs(np.abs(scaled - whole) - 0.5) > UNSURE))
    is_next = whole >= 10.0**DIGITS
    mantissa = np.where(is_next, 10.0 ** (DIGITS - 1), whole)
    exponent = np.where(is_zero, 0, exponent + is_next)
    return np.where(is_zero, 0, mantissa).astype(np.uint32), exponent, is_sure


def _scaled(size: Floats, exponent: NDArray[np.int64]) -> Floats:
    """Times a power of ten, one that a double has exactly if any, so that nine digits stand before the point."""
    power = DIGITS - 1 - exponent
    scales = SCALES[308 + np.abs(power)]
    scaled: Floats = np.where(power >= 0, size * scales, size / scales)
    return scaled


def _write(
    data: Bytes, mantissa: NDArray[np.uint32], exponent: NDArray[np.int64], is_negative: NDArray[np.bool_]
) -> None:
    """[-]d.dddddddde[+-]dd[d] into the rows."""
    text = np.zeros((len(data), WIDTH + 1), np.uint8)
    for place, ten in enumerate(TENS):
        text[:, 1 + place + (place > 0)] = mantissa // ten % np.uint32(10) + ord("0")
    power = np.abs(exponent).astype(np.uint32)
    text[:, 0], text[:, 2], text[:, 11] = ord("-"), ord("."), ord("e")
    text[:, 12] = np.where(exponent < 0, ord("-"), ord("+"))
    is_long = power > 99
    tens = np.where(is_long, power // 100, power // 10)
    ones = np.where(is_long, power // 10 % 10, power % 10)
    text[:, 13], text[:, 14], text[:, 15] = tens + ord("0"), ones + ord("0"), power % 10 + ord("0")
    data[:] = np.where(is_negative[:, None], text[:, :WIDTH], text[:, 1:])


def one(number: float) -> str:
    """One number's text. C takes the exact binary value, Java the shortest decimal one: they differ in its halves."""
    if np.isnan(number):
        return "NaN"
    if np.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    shortest = Decimal(repr(number + 0.0))  # -0.0 is 0.0
    if not shortest:
        return f"{0.0:.8e}"
    place = Decimal((0, (1,), shortest.adjusted() - DIGITS + 1))
    is_half = abs(shortest / place % 1) == Decimal("0.5")
    return f"{float(shortest.quantize(place, ROUND_HALF_UP)) if is_half else number:.8e}"
