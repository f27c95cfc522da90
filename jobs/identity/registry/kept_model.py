"""A registered version of customer_identity, read back from MLflow."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.identity.registry.identity_model import Model
from jobs.identity.registry.model_log import MODEL_NAME
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import connected


@dataclass(frozen=True)
class KeptModel:
    """A version's model, the night whose accounts it was trained on, and how many there were."""

    version: str
    trained_on: date
    record_count: int
    model: Model


def read(models: LakeModels, version: str) -> KeptModel:
    """Read a version.

    Raises:
        MlflowException, OSError: MLflow cannot be reached.
        KeyError, ValueError: it is no model that model_log.py registered for this lake.
    """
    mlflow = connected(models.uri)
    client = mlflow.MlflowClient()
    registered = models.version(MODEL_NAME, version)
    if registered is None:
        raise KeyError(version)
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{registered.name}/{version}"))
    return KeptModel(
        version,
        date.fromisoformat(registered.tags["trained_on"]),
        int(client.get_run(registered.run_id).data.params["record_count"]),
        json.loads((folder / "artifacts" / "model.json").read_text(encoding="utf-8")),
    )
