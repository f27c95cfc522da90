"""Why a score is high, in words: features' contributions to the margin, summed by reason first, then ranked.

The margin is explained, calibration comes after it: it keeps the order of the reasons.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.modelling import spec
from lakehouse.modelling.scorer import Scorer

Floats = NDArray[np.float64]
TOP = 3
SMALLEST = 0.1  # of log-odds, a tenth more of the odds (or of the spread of numbers): less is chance, and no reason
BATCH = 200_000


def groups_of(model: spec.Model, scorer: Scorer) -> list[str]:
    """The reason that each feature counts for: the YAML's group, or the feature itself."""
    by_feature = {name: key for key, reason in model.reasons.items() for name in reason.features}
    return [by_feature.get(name, name) for name in scorer.preparation.names]


def top_reasons(
    model: spec.Model, scorer: Scorer, frame: pd.DataFrame, towards: int = 1
) -> tuple[list[str], NDArray[np.int64]]:
    """The names of all reasons, and for each row the places of its three strongest, -1 where there is none.

    Args:
        frame: the features as they come.
        towards: 1 for what raises the answer, -1 for what lowers it.
    """
    grouped = groups_of(model, scorer)
    names = list(dict.fromkeys(grouped))
    place = {name: number for number, name in enumerate(names)}
    member = np.zeros((len(grouped), len(names)))
    for number, name in enumerate(grouped):
        member[number, place[name]] = 1.0
    parts = []
    for start in range(0, len(frame), BATCH):
        rows = scorer.preparation.matrix(frame.iloc[start : start + BATCH])
        parts.append(strongest(towards * scorer.contributions(rows) @ member, SMALLEST * scorer.spread))
    return names, np.concatenate(parts) if parts else np.empty((0, TOP), dtype=np.int64)


def strongest(sums: Floats, smallest: float = SMALLEST) -> NDArray[np.int64]:
    """Places of the largest sums of each row that are above the smallest, descending, -1 beyond them."""
    count = min(TOP, sums.shape[1])
    found = np.full((len(sums), TOP), -1, dtype=np.int64)
    if not count:
        return found
    order = np.argsort(-sums, axis=1, kind="stable")[:, :count]
    values = np.take_along_axis(sums, order, axis=1)
    found[:, :count] = np.where(values > smallest, order, -1)
    return found


def in_words(
    model: spec.Model, names: Sequence[str], places: NDArray[np.int64], frame: pd.DataFrame
) -> list[list[str]]:
    """Each row's reasons as sentences, '' where there is none; one list per rank."""
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    templates = {key: reason.words for key, reason in model.reasons.items()}
    made = []
    for rank in range(places.shape[1]):
        words = []
        for row, place in enumerate(places[:, rank]):
            words.append(sentence(names[place], templates, columns, row, model) if place >= 0 else "")
        made.append(words)
    return made


def sentence(
    name: str, templates: dict[str, str], columns: dict[str, NDArray[np.generic]], row: int, model: spec.Model
) -> str:
    """A reason with the row's values; where a value is missing, the reason's name."""
    template = templates.get(name)
    if template is None:
        described = model.declared.get(name)
        return (described.description if described and described.description else name.replace("_", " ")).rstrip(".")
    if "{" not in template:
        return template
    values = _Values(columns, row)
    try:
        return template.format_map(values)
    except (ValueError, TypeError, KeyError):
        return template.partition("{")[0].rstrip(" ,;:(") or name.replace("_", " ")


class _Values(dict[str, object]):
    """A row's values by column, taken out when they are asked for."""

    def __init__(self, columns: dict[str, NDArray[np.generic]], row: int) -> None:
        super().__init__()
        self.columns, self.row = columns, row

    def __missing__(self, key: str) -> object:
        value = self.columns[key][self.row]
        if value is None or value != value:  # noqa: PLR0124 NaN alone is not itself
            raise ValueError(key)
        return value
