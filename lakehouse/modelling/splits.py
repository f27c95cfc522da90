"""Which examples train, tune, calibrate and test: by time where there is one, else by the subject's hash.

A subject's rows never stand on both sides of a random split. In time, training uses only examples whose labels were
known by the first as-of date that is tested, and so on down: the label's horizon lies between the parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.modelling import spec
from lakehouse.modelling.untrainable import UntrainableError

Places = NDArray[np.int64]
FOLDS = 5  # a random split holds out one of five
INNER = 4  # of the rest, this many parts take turns at being unseen
SHARES = (0.65, 0.1, 0.05, 0.2)  # train, tune, calibrate, test of rows in order
DAY_KINDS = ("datetime64", "object")


@dataclass(frozen=True)
class Split:
    """Places of rows.

    Attributes:
        calibrate: the newest before the test; of a random split the training rows themselves, each judged by models
            that have not seen it.
        folds: of a random split, the inner part of each training row; empty in time.
    """

    train: Places
    tune: Places
    calibrate: Places
    test: Places
    folds: Places
    about: str

    @property
    def is_random(self) -> bool:
        """Whether the data had no time."""
        return len(self.folds) > 0


def subjects_of(model: spec.Model, frame: pd.DataFrame) -> Places:
    """A number per subject, the same for the rows of one; of each row its own where none is named."""
    keys = list(model.examples.subject)
    if not keys:
        return np.arange(len(frame))
    return np.asarray(frame.groupby(keys, sort=True, dropna=False).ngroup(), dtype=np.int64)


def hashes(model: spec.Model, frame: pd.DataFrame) -> Places:
    """A number per row that depends on its subject alone (where none is named, on the row's content)."""
    keys = list(model.examples.subject) or [str(name) for name in frame.columns]
    numbers = pd.util.hash_pandas_object(frame[keys].astype(str), index=False)  # a fixed key: the same every time
    return np.asarray(numbers.to_numpy() % np.uint64(2**62), dtype=np.int64)


def split(model: spec.Model, frame: pd.DataFrame, fold: int = 0) -> Split:
    """The parts of labelled rows.

    Args:
        frame: rows whose labels are known, in order where the model's examples are.
        fold: which fifth of a random split is held out.
    """
    if model.examples.is_in_order:
        return in_order(len(frame))
    if model.examples.as_of:
        return by_dates(frame[model.examples.as_of], model.label.horizon_days or 0)
    return at_random(hashes(model, frame), fold)


def at_random(numbers: Places, fold: int = 0) -> Split:
    """One fifth of the subjects held out; the rest in inner parts that take turns."""
    is_test = numbers % FOLDS == fold
    train = np.flatnonzero(~is_test)
    folds = (numbers[train] // FOLDS) % INNER
    about = f"at random, whole subjects: the data have no time; one in {FOLDS} is held out"
    return Split(train, train[folds == 0], train, np.flatnonzero(is_test), folds, about)


def in_order(count: int) -> Split:
    """Rows in order: the last fifth is held out, and the newest before it tune and calibrate."""
    ends = np.round(np.cumsum(SHARES) * count).astype(int)
    train, tune, calibrate, test = np.split(np.arange(count), ends[:-1])
    none = np.empty(0, dtype=np.int64)
    return Split(train, tune, calibrate, test, none, "by the rows' order: the last 20 % are held out")


def by_dates(as_of: pd.Series, horizon_days: int) -> Split:
    """The newest as-of date is held out; older ones calibrate, tune and train, a horizon before what they serve.

    Raises:
        UntrainableError: there are too few as-of dates for that.
    """
    moments = np.asarray(_days(as_of), dtype=np.int64)
    dates = np.unique(moments)
    test = int(dates[-1])
    before = dates[dates <= test - max(horizon_days, 1)]
    if not len(before):
        raise UntrainableError(
            f"{len(dates)} as-of dates, none of whose labels were known by the last one",
            "",
            f"examples of dates {max(horizon_days, 1)} days apart are needed",
        )
    if len(before) < 3:
        return _of_few(moments, before, test)
    dates_of = _down(before, horizon_days)
    about = f"by time: the newest as-of date is held out, {len(before)} older ones train, tune and calibrate"
    calibrate, tune, train = (np.flatnonzero(np.isin(moments, days)) for days in dates_of)
    none = np.empty(0, dtype=np.int64)
    return Split(train, tune, calibrate, np.flatnonzero(moments == test), none, about)


def _down(before: Places, horizon_days: int) -> tuple[Places, Places, Places]:
    """Dates that calibrate (the newest known), tune and train."""
    count = max(1, len(before) // 6)
    calibrate = before[-count:]
    rest = before[before <= calibrate[0] - max(horizon_days, 1)]
    rest = rest if len(rest) >= 2 else before[:-count]  # little history: labels may overlap inside the training part
    count = max(1, len(rest) // 5)
    tune = rest[-count:]
    train = rest[rest <= tune[0] - max(horizon_days, 1)]
    return calibrate, tune, train if len(train) else rest[: -count or None]


def _of_few(moments: Places, before: Places, test: int) -> Split:
    """One or two older dates: they train, and halves of their rows take turns at tuning and calibrating."""
    train = np.flatnonzero(np.isin(moments, before))
    folds = np.arange(len(train)) % INNER
    about = f"by time: the newest as-of date is held out, {len(before)} older ones train"
    return Split(train, train[folds == 0], train, np.flatnonzero(moments == test), folds, about)


def _days(column: pd.Series) -> Sequence[int]:
    if pd.api.types.is_numeric_dtype(column):
        return list(column.astype("int64"))
    moments = pd.to_datetime(column)
    return list((moments - pd.Timestamp("1970-01-01")).dt.days)


def moments_of(model: spec.Model, frame: pd.DataFrame) -> NDArray[np.float64]:
    """When each row is of, as a number; 0 for all where the data have no time."""
    if model.examples.is_in_order:
        return np.arange(len(frame), dtype=np.float64)
    if model.examples.as_of:
        return np.asarray(_days(frame[model.examples.as_of]), dtype=np.float64)
    return np.zeros(len(frame))


def weights(moments: NDArray[np.float64], half_life: float) -> NDArray[np.float64]:
    """How much each of these rows counts: half as much per `half_life` of their whole time that it is older.

    Args:
        half_life: a share; 0 lets all count alike.
    """
    span = float(moments.max() - moments.min()) if len(moments) else 0.0
    if not half_life or not span:
        return np.ones(len(moments))
    return np.asarray(0.5 ** ((moments.max() - moments) / span / half_life))
