"""The registered model customer_churn, and which of its versions serves as of a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.models.churn.scorecard import Scorecard
from jobs.models.settings.churn import FEATURES
from lakehouse import mlflow_store
from lakehouse.mlflow_store import ALIAS, SERVES_FROM, connected

MODEL_NAME = "customer_churn"
SCORECARD = "scorecard.json"
Predict = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Champion:
    """One registered version."""

    uri: str
    version: str
    serves_from: date | None  # None: promoted by hand, serves any day

    def serves(self, as_of: date) -> bool:
        """Whether it was champion as of that morning: a past night is never scored by a model from after it."""
        return self.serves_from is None or self.serves_from <= as_of

    @cached_property
    def scorecard(self) -> Scorecard | None:
        """Its numbers, None for a model of another kind (one that someone registered by hand)."""
        path = self._folder() / "artifacts" / SCORECARD
        return Scorecard.from_json(path.read_text(encoding="utf-8")) if path.exists() else None

    def _folder(self) -> Path:
        mlflow = connected(self.uri)
        return Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL_NAME}/{self.version}"))

    def predictor(self) -> Predict:
        """Its probabilities over a frame with the FEATURES, for any kind of model: called through MLflow."""
        mlflow = connected(self.uri)
        model = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}/{self.version}")

        def predict(frame: pd.DataFrame) -> pd.Series:
            answer = model.predict(frame[list(FEATURES)].astype(float))
            return pd.Series(answer.iloc[:, 0] if isinstance(answer, pd.DataFrame) else answer, index=frame.index)

        return predict


def champion(uri: str, as_of: date) -> Champion | None:
    """The version that serves as of a day: the alias's, or for an earlier day the one promoted last before it."""
    client = connected(uri).MlflowClient()
    present = aliased(client, uri)
    if present is None or present.serves(as_of):
        return present
    versions = (known(uri, registered) for registered in client.search_model_versions(f"name = '{MODEL_NAME}'"))
    promoted = [v for v in versions if v.serves_from is not None and v.serves_from <= as_of]
    return max(promoted, key=lambda v: (v.serves_from or date.min, int(v.version)), default=None)


def aliased(client: Any, uri: str) -> Champion | None:
    """The version that the alias points at, None where there is none."""
    version = mlflow_store.aliased(client, MODEL_NAME)
    return known(uri, version) if version else None


def known(uri: str, version: Any) -> Champion:
    """A model version of MLflow as ours."""
    tag = version.tags.get(SERVES_FROM)
    return Champion(uri, str(version.version), date.fromisoformat(tag) if tag else None)


def promote(uri: str, version: str, serves_from: date) -> None:
    """Let a version serve from a day on; the alias moves unless it points at a later promotion."""
    client = connected(uri).MlflowClient()
    client.set_model_version_tag(MODEL_NAME, version, SERVES_FROM, serves_from.isoformat())
    present = aliased(client, uri)
    if present is None or present.serves(serves_from):
        client.set_registered_model_alias(MODEL_NAME, ALIAS, version)
