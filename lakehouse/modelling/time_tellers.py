"""Columns that say when a row is of rather than what it is like: an interest rate, a count that only ever grows.

What trees learn from such a column is a date; later rows lie beyond every one that was seen. They are not forbidden:
the search also tries without them, and with one of them alone, and the tuning rows decide.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling.leaks import alone_auc

Floats = NDArray[np.float64]
TELLING = 0.9  # AUC at which one column tells newer rows from older ones
MOST_ROWS, MOST_ALONE = 20_000, 6


def found(older: Floats, newer: Floats) -> list[int]:
    """Places of the columns that tell the newer rows from the older ones, the most telling first."""
    if not len(older) or not len(newer):
        return []
    parts = [rows[:: max(1, len(rows) // MOST_ROWS)] for rows in (older, newer)]
    rows, is_newer = np.concatenate(parts), np.repeat([0.0, 1.0], [len(part) for part in parts])
    half = np.random.default_rng(0).integers(0, 2, len(rows))
    telling = {place: alone_auc(rows[:, place], is_newer, half) for place in range(rows.shape[1])}
    return sorted((place for place, area in telling.items() if area >= TELLING), key=lambda place: -telling[place])


def left_out(telling: list[int]) -> Iterator[tuple[int, ...]]:
    """What to try leaving out beside nothing: all of them, and all but one."""
    if telling:
        yield tuple(sorted(telling))
    if len(telling) > 1:
        for kept in telling[:MOST_ALONE]:
            yield tuple(sorted(place for place in telling if place != kept))
