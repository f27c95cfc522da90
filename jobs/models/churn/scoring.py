"""Tonight's scores as a table: probability, rank, decile, value at risk, reasons in words, and the kind of leaving."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from jobs.models.churn.kinds import kind_of_churn
from lakehouse.modelling import reasons, scorer
from lakehouse.modelling.spec import Model
from lakehouse.modelling.store import Version

Floats = NDArray[np.float64]
BINS = 10_000  # probabilities are ranked to the nearest of these: equal ones share a decile
VALUE = "residual_value"


def scored_table(model: Model, serving: Version, examples: pa.Table, values: pa.Table) -> pa.Table:
    """The rows of models.churn_scores.

    Args:
        examples: tonight's.
        values: customer_id, residual_value.
    """
    frame = examples.to_pandas().merge(values.to_pandas(), on="customer_id", how="left")
    champion = scorer.load(serving.folder)
    probability = champion.score(frame) if len(frame) else np.zeros(0)
    names, places = reasons.top_reasons(model, champion, frame)
    words = reasons.in_words(model, names, places, frame)
    first = [names[place] if place >= 0 else "" for place in places[:, 0]]
    return pa.table(
        {
            "customer_id": examples["customer_id"],
            "churn_probability": probability,
            "churn_rank": pa.array(ranks(probability), pa.int64()),
            "churn_decile": pa.array(deciles(probability), pa.int32()),
            "value_at_risk": _amounts(frame, probability),
            "reason_1": _texts(words, 0),
            "reason_2": _texts(words, 1),
            "reason_3": _texts(words, 2),
            "reason_key": pa.array([one or None for one in first], pa.string()),
            "churn_kind": pa.array(kind_of_churn(frame, first), pa.string()),
            **_same(len(frame), serving, examples),
        }
    )


def _same(count: int, serving: Version, examples: pa.Table) -> dict[str, Any]:
    return {
        "model_version": pa.array([serving.number] * count, pa.string()),
        "scored_as_of": examples["as_of"],
        "horizon_days": pa.array([serving.horizon_days] * count, pa.int32()),
        "data_versions": pa.array([serving.tags.get("data_versions")] * count, pa.string()),
    }


def _texts(words: list[list[str]], rank: int) -> pa.Array:
    """Reasons of a rank; NULL where there is none."""
    return pa.array([text or None for text in words[rank]], pa.string())


def ranks(probability: Floats) -> NDArray[np.int64]:
    """1 for the customer most at risk; equal probabilities share the better rank."""
    order = np.sort(-probability)
    return np.asarray(np.searchsorted(order, -probability, side="left") + 1, dtype=np.int64)


def deciles(probability: Floats) -> NDArray[np.int64]:
    """1 + the tenths of all customers that have a higher probability."""
    binned = np.round(probability * BINS)
    above = np.searchsorted(np.sort(-binned), -binned, side="left")
    return np.asarray(above * 10 // max(1, len(binned)) + 1, dtype=np.int64)


def _amounts(frame: pd.DataFrame, probability: Floats) -> pa.Array:
    """What is lost on average with the customer: NULL where their value is not known."""
    value = np.asarray(frame[VALUE].astype("float64"))
    at_risk = np.round(probability * np.maximum(value, 0.0), 2)
    return pa.array(at_risk, pa.float64(), mask=np.isnan(value)).cast(pa.decimal128(18, 2))
