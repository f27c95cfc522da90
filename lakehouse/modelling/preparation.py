"""From columns as they come to the numbers a model sees: which are features, of which kind, and how each is read.

A category becomes a whole number by the levels seen in training; an unseen one, an infinite number and an empty cell
are all missing, which trees and the logistic model both have a place for.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_LEVELS = 250  # rarer levels are missing: a level of a few rows is noise
FEWEST_ROWS = 5
TRUE = ("true", "yes", "y", "t", "1", "1.0")
FALSE = ("false", "no", "n", "f", "0", "0.0")


@dataclass(frozen=True)
class Feature:
    """One column of the matrix.

    Attributes:
        levels: texts of a category, the code of each its place; empty for a number.
        monotone: 1 when the answer may only rise with it, -1 only fall, 0 free.
    """

    name: str
    levels: tuple[str, ...] = ()
    monotone: int = 0

    @property
    def is_category(self) -> bool:
        """Whether its numbers are codes."""
        return bool(self.levels)


@dataclass(frozen=True)
class Preparation:
    """All features of a model, in the order of its matrix."""

    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns to read."""
        return tuple(feature.name for feature in self.features)

    @property
    def types(self) -> list[str]:
        """What xgboost calls the columns: q for numbers, c for codes."""
        return ["c" if feature.is_category else "q" for feature in self.features]

    def of_places(self, kept: Sequence[int]) -> "Preparation":
        """The same with some of the features alone."""
        return Preparation(tuple(self.features[place] for place in kept))

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """Rows x features, missing as NaN.

        Raises:
            KeyError: a column is not there.
        """
        columns = [
            codes(frame[feature.name], feature.levels) if feature.is_category else numbers(frame[feature.name])
            for feature in self.features
        ]
        return np.column_stack(columns) if columns else np.empty((len(frame), 0))

    def to_json(self) -> str:
        """The form that `preparation.json` of a model has."""
        return json.dumps([asdict(feature) for feature in self.features], indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Preparation":
        """Read back what `to_json` wrote."""
        return cls(tuple(Feature(f["name"], tuple(f["levels"]), f["monotone"]) for f in json.loads(text)))


def numbers(column: pd.Series) -> Floats:
    """A column as numbers: what is none, and what is not finite, is missing."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return np.full(len(column), np.nan)
    plain = column.map(_unboxed, na_action="ignore") if column.dtype == object else column
    values = np.asarray(pd.to_numeric(plain, errors="coerce").astype("float64"), dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _unboxed(value: object) -> object:
    """Yes and no among empty cells as 1 and 0."""
    return float(value) if isinstance(value, (bool, np.bool_)) else value


def level_texts(column: pd.Series) -> pd.Series:
    """A column as texts that are equal where the values are: 3 and 3.0 are one level; None where missing."""
    return column.astype(object).map(level_text, na_action="ignore")


def level_text(value: object) -> str:
    """One value as the levels are written, whatever type its column has: an empty cell turns numbers into floats."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if value.is_integer() else f"{value:g}"
    return str(value).strip()


def codes(column: pd.Series, levels: Sequence[str]) -> Floats:
    """A category's levels as whole numbers, missing where the level is none of them."""
    known = {level: float(place) for place, level in enumerate(levels)}
    return np.asarray(level_texts(column).map(known).astype("float64"), dtype=np.float64)


def levels_of(column: pd.Series) -> tuple[str, ...]:
    """The levels that enough rows have, sorted so that one table always gives the same codes."""
    counts = level_texts(column).value_counts()
    enough = counts[counts >= min(FEWEST_ROWS, max(1, len(column) // 100))]
    return tuple(sorted(str(level) for level in enough.index[:MOST_LEVELS]))


def label_of(column: pd.Series, positive: str) -> Floats:
    """1 and 0 of a yes-or-no column, NaN where it is empty.

    Args:
        positive: the value that counts as 1; empty: true, yes or 1.
    """
    texts = level_texts(column).map(lambda text: text.lower(), na_action="ignore")
    ones = (positive.strip().lower(),) if positive else TRUE
    if pd.api.types.is_bool_dtype(column) and ones[0] in (*TRUE, *FALSE):
        ones = TRUE if ones[0] in TRUE else FALSE  # a reader makes yes and no of a file to true and false
    elif positive:  # 1 and 1.0 are one value
        numeric = pd.to_numeric(pd.Series([positive]), errors="coerce").iloc[0]
        ones = ones if pd.isna(numeric) else (*ones, level_text(float(numeric)))
    return np.where(texts.isna() | (texts == ""), np.nan, texts.isin(ones).astype(float))
