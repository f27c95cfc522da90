"""The ranker as MLflow serves it: this file is logged as the model's code, with ranker.json beside it.

It imports nothing of ours, so that `mlflow models serve` needs numpy, pandas and mlflow alone, and unpickles nothing.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext


def probabilities(ranker: dict[str, Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Per candidate the probability of a purchase within the horizon: what `Ranker.probabilities` says, over pandas.

    Args:
        ranker: the content of ranker.json.
        frame: is_owned, and one column per feature.
    """
    is_owned = frame["is_owned"].to_numpy(dtype=bool)
    chances = np.zeros(len(frame))
    for name, rows in (("new", ~is_owned), ("owned", is_owned)):
        part = ranker[name]
        scaled = (frame.loc[rows, part["features"]].to_numpy(dtype=float) - part["centres"]) / part["scales"]
        chances[rows] = 1.0 / (1.0 + np.exp(-(scaled @ np.array(part["weights"]) + part["intercept"])))
    return pd.DataFrame({"probability": chances}, index=frame.index)


class RankerModel(PythonModel):  # type: ignore[misc]
    """Candidates in, probabilities out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the ranker that lies among the model's artifacts."""
        self.ranker = json.loads(Path(context.artifacts["ranker"]).read_text(encoding="utf-8"))

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Score a batch."""
        return probabilities(self.ranker, model_input)


mlflow.models.set_model(RankerModel())
