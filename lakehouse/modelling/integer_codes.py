"""Whole numbers that are names: a region, a type, a tariff. Their order says nothing, and a model must not believe it.

Three signs, none of which is enough alone: what the column is called; that its levels stand close together without
being counts; and that the label's rate by level says more of unseen rows than any smooth curve over the numbers does.
"""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.modelling.logistic import ridge_logistic
from lakehouse.modelling.preparation import numbers

Floats = NDArray[np.float64]
FEWEST, MOST = 3, 200  # levels of a code; two are the same as a number
CALLED = re.compile(
    r"(?:^|[_\W])(?:type|typ|code|category|kategorie|class|klasse|region|browser|os|operating ?systems?|state|country|"
    r"city|zip|postcode|plz|branch|store|shop|tariff ?(?:plan)?|plan|segment|subtype|occupation|job|sex|gender|"
    r"marriage|marital|channel|source|provider|product|brand|model|system|status|group ?id|hoofd|kind|sector|industry)"
    r"(?:$|[_\W\d])|(?:type|typ|code|hoofd|klasse)$",
    re.IGNORECASE,
)
COUNTED = re.compile(  # what is called so is an amount, however people round it
    r"(?:^|[_\W])(?:age|alter|hours?|days?|weeks?|months?|years?|minutes?|seconds?|count|number|num|amount|balance|"
    r"price|rate|sum|total|per|frequency|length|duration|tenure|score|size|visits?|calls?)(?:$|[_\W\d])",
    re.IGNORECASE,
)
PARTS = 5
SURE = 3.0  # standard errors that the levels' rates must be better by, where nothing else speaks for a code
PROBABLE, FROM_ONE = 1.0, 8  # the same where levels are many and begin at 1, as codes do, counts do not
PRIOR = 20.0  # rows that a level's rate is shrunk by


def is_code(name: str, column: pd.Series, label: Floats, folds: NDArray[np.int64]) -> bool:
    """Whether a column of whole numbers is to be read as a category.

    Args:
        label: 0 or 1 (or any number), of the training rows.
        folds: a fold per row, 0 to PARTS - 1, whole subjects together.
    """
    values = numbers(column)
    known = values[~np.isnan(values)]
    if not len(known) or (known != np.round(known)).any():
        return False
    levels = np.unique(known)
    if not FEWEST <= len(levels) <= MOST or not _is_dense(levels):
        return False
    if COUNTED.search(_spaced(name)) and not CALLED.search(_spaced(name)):
        return False
    advantage = levels_over_curve(values, label, folds)
    if CALLED.search(_spaced(name)):
        return advantage > -SURE
    begins_at_one = levels.min() >= 1 and len(levels) >= FROM_ONE
    return _is_jagged(known, levels) and advantage > (PROBABLE if begins_at_one else SURE)


def _spaced(name: str) -> str:
    """CamelCase and EDUCATION alike as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def _is_dense(levels: Floats) -> bool:
    """Codes are given out one after the other, mostly; amounts leave holes."""
    return bool(levels.min() >= 0) and len(levels) >= 0.5 * (levels.max() - levels.min() + 1)


def _is_jagged(known: Floats, levels: Floats) -> bool:
    """Whether neighbouring levels' shares jump: counts and scales rise and fall over a few levels, codes do not."""
    counts = np.array([(known == level).sum() for level in levels], dtype=float)
    jumps = np.diff(counts)
    is_sure = np.abs(jumps) > 3 * np.sqrt(counts[1:] + counts[:-1])  # chance alone moves neighbours less
    turns = int((np.sign(jumps[1:]) * np.sign(jumps[:-1]) < 0)[is_sure[1:] & is_sure[:-1]].sum())
    return len(levels) >= 6 and turns >= 0.25 * (len(levels) - 2)


def levels_over_curve(values: Floats, label: Floats, folds: NDArray[np.int64]) -> float:
    """By how many standard errors levels' own rates predict unseen rows better than a smooth curve over the numbers."""
    gains = []
    for part in range(PARTS):
        fit, unseen = (folds != part) & ~np.isnan(values), (folds == part) & ~np.isnan(values)
        if fit.sum() < 50 or not unseen.any():
            continue
        gains.append(_loss(_curve(values, label, fit, unseen), label[unseen]))
        gains[-1] = gains[-1] - _loss(_rates(values, label, fit, unseen), label[unseen])
    gained = np.concatenate(gains) if gains else np.zeros(0)
    deviation = gained.std() / np.sqrt(len(gained)) if len(gained) else 0.0
    return float(gained.mean() / deviation) if deviation > 0 else 0.0


def _rates(values: Floats, label: Floats, fit: NDArray[np.bool_], unseen: NDArray[np.bool_]) -> Floats:
    mean = label[fit].mean()
    codes = np.unique(values[~np.isnan(values)], return_inverse=True)
    place = np.full(len(values), -1)
    place[~np.isnan(values)] = codes[1]
    count = np.bincount(place[fit], minlength=len(codes[0]))
    total = np.bincount(place[fit], weights=label[fit], minlength=len(codes[0]))
    return np.asarray(((total + PRIOR * mean) / (count + PRIOR))[place[unseen]])


def _curve(values: Floats, label: Floats, fit: NDArray[np.bool_], unseen: NDArray[np.bool_]) -> Floats:
    """A curve of third degree in the value and its logarithm, on the scale of the label."""
    low, high = values[fit].min(), values[fit].max()
    x = (values - low) / max(high - low, 1e-9)
    rows = np.column_stack([np.ones(len(x)), x, x**2, x**3, np.log1p(np.maximum(values - low, 0))])
    spread = np.where(rows[fit].std(axis=0) > 0, rows[fit].std(axis=0), 1.0)
    rows = rows / spread
    if set(np.unique(label[fit])) <= {0.0, 1.0}:
        return np.asarray(1 / (1 + np.exp(-(rows[unseen] @ ridge_logistic(rows[fit], label[fit], 1e-4)))))
    return np.asarray(rows[unseen] @ np.linalg.lstsq(rows[fit], label[fit], rcond=None)[0])


def _loss(said: Floats, label: Floats) -> Floats:
    """Log loss of yes-or-no labels, squared error of numbers, per row."""
    if set(np.unique(label)) <= {0.0, 1.0}:
        p = np.clip(said, 1e-6, 1 - 1e-6)
        return np.asarray(-(label * np.log(p) + (1 - label) * np.log(1 - p)))
    return np.asarray((said - label) ** 2)
