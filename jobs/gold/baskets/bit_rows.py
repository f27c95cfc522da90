"""Which baskets hold which item, as rows of bits: a basket is one bit, an AND of rows is a popcount away from a count.

Baskets may carry weights (recent ones count more): those of one weight then share words of their own, so that a
word's popcount times its weight is what the word is worth.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.integer]
Floats = NDArray[np.float64]
Counts = NDArray[Any]  # whole numbers, or sums of weights

WORD = 64
BLOCK_BYTES = 1 << 20  # ANDs are made in blocks that stay in the processor's cache
FLAG_BYTES = 1 << 25  # of unpacked flags at a time
WORDS_PER_SUM = 1023  # 1,023 words of 64 bits are the most whose popcounts cannot overflow 16 bits
MASKS = np.array([0x80 >> bit for bit in range(8)], dtype=np.uint8)  # numpy packs the first flag into the highest bit


@dataclass(frozen=True)
class BitRows:
    """bits[i] are the baskets with items[i], counts[i] what they are worth; weights: of each word, None for 1."""

    items: Ints
    counts: Counts
    bits: Bits
    weights: Floats | None = None


@dataclass(frozen=True)
class Places:
    """Where baskets lie among the bits: place[basket], and the weight of each word where they have any."""

    place: Ints
    words: int
    weights: Floats | None


def bit_rows(
    basket_of: Ints, item_of: Ints, basket_count: int, min_count: float, weight_of: Floats | None = None
) -> BitRows:
    """One bit row per item in baskets worth at least `min_count`, rarest first: rare prefixes have few extensions.

    Args:
        basket_of: basket number of each line, in any order.
        item_of: item number of each line, 0 or more; an item twice in a basket counts once.
        weight_of: weight of each basket, 0 or more; None: each counts 1.
    """
    by_line = None if weight_of is None else weight_of[basket_of]
    worth = np.bincount(item_of, weights=by_line)  # of lines: at least that of baskets
    items = np.flatnonzero(worth >= min_count)
    row_of = np.full(len(worth), -1, dtype=np.int32)
    row_of[items] = np.arange(len(items))
    places = placed(basket_count, weight_of)
    bits = scattered(places.place[basket_of], row_of[item_of], len(items), places.words)
    counts = popcounts(bits, places.weights)
    order = np.lexsort((items, counts))
    order = order[counts[order] >= min_count]
    return BitRows(items[order], counts[order], bits[order], places.weights)


def placed(basket_count: int, weight_of: Floats | None) -> Places:
    """Baskets in their order; with weights those of one weight together, beginning at a word."""
    if weight_of is None:
        return Places(np.arange(basket_count), words(basket_count), None)
    weights, group, sizes = np.unique(weight_of, return_inverse=True, return_counts=True)
    return aligned(group, sizes, weights)


def aligned(group: Ints, sizes: Ints, weights: Floats) -> Places:
    """A place for each member of a group, every group in words of its own."""
    taken = -(-sizes // WORD)
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), dtype=np.int64)
    begins = (np.cumsum(taken) - taken) * WORD - (np.cumsum(sizes) - sizes)
    place[order] = np.arange(len(group)) + np.repeat(begins, sizes)
    return Places(place, int(taken.sum()), np.repeat(weights, taken))


def scattered(place: Ints, row: Ints, row_count: int, word_count: int) -> Bits:
    """Set one bit per line (row -1: none), some words at a time: flags are eight times as large as bits."""
    kept = row >= 0
    place, row = place[kept], row[kept]
    if np.any(place[1:] < place[:-1]):
        order = np.argsort(place, kind="stable")
        place, row = place[order], row[order]
    bits = np.zeros((row_count, word_count), dtype=np.uint64)
    step = max(1, FLAG_BYTES // (WORD * max(row_count, 1)))
    for start in range(0, word_count, step):
        end = min(start + step, word_count)
        low, high = np.searchsorted(place, [start * WORD, end * WORD])
        flags = np.zeros((row_count, (end - start) * WORD), dtype=np.bool_)
        flags[row[low:high], place[low:high] - start * WORD] = True
        bits[:, start:end] = np.packbits(flags, axis=1).view(np.uint64)
    return bits


def cut_to(rows: BitRows, prefix: int, chosen: Ints) -> BitRows:
    """The chosen rows on the baskets of row `prefix` alone, closed up: a rare prefix leaves few words."""
    columns = np.flatnonzero(np.unpackbits(rows.bits[prefix].view(np.uint8)))
    if rows.weights is None:
        places = Places(np.arange(len(columns)), words(len(columns)), None)
    else:
        weights, group, sizes = np.unique(rows.weights[columns // WORD], return_inverse=True, return_counts=True)
        places = aligned(group, sizes, weights)
    bits = np.zeros((len(chosen), places.words), dtype=np.uint64)
    step = max(1, FLAG_BYTES // (WORD * max(places.words, 1)))
    for start in range(0, len(chosen), step):
        held = held_in(rows.bits, chosen[start : start + step], columns)
        if places.weights is not None:
            flags = np.zeros((len(held), places.words * WORD), dtype=np.uint8)
            flags[:, places.place] = held
            held = flags
        packed = np.packbits(held, axis=1)
        bits.view(np.uint8)[start : start + step, : packed.shape[1]] = packed
    return BitRows(rows.items[chosen], rows.counts[chosen], bits, places.weights)


def held_in(bits: Bits, chosen: Ints, columns: Ints) -> Bytes:
    """One byte per chosen row and column of bits, 0 where the bit is not set."""
    held = bits.view(np.uint8)[chosen].take(columns >> 3, axis=1)
    held &= MASKS[columns & 7]
    return held


def words(basket_count: int) -> int:
    """64-bit words that so many baskets take."""
    return -(-basket_count // WORD)


def popcounts(bits: Bits, weights: Floats | None = None) -> Counts:
    """What each row's baskets are worth; without weights their number.

    Sums of 16 bits run in vector registers, five times as fast as sums of 64.
    """
    per_word = np.bitwise_count(bits)
    if weights is not None:
        return per_word @ weights
    if bits.shape[1] <= WORDS_PER_SUM:
        per_row: Ints = per_word.sum(axis=1, dtype=np.uint16).astype(np.int64)
        return per_row
    counts = np.zeros(len(bits), dtype=np.int64)
    for start in range(0, bits.shape[1], WORDS_PER_SUM):
        counts += per_word[:, start : start + WORDS_PER_SUM].sum(axis=1, dtype=np.uint16)
    return counts
