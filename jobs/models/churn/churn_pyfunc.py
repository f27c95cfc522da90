"""The churn model as MLflow serves it: this file is logged as the model's code, with scorecard.json beside it.

It imports nothing of ours, so that `mlflow models serve` needs numpy, pandas and mlflow alone, and unpickles nothing.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext


def probabilities(card: dict[str, Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Churn probability per row: what `Scorecard.expression` says, over pandas.

    Args:
        card: the content of scorecard.json.
        frame: one column per feature of the card, raw.

    Returns:
        churn_probability, 0 to 1, with the frame's index.
    """
    values = frame[list(card["features"])].to_numpy(dtype=float)
    scaled = (np.log1p(np.maximum(values, 0.0)) - np.array(card["centres"])) / np.array(card["scales"])
    margin = scaled @ np.array(card["weights"]) + card["intercept"]
    return pd.DataFrame({"churn_probability": 1.0 / (1.0 + np.exp(-margin))}, index=frame.index)


class ChurnModel(PythonModel):  # type: ignore[misc]
    """Features in, churn_probability out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the scorecard that lies among the model's artifacts."""
        self.card = json.loads(Path(context.artifacts["scorecard"]).read_text(encoding="utf-8"))

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Score a batch."""
        return probabilities(self.card, model_input)


mlflow.models.set_model(ChurnModel())
