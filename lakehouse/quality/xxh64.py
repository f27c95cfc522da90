"""XXH64 of many values at once, each with a seed of its own: numbers of 4 and 8 bytes, and bytes of any length.

Source: XXH64 by Yann Collet (the published specification).
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

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
STRIPE = 32
BLOCK = 8192  # values at once
SHORT_LENGTHS = 1 << 16  # numpy sorts numbers of 16 bits by counting them


def of_ints(values: NDArray[np.int64], seeds: Words) -> Words:
    """Hashes of numbers of 32 bits."""
    return _in_blocks(_of_ints, values.view(np.uint64), seeds)


def of_longs(values: NDArray[np.int64], seeds: Words) -> Words:
    """Hashes of numbers of 64 bits."""
    return _in_blocks(_of_longs, values.view(np.uint64), seeds)


def _in_blocks(hashed: Callable[[Words, Words], Words], values: Words, seeds: Words) -> Words:
    """Block by block: what a step makes stays near the processor for the next one."""
    hashes = np.empty(len(values), np.uint64)
    for first in range(0, len(values), BLOCK):
        block = slice(first, first + BLOCK)
        hashes[block] = hashed(values[block], seeds[block])
    return hashes


def _of_ints(values: Words, seeds: Words) -> Words:
    words = seeds + P5 + np.uint64(4)
    return _mixed(_with_four(words, values & np.uint64(0xFFFFFFFF)))


def _of_longs(values: Words, seeds: Words) -> Words:
    return _mixed(_with_eight(seeds + P5 + np.uint64(8), values))


def of_bytes(data: Bytes, starts: Places, lengths: Places, seeds: Words) -> Words:
    """Hashes of pieces of one buffer: where each begins and how many bytes it has."""
    hashes = np.empty(len(starts), np.uint64)
    for length, alike in _of_equal_length(lengths):
        hashes[alike] = _of_pieces(data, starts[alike], length, seeds[alike])
    return hashes


def of_two_words(first: Words, second: Words, lengths: Places, seeds: Words) -> Words:
    """Hashes of texts of up to 16 bytes, each given as two words, its first byte the lowest of the first."""
    hashes = np.empty(len(first), np.uint64)
    for begin in range(0, len(first), BLOCK):
        block = slice(begin, begin + BLOCK)
        for length in np.flatnonzero(np.bincount(lengths[block], minlength=1)):
            alike = begin + np.flatnonzero(lengths[block] == length)
            hashes[alike] = _of_words(first[alike], second[alike], int(length), seeds[alike])
    return hashes


def _of_words(first: Words, second: Words, length: int, seeds: Words) -> Words:
    words, rest = seeds + P5 + np.uint64(length), first
    if length >= 8:
        words, rest = _with_eight(words, first), second
    if length == 16:
        return _mixed(_with_eight(words, second))
    left = length % 8
    if left >= 4:
        words, rest, left = _with_four(words, rest & np.uint64(0xFFFFFFFF)), rest >> np.uint64(32), left - 4
    for place in range(left):
        words = _with_one(words, rest >> np.uint64(8 * place) & np.uint64(0xFF))
    return _mixed(words)


def _of_equal_length(lengths: Places) -> Iterator[tuple[int, Places]]:
    """Each length with the places that have it."""
    if not len(lengths):
        return
    keys = lengths.astype(np.uint16) if lengths.max() < SHORT_LENGTHS else lengths
    order = np.argsort(keys, kind="stable")
    ordered = lengths[order]
    ends = np.r_[np.flatnonzero(np.diff(ordered)) + 1, len(order)]
    for first, last in zip(np.r_[0, ends[:-1]], ends, strict=True):
        yield int(ordered[first]), order[first:last]


def _of_pieces(data: Bytes, starts: Places, length: int, seeds: Words) -> Words:
    at = length // STRIPE * STRIPE
    words = _stripes(data, starts, at, seeds) if at else seeds + P5
    words = words + np.uint64(length)
    while at + 8 <= length:
        words = _with_eight(words, _read(data, starts + at, np.uint64))
        at += 8
    if at + 4 <= length:
        words = _with_four(words, _read(data, starts + at, np.uint32))
        at += 4
    for place in range(at, length):
        words = _with_one(words, data[starts + place].astype(np.uint64))
    return _mixed(words)


def _with_eight(words: Words, value: Words) -> Words:
    return _rotated(words ^ _rotated(value * P2, 31) * P1, 27) * P1 + P4


def _with_four(words: Words, value: Words) -> Words:
    return _rotated(words ^ value * P1, 23) * P2 + P3


def _with_one(words: Words, value: Words) -> Words:
    return _rotated(words ^ value * P5, 11) * P1


def _stripes(data: Bytes, starts: Places, until: int, seeds: Words) -> Words:
    lanes: list[Words] = [seeds + P1 + P2, seeds + P2, seeds.copy(), seeds - P1]
    for at in range(0, until, STRIPE):
        for lane in range(4):
            lanes[lane] = _rotated(lanes[lane] + _read(data, starts + at + 8 * lane, np.uint64) * P2, 31) * P1
    words: Words = _rotated(lanes[0], 1) + _rotated(lanes[1], 7) + _rotated(lanes[2], 12) + _rotated(lanes[3], 18)
    for numbers in lanes:
        words = (words ^ (_rotated(numbers * P2, 31) * P1)) * P1 + P4
    return words


def _read(data: Bytes, places: Places, kind: type[np.uint64] | type[np.uint32]) -> Words:
    """Little-endian numbers that begin anywhere: a view of the bytes in which each begins one byte on."""
    size = np.dtype(kind).itemsize
    everywhere: NDArray[np.uint64] = np.ndarray((len(data) - size + 1,), kind, data.data, strides=(1,))
    return everywhere[places].astype(np.uint64)


def _rotated(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def _mixed(words: Words) -> Words:
    words = (words ^ (words >> np.uint64(33))) * P2
    words = (words ^ (words >> np.uint64(29))) * P3
    return words ^ (words >> np.uint64(32))
