"""Which columns a model looks at, and as what: found from the training rows, said in notes."""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.config.findings import nearest
from lakehouse.errors import LakehouseError
from lakehouse.modelling import integer_codes, spec
from lakehouse.modelling.preparation import Feature, Preparation, level_texts, levels_of, numbers

MOSTLY_NUMBERS = 0.95
ONE_EACH = 0.9  # a text that nearly every row has another value of is a name, not a category
FEWEST_TO_COUNT, MOST_GAPS = 50, 2.5
DIRECTIONS = {"increasing": 1, "decreasing": -1, None: 0}
NUMBER_LIKE = re.compile(r"[-+]?\d+([.,]\d+)?")


@dataclass
class Chosen:
    """The features, and what was left out or decided without being told."""

    preparation: Preparation
    left_out: dict[str, str] = field(default_factory=dict)
    found_codes: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        """Sentences for the card and the command line."""
        lines = [f"{name} is left out: {why}" for name, why in self.left_out.items()]
        if self.found_codes:
            lines.append(f"whole numbers read as categories: {', '.join(self.found_codes)}")
        return lines


def named(model: spec.Model, frame: pd.DataFrame) -> list[str]:
    """The columns that the model may look at, in the order of the table.

    Raises:
        LakehouseError: a column that the YAML asks for is not in the table.
    """
    columns = [str(name) for name in frame.columns]
    if model.features != "auto":
        for name in model.features:
            if name not in columns:
                raise LakehouseError(
                    f"the examples have no column '{name}'", f"models/{model.model}.yaml", nearest(name, columns)
                )
        return [name for name in columns if name in model.features]
    examples = model.examples
    never = {*examples.subject, examples.as_of, model.label.column, *model.forbidden}
    return [name for name in columns if name not in never]


def chosen(model: spec.Model, frame: pd.DataFrame, label: NDArray[np.float64], folds: NDArray[np.int64]) -> Chosen:
    """The features of a model by its training rows.

    Args:
        label: of those rows.
        folds: of those rows, whole subjects together.
    """
    features, left_out, codes = [], {}, []
    for name in named(model, frame):
        asked = model.declared.get(name, spec.Feature())
        column = frame[name]
        if why := useless(column) or (is_running(column) if asked.kind == "auto" else ""):
            left_out[name] = why
            continue
        kind = asked.kind if asked.kind != "auto" else kind_of(column)
        if kind == "name":
            left_out[name] = "nearly every row has a text of its own"
            continue
        is_free = kind == "number" and asked.kind == "auto" and not asked.monotone
        if is_free and integer_codes.is_code(name, column, label, folds):
            kind = "category"
            codes.append(name)
        levels = levels_of(column) if kind == "category" else ()
        features.append(Feature(name, levels, 0 if levels else DIRECTIONS[asked.monotone]))
    left_out |= {name: why or "forbidden" for name, why in model.forbidden.items() if name in frame.columns}
    return Chosen(Preparation(tuple(features)), left_out, tuple(codes))


def useless(column: pd.Series) -> str:
    """Why a column can say nothing; empty where it may."""
    texts = level_texts(column) if not pd.api.types.is_numeric_dtype(column) else pd.Series(numbers(column))
    distinct = texts.nunique(dropna=True)
    if distinct == 0:
        return "it is empty"
    return "it is the same in every row" if distinct == 1 and not texts.isna().any() else ""


def is_running(column: pd.Series) -> str:
    """Why whole numbers that only count the rows say nothing; empty where they do not."""
    if not pd.api.types.is_integer_dtype(column) or len(column) < FEWEST_TO_COUNT or not column.is_unique:
        return ""
    span = int(column.max()) - int(column.min()) + 1
    is_dense = span <= MOST_GAPS * len(column)  # the training rows are a part of the table
    return "it only numbers the rows" if is_dense else ""


def kind_of(column: pd.Series) -> str:
    """number, category, or name (a text that is no category)."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "name"
    texts = level_texts(column).dropna()
    if pd.to_numeric(texts, errors="coerce").notna().mean() >= MOSTLY_NUMBERS:
        return "number"
    if len(texts) >= 50 and texts.nunique() > ONE_EACH * len(texts):
        return "name"
    return "category"
