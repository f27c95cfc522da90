"""Features of a series: what each subject's columns were in the last rows, against each other and its own beginning.

Each row looks at itself and at rows before it alone.
"""

from collections.abc import Sequence

import pandas as pd

from lakehouse.modelling import conditions
from lakehouse.modelling.spec import Windows


def with_windows(frame: pd.DataFrame, subject: Sequence[str], windows: Windows, label: str) -> pd.DataFrame:
    """The rows with means of the last rows, how the shortest differs from the longest, and from the own beginning.

    Where there are operating conditions, readings are evened by them first.

    Returns:
        subject, order and label columns, and per column `<column>_mean_<n>`, `<column>_change` and
        `<column>_from_own_first`.
    """
    keys = list(subject)
    frame = frame.sort_values([*keys, windows.order], kind="stable").reset_index(drop=True)
    columns = list(windows.columns or _varying(frame, {*keys, windows.order, label}))
    heaps = conditions.found(frame, columns)
    if heaps is not None:
        is_young = (frame.groupby(keys, sort=False).cumcount() < windows.own_first).to_numpy()
        frame = conditions.evened(frame, columns, heaps, is_young)
    parts = [frame[[name for name in dict.fromkeys([*keys, windows.order, label]) if name in frame.columns]]]
    means = {n: _rolling(frame, keys, columns, n) for n in windows.means_of}
    parts += [mean.add_suffix(f"_mean_{n}") for n, mean in means.items()]
    if len(means) > 1:
        shortest, longest = means[min(means)], means[max(means)]
        parts.append((shortest - longest).add_suffix("_change"))
    now = means[min(means)]
    parts.append((now - _own_first(frame, keys, columns, windows.own_first)).add_suffix("_from_own_first"))
    return pd.concat(parts, axis=1)


def _varying(frame: pd.DataFrame, never: set[str]) -> list[str]:
    numeric = [str(name) for name in frame.select_dtypes("number").columns if name not in never]
    return [name for name in numeric if frame[name].nunique() > 1]


def _rolling(frame: pd.DataFrame, keys: list[str], columns: list[str], rows: int) -> pd.DataFrame:
    """Means of the last `rows` rows of each subject; of fewer where it has fewer."""
    rolled = frame.groupby(keys, sort=False)[columns].rolling(rows, min_periods=1).mean()
    return rolled.reset_index(drop=True)


def _own_first(frame: pd.DataFrame, keys: list[str], columns: list[str], rows: int) -> pd.DataFrame:
    """Means of a subject's first rows, as far as they are known by each row."""
    place = frame.groupby(keys, sort=False).cumcount()
    early = frame[columns].where(place < rows)
    by = [frame[key] for key in keys]
    totals = early.groupby(by, sort=False).cumsum().groupby(by, sort=False).ffill()
    counts = early.notna().astype("int64").groupby(by, sort=False).cumsum()
    return totals / counts.where(counts > 0)
