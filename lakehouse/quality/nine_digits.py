"""Doubles as text with 9 significant digits, as Java's formatter writes "%.8e": halves of the shortest decimal go up.

A text has up to 16 bytes, which are two words of eight, its first byte the lowest of the first. Those of nearly all
numbers are worked out for a whole column at once; only those that a double's own error could round either way are
written one after the other.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lakehouse.quality.xxh64 import Words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
DIGITS = 9
FARTHEST = 290  # exponents beyond may leave what a double can hold on the way
UNSURE = 1e-6  # of the ninth digit: more than multiplying by a power of ten may be off
SCALES = 10.0 ** np.arange(-308, 309)


class Texts(NamedTuple):
    """first, second: the bytes of each text as two words; lengths: how many of the 16 count."""

    first: Words
    second: Words
    lengths: Ints


def written(numbers: Floats) -> Texts:
    """The texts of numbers, NaN and infinite ones included."""
    with np.errstate(all="ignore"):
        mantissa, exponent, is_sure = _rounded(np.abs(numbers))
    texts = _texts(mantissa, exponent, numbers < 0)
    for place in np.flatnonzero(~is_sure):
        text = one(float(numbers[place])).encode()
        texts.first[place], texts.second[place] = (int.from_bytes(part, "little") for part in (text[:8], text[8:]))
        texts.lengths[place] = len(text)
    return texts


def _rounded(size: Floats) -> tuple[Ints, Ints, Flags]:
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
    mantissa = np.where(is_zero, 0.0, np.where(is_next, 10.0 ** (DIGITS - 1), whole))
    return mantissa.astype(np.int64), np.where(is_zero, 0, exponent + is_next), is_sure


def _scaled(size: Floats, exponent: Ints) -> Floats:
    """Times a power of ten, one that a double has exactly if any, so that nine digits stand before the point."""
    power = DIGITS - 1 - exponent
    scales = SCALES[308 + np.abs(power)]
    scaled: Floats = np.where(power >= 0, size * scales, size / scales)
    return scaled


def _words(texts: list[str]) -> Words:
    return np.array([int.from_bytes(text.encode(), "little") for text in texts], np.uint64)


LEADING = _words([f"{n // 100}.{n // 10 % 10}{n % 10}" for n in range(1000)])
FOLLOWING = _words([f"{n:03d}" for n in range(1000)])
EXPONENTS = _words([f"e{'-' if n < 0 else '+'}{abs(n):02d}" for n in range(-308, 309)])


def _texts(mantissa: Ints, exponent: Ints, is_negative: Flags) -> Texts:
    """[-]d.dddddddde[+-]dd[d], three digits at a time from tables."""
    rest, last = np.divmod(mantissa, 1000)
    ending, powers = FOLLOWING[last], EXPONENTS[308 + exponent]
    first = LEADING[rest // 1000] | FOLLOWING[rest % 1000] << np.uint64(32) | ending << np.uint64(56)
    second = ending >> np.uint64(8) | powers << np.uint64(16)
    shifted = second << np.uint64(8) | first >> np.uint64(56)
    first = np.where(is_negative, first << np.uint64(8) | np.uint64(ord("-")), first)
    lengths = 14 + is_negative.astype(np.int64) + (np.abs(exponent) > 99)
    return Texts(first, np.where(is_negative, shifted, second), lengths)


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
