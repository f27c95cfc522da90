"""A model as MLflow serves it: this file is logged as the model's code, with the model's own JSON files beside it.

It imports nothing of ours, so that `mlflow models serve` needs mlflow, numpy, pandas and, for trees, xgboost alone.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext


def matrix(features: list[dict[str, Any]], frame: pd.DataFrame) -> np.ndarray:
    """Rows x features as the training read them: codes of known levels, finite numbers, the rest missing."""
    columns = []
    for feature in features:
        column = frame[feature["name"]]
        if feature["levels"]:
            known = {level: float(place) for place, level in enumerate(feature["levels"])}
            values = column.astype(object).map(text, na_action="ignore").map(known).astype("float64").to_numpy()
        else:
            plain = column.map(number, na_action="ignore") if column.dtype == object else column
            values = pd.to_numeric(plain, errors="coerce").astype("float64").to_numpy()
        columns.append(np.where(np.isfinite(values), values, np.nan))
    return np.column_stack(columns)


def text(value: Any) -> str:
    """A value as the levels are written, whatever type its column has."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if value.is_integer() else f"{value:g}"
    return str(value).strip()


def number(value: Any) -> Any:
    """Yes and no as 1 and 0."""
    return float(value) if isinstance(value, (bool, np.bool_)) else value


def wide(features: list[dict[str, Any]], rows: np.ndarray) -> np.ndarray:
    """The columns of the linear form."""
    columns: list[np.ndarray] = []
    for place, feature in enumerate(features):
        values = rows[:, place]
        if feature["levels"]:
            columns += [(values == level).astype(float) for level in range(len(feature["levels"]))]
        else:
            columns += [values, np.sign(values) * np.log1p(np.abs(values)), np.isnan(values).astype(float)]
    return np.column_stack(columns)


class Model(PythonModel):  # type: ignore[misc]
    """Features in, `answer` out: a probability, or a number."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the files that lie among the model's artifacts."""
        folder = Path(context.artifacts["files"])
        self.features = json.loads((folder / "preparation.json").read_text(encoding="utf-8"))
        self.facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        self.linear: dict[str, Any] | None = None
        self.booster: Any = None
        if (folder / "linear.json").exists():
            self.linear = json.loads((folder / "linear.json").read_text(encoding="utf-8"))
        else:
            import xgboost

            self.booster = xgboost.Booster()
            self.booster.load_model(folder / "trees.json")

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Score a batch."""
        margin = self.margin(matrix(self.features, model_input))
        if self.facts["is_binary"]:
            said = self.facts["calibration"]
            margin = 1.0 / (1.0 + np.exp(-np.clip(said["slope"] * margin + said["intercept"], -500, 500)))
        return pd.DataFrame({"answer": margin}, index=model_input.index)

    def margin(self, rows: np.ndarray) -> np.ndarray:
        """Log-odds, or the number itself."""
        if self.linear is not None:
            scaled = (wide(self.features, rows) - np.array(self.linear["centres"])) / np.array(self.linear["scales"])
            answer: np.ndarray = np.nan_to_num(scaled) @ np.array(self.linear["weights"]) + float(
                self.linear["intercept"]
            )
            return answer
        import xgboost

        data = xgboost.DMatrix(
            rows,
            feature_names=[f"f{place}" for place in range(len(self.features))],
            feature_types=["c" if feature["levels"] else "q" for feature in self.features],
            enable_categorical=True,
        )
        return np.asarray(self.booster.predict(data, output_margin=True), dtype=np.float64)


mlflow.models.set_model(Model())
