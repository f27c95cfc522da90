"""A label in disguise: a column that knows the answer because it was written after it.

Three signs. One column alone separates the labels as hardly anything known before does. Or one column alone says more
than all the others together, those that go along with it left out: what is known before is known from several sides.
Or a mark that few rows have is never wrong: it is a part of the label, as a kind of failure is of "has failed".
The person who knows the data says so (`known_before: true`) where such a column is right, and the training goes on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import boosting, spec
from lakehouse.modelling.metrics import auc
from lakehouse.modelling.preparation import Preparation
from lakehouse.modelling.untrainable import LeakError

Floats = NDArray[np.float64]
ALONE = 0.985  # AUC of one column that nothing known before reaches
TELLING, MORE = 0.8, 0.03  # or: it separates well, and better than the rest by more than one count of several may
ALONG = 0.97  # rank correlation from which a column is the same thing said twice; physics alone makes 0.9
PURE, MARKED, MOST_MARKS = 0.99, 20, 3  # share of the rarer label among rows with a mark, rows, values of the column
UNLIKELY = 1e-12  # that so many rows have the rarer label by chance
BINS, PRIOR = 40, 5.0
MOST_ROWS, TREES, DEPTH = 20_000, 60, 3


@dataclass(frozen=True)
class Leak:
    """A column that says too much."""

    name: str
    alone: float  # AUC of it alone
    others: float  # AUC of the others together, NaN where it needed no comparison
    marked: int = 0  # rows with a mark that is never wrong

    def sentence(self) -> str:
        """What is wrong with it."""
        if self.marked:
            return f"'{self.name}' has a value that is never wrong ({self.marked:,} rows)"
        if np.isnan(self.others):
            return f"'{self.name}' alone separates the labels with AUC {self.alone:.3f}"
        return f"'{self.name}' alone has AUC {self.alone:.3f}, all other columns together {self.others:.3f}"


def refuse(model: spec.Model, preparation: Preparation, rows: Floats, label: Floats, folds: NDArray[np.int64]) -> None:
    """Stop where a column looks like the label in disguise.

    Raises:
        LeakError: with the column's name.
    """
    suspected = leaks(preparation, rows, label, folds, model.label.kind == "binary")
    found = [leak for leak in suspected if not _is_vouched(model, leak.name)]
    if found:
        names = ", ".join(leak.name for leak in found)
        raise LeakError(
            "; ".join(leak.sentence() for leak in found) + ": it looks like the label in disguise",
            f"models/{model.model}.yaml",
            f"name it under 'forbidden', or, where it is known before the label, say known_before: true ({names})",
        )


def _is_vouched(model: spec.Model, name: str) -> bool:
    asked = model.declared.get(name)
    return asked is not None and asked.known_before


def leaks(
    preparation: Preparation, rows: Floats, label: Floats, folds: NDArray[np.int64], compares: bool = True
) -> list[Leak]:
    """Columns that look like the label in disguise, the most telling first.

    Args:
        label: 0 or 1; of a number, whether it is above its median.
        folds: halves of the rows by parity, whole subjects together.
        compares: whether one column may not say more than the rest; of a number it often does (a price by the area).
    """
    rows, label, folds = _thinned(rows, label, folds)
    if not 0 < label.mean() < 1 or not rows.shape[1]:
        return []
    alone = [alone_auc(rows[:, place], label, folds % 2) for place in range(rows.shape[1])]
    found = []
    for place in np.argsort(alone)[::-1]:
        if alone[place] >= ALONE:
            found.append(Leak(preparation.names[place], alone[place], float("nan")))
        elif compares and (marked := rows_marked(rows[:, place], label)):
            found.append(Leak(preparation.names[place], alone[place], float("nan"), marked))
        elif compares and alone[place] >= TELLING:
            rest = [other for other in range(rows.shape[1]) if not _goes_along(rows, int(place), other)]
            others = together_auc(preparation, rows, label, folds % 2, rest) if rest else float("nan")
            if rest and alone[place] > others + MORE:
                found.append(Leak(preparation.names[place], alone[place], others))
    return found


def rows_marked(values: Floats, label: Floats) -> int:
    """Rows with a value of a flag that goes with the rarer label always; 0 where there is no such value."""
    levels = np.unique(values[~np.isnan(values)])
    if not 2 <= len(levels) <= MOST_MARKS:
        return 0
    rarer = label if label.mean() <= 0.5 else 1 - label
    for level in levels:
        marked = values == level
        count = int(marked.sum())
        is_sure = count >= MARKED and rarer[marked].mean() >= PURE
        if is_sure and count * np.log(max(rarer.mean(), 1e-9)) < np.log(UNLIKELY):
            return count
    return 0


def _thinned(rows: Floats, label: Floats, folds: NDArray[np.int64]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    step = max(1, len(rows) // MOST_ROWS)
    return rows[::step], label[::step], folds[::step]


def alone_auc(values: Floats, label: Floats, half: NDArray[np.int64]) -> float:
    """AUC of the label's rate by bins of one column, each half of the rows judged by the other half's rates."""
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    few = np.unique(known)
    edges = (few[1:] + few[:-1]) / 2 if len(few) <= 250 else edges  # each value its own bin where they are few
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right")).astype(int)
    areas = []
    for fit in (0, 1):
        known_rows, unseen = half == fit, half != fit
        if not (known_rows.any() and unseen.any()):
            continue
        count = np.bincount(place[known_rows], minlength=len(edges) + 2)
        total = np.bincount(place[known_rows], weights=label[known_rows], minlength=len(edges) + 2)
        rate = (total + PRIOR * label[known_rows].mean()) / (count + PRIOR)
        areas.append(auc(label[unseen], rate[place[unseen]]))
    return float(np.nanmean(areas)) if areas and not np.isnan(areas).all() else 0.5


def together_auc(
    preparation: Preparation, rows: Floats, label: Floats, half: NDArray[np.int64], columns: list[int]
) -> float:
    """AUC of a few small trees over some columns, each half judged by the other half's trees."""
    few = Preparation(tuple(preparation.features[place] for place in columns))
    told = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": 0.2, "nthread": 1, "seed": 0, "lambda": 3.0}
    areas = []
    for fit in (0, 1):
        known, unseen = half == fit, half != fit
        data = boosting.matrix(few, rows[known][:, columns], label[known])
        booster = boosting.fitted(told, data, TREES)
        areas.append(auc(label[unseen], boosting.margins(booster, few, rows[unseen][:, columns])))
    return float(np.nanmean(areas))


def _goes_along(rows: Floats, one: int, other: int) -> bool:
    """Whether two columns are the same thing said twice (or are one)."""
    if one == other:
        return True
    both = ~np.isnan(rows[:, one]) & ~np.isnan(rows[:, other])
    if both.sum() < 10:
        return False
    first, second = _ranks(rows[both, one]), _ranks(rows[both, other])
    if first.std() == 0 or second.std() == 0:
        return False
    return bool(abs(np.corrcoef(first, second)[0, 1]) >= ALONG)


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return np.asarray((ends - (count - 1) / 2)[place], dtype=np.float64)
