"""MLflow as this room uses it: one experiment, one registered model, and which of its versions serves as of a day.

MLflow is imported inside functions: it takes seconds, and most callers of this room never need it.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.config import Profile, home
from jobs.models.churn_settings import FEATURES
from jobs.models.scorecard import Scorecard

MODEL_NAME = "customer_churn"
ALIAS = "champion"
SERVES_FROM = "serves_from"  # tag of a promoted version: the first as-of date that it may score
SCORECARD = "scorecard.json"
Predict = Callable[[pd.DataFrame], pd.Series]


def tracking_uri(profile: Profile) -> str:
    """The profile's URI; a relative SQLite file starts from the project's folder, as every path of a profile does."""
    uri = profile.mlflow_tracking_uri
    kind, found, file = uri.partition("sqlite:///")
    return f"sqlite:///{profile.path(file)}" if found and not kind else uri


def artifact_location(uri: str) -> str | None:
    """A folder beside the SQLite file; a server keeps artifacts where it was told to."""
    file = uri.removeprefix("sqlite:///")
    return (Path(home(), file).parent / "artifacts" / MODEL_NAME).as_uri() if file != uri else None


def connected(uri: str) -> Any:
    """MLflow's module, pointed at our store, without telemetry and progress bars."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow


def experiment_id(mlflow: Any, uri: str) -> str:
    """The experiment's id; made on first use."""
    found = mlflow.get_experiment_by_name(MODEL_NAME)
    if found:
        return str(found.experiment_id)
    return str(mlflow.create_experiment(MODEL_NAME, artifact_location=artifact_location(uri)))


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
            found = model.predict(frame[list(FEATURES)].astype(float))
            return pd.Series(found.iloc[:, 0] if isinstance(found, pd.DataFrame) else found, index=frame.index)

        return predict


def champion(uri: str, as_of: date) -> Champion | None:
    """The version that serves as of a day: the alias's, or for an earlier day the one promoted last before it."""
    client = connected(uri).MlflowClient()
    present = aliased(client, uri)
    if present is None or present.serves(as_of):
        return present
    versions = (known(uri, found) for found in client.search_model_versions(f"name = '{MODEL_NAME}'"))
    promoted = [v for v in versions if v.serves_from is not None and v.serves_from <= as_of]
    return max(promoted, key=lambda v: (v.serves_from or date.min, int(v.version)), default=None)


def aliased(client: Any, uri: str) -> Champion | None:
    """The version that the alias points at, None where there is none."""
    from mlflow.exceptions import MlflowException

    try:
        return known(uri, client.get_model_version_by_alias(MODEL_NAME, ALIAS))
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


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
