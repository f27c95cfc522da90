"""Operating conditions of a series: a machine at another height or load reads otherwise, and wears no more for it.

A column whose values fall into a few tight heaps, and whose heaps explain nearly all that the other columns do, is the
condition. Each reading is then counted in deviations from what young machines read under the same condition.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 200  # of a column's range; heaps lie further apart than one
FEWEST, MOST = 2, 12  # heaps
EXPLAINED = 0.9  # share of the variance of most other columns


def found(frame: pd.DataFrame, columns: Sequence[str]) -> Ints | None:
    """The condition of each row; None where the columns know of none."""
    best, most = None, (EXPLAINED, 0)
    for name in columns:
        heaps = heaps_of(frame[name].to_numpy(dtype=np.float64))
        if heaps is None:
            continue
        shares = [explained(frame[other].to_numpy(dtype=np.float64), heaps) for other in columns if other != name]
        told = (round(float(np.median(shares)), 2), -int(heaps.max())) if shares else most  # of equals the fewest heaps
        if told > most:
            best, most = heaps, told
    return best


def heaps_of(values: Floats) -> Ints | None:
    """The heap of each value, numbered upwards; None where they are no few heaps."""
    known = values[np.isfinite(values)]
    if len(known) < len(values) or not len(known) or known.max() == known.min():
        return None
    place = np.round((values - known.min()) / (known.max() - known.min()) * STEPS).astype(np.int64)
    taken = np.unique(place)
    heap = np.r_[0, np.cumsum(np.diff(taken) > 1)]
    if not FEWEST <= heap[-1] + 1 <= MOST:
        return None
    return np.asarray(heap[np.searchsorted(taken, place)], dtype=np.int64)


def explained(values: Floats, heaps: Ints) -> float:
    """Share of a column's variance between the heaps; 1 of a constant one."""
    total = float(values.var())
    if not total > 0:
        return 1.0
    count = np.bincount(heaps)
    mean = np.bincount(heaps, weights=values) / np.maximum(count, 1)
    return float(np.sum(count * (mean - values.mean()) ** 2) / len(values) / total)


def evened(frame: pd.DataFrame, columns: Sequence[str], heaps: Ints, is_young: NDArray[np.bool_]) -> pd.DataFrame:
    """The columns as deviations from young subjects under the same condition; later rows move none of it.

    Args:
        is_young: the rows of the subjects' own beginnings.
    """
    values = frame[list(columns)].astype("float64")
    young = values[is_young].groupby(heaps[is_young])
    mean, spread = young.mean(), young.std()
    usual = spread.median().replace(0.0, np.nan)  # of a condition where a column never varies: what it varies by else
    scale = spread.where(spread > 0).fillna(usual).fillna(1.0)
    made = (values.to_numpy() - mean.reindex(heaps).to_numpy()) / scale.reindex(heaps).to_numpy()
    return frame.assign(**pd.DataFrame(made, columns=list(columns), index=frame.index))
