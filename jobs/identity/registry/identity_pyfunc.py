"""The match model as MLflow serves it: this file is logged as the model's code, with model.json beside it.

It imports nothing of ours, so that `mlflow models serve` needs numpy, pandas and mlflow alone, and unpickles nothing.
Rarity of values and neighbours (people of one home) need the company's own records: they are not in this score.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext


def weights(model: dict[str, Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Match weight (bits) and probability per pair.

    Args:
        model: Splink settings with parameters.
        frame: per comparison gamma_<name>: -1 not known, 0 differs, the highest is equality; a missing column is -1.

    Returns:
        match_weight, match_probability, with the frame's index.
    """
    prior = model["probability_two_random_records_match"]
    bits = np.full(len(frame), np.log2(prior / (1 - prior)))
    for comparison in model["comparisons"]:
        known = [level for level in comparison["comparison_levels"] if "m_probability" in level][::-1]
        level_bits = [np.log2(level["m_probability"] / level["u_probability"]) for level in known]
        name = f"gamma_{comparison['output_column_name']}"
        if name in frame:
            bits += np.append(level_bits, 0.0)[frame[name].to_numpy(dtype=int)]  # -1 takes the appended 0
    return pd.DataFrame({"match_weight": bits, "match_probability": 1 / (1 + np.exp2(-bits))}, index=frame.index)


class IdentityModel(PythonModel):  # type: ignore[misc]
    """Levels of agreement in, match weight and probability out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model that lies among the artifacts."""
        self.model = json.loads(Path(context.artifacts["model"]).read_text(encoding="utf-8"))

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Score a batch of pairs."""
        return weights(self.model, model_input)


mlflow.models.set_model(IdentityModel())
