"""A registered version of customer_identity, read back from MLflow."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.identity.registry.identity_model import Model
from jobs.identity.registry.model_log import MODEL_NAME
from lakehouse.mlflow_store import connected


@dataclass(frozen=True)
class KeptModel:
    """A version's model, the night whose accounts it was trained on, and how many there were."""

    version: str
    trained_on: date
    record_count: int
    model: Model


def read(uri: str, version: str) -> KeptModel:
    """Read a version.

    Raises:
        MlflowException, OSError: MLflow cannot be reached or has no such version.
        KeyError, ValueError: it is no model that model_log.py registered.
    """
    mlflow = connected(uri)
    client = mlflow.MlflowClient()
    registered = client.get_model_version(MODEL_NAME, version)
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL_NAME}/{version}"))
    return KeptModel(
        version,
        date.fromisoformat(registered.tags["trained_on"]),
        int(client.get_run(registered.run_id).data.params["record_count"]),
        json.loads((folder / "artifacts" / "model.json").read_text(encoding="utf-8")),
    )
