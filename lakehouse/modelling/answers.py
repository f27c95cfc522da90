"""Answers for people: subject, probability or number, rank, whether it is due, and the reasons in words."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.errors import LakehouseError
from lakehouse.modelling import reasons, spec
from lakehouse.modelling.scorer import Scorer

Floats = NDArray[np.float64]


def answered(model: spec.Model, made: Scorer, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per row of the frame.

    Returns:
        the subject's columns and the as-of date, `probability` (or `predicted`), `rank` (1 is acted on first: the
        likeliest, of what may be due the nearest), `is_due` where the label may be due, `reason_1` to `reason_3`, and
        their names as `reason_code_1` to `reason_code_3`.

    Raises:
        LakehouseError: a column that the model looks at is missing.
    """
    if missing := [name for name in made.preparation.names if name not in frame.columns]:
        where = f"models/{model.model}.yaml"
        raise LakehouseError(f"the rows lack {', '.join(missing)}", where, "the model was trained with them")
    keys = [name for name in (*model.examples.subject, model.examples.as_of) if name]
    said = made.score(frame)
    first = said if model.label.due is not None else -said
    rows = frame[keys].reset_index(drop=True)
    rows["probability" if made.is_binary else "predicted"] = said
    rows["rank"] = np.searchsorted(np.sort(first), first, side="left") + 1
    if model.label.due is not None:
        rows["is_due"] = said <= float(made.facts["due_line"])
    names, places = reasons.top_reasons(model, made, frame, towards=-1 if model.label.due is not None else 1)
    for number, words in enumerate(reasons.in_words(model, names, places, frame), 1):
        rows[f"reason_{number}"] = words
    for number in range(places.shape[1]):
        rows[f"reason_code_{number + 1}"] = [names[place] if place >= 0 else "" for place in places[:, number]]
    return rows
