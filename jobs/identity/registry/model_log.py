"""What an identity model leaves in MLflow: parameters, expected precision and recall, charts, the registered model.

Shares per level of agreement only: no value of a record is in them.
"""

import csv
import importlib.metadata
import json
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from jobs.identity.matching.comparisons import splink_settings
from jobs.identity.registry.identity_model import Expected, Level, Model, levels, model_hash
from lakehouse.files.formulas import harmless_row
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import SERVES_FROM, connected, experiment_id

MODEL_NAME = "customer_identity"
CODE = Path(__file__).with_name("identity_pyfunc.py")
PINNED = ("mlflow", "numpy", "pandas")
ABOUT = "Which records are one person: Fellegi-Sunter parameters, conf/identity.yaml"


@dataclass(frozen=True)
class Logged:
    """A model with what is known of it.

    trained_on: its night; weights: pairs by whole bits (bits, pairs, matches); settings: what it was trained with;
    figures: further metrics; refusal: why it is not promoted, empty where it is.
    """

    model: Model
    trained_on: date
    record_count: int
    expected: Expected
    weights: pa.Table
    joins_from_bits: float
    settings: dict[str, Any]
    data_versions: dict[str, int]
    figures: dict[str, float] = field(default_factory=dict)
    refusal: str = ""


def log_and_register(models: LakeModels, logged: Logged, serves_from: date) -> str:
    """Log one run and register its model; a promoted one gets the champion's alias. The registered version."""
    mlflow = connected(models.uri)
    experiment = experiment_id(mlflow, models.uri, MODEL_NAME)
    with mlflow.start_run(experiment_id=experiment, run_name=f"identity of {logged.trained_on}") as run:
        mlflow.log_params(parameters(logged))
        mlflow.log_metrics(metrics(logged))
        mlflow.set_tags(tags(logged))
        with tempfile.TemporaryDirectory() as folder:
            write_evaluation(Path(folder), logged)
            mlflow.log_artifacts(folder)
        facts = {
            "tags": {"model_hash": model_hash(logged.model), "trained_on": str(logged.trained_on)},
            "description": logged.refusal or f"expected precision {logged.expected.precision:.3f}",
        }
        version = models.register(MODEL_NAME, ABOUT, logged_model(mlflow, logged), run.info.run_id, **facts)
    if not logged.refusal:
        models.tag(MODEL_NAME, version, SERVES_FROM, serves_from.isoformat())
        models.promote(MODEL_NAME, version)
    return version


def parameters(logged: Logged) -> dict[str, Any]:
    """M and u per comparison and level (the strongest agreement is 1), the threshold, and what it was trained with."""
    shares: dict[str, Any] = {}
    for name, number, level in numbered(logged.model):
        shares[f"m.{name}.{number}"] = f"{level.m:.6g}"
        shares[f"u.{name}.{number}"] = f"{level.u:.6g}"
    return {
        "algorithm": "Fellegi-Sunter, expectation maximisation on pattern counts",
        "trained_on": str(logged.trained_on),
        "threshold_bits": logged.joins_from_bits,
        "probability_two_random_records_match": logged.model["probability_two_random_records_match"],
        "record_count": logged.record_count,
        **{f"training.{name}": value for name, value in logged.settings.items()},
        **shares,
    }


def numbered(model: Model) -> list[tuple[str, int, Level]]:
    """Comparison, number of the level from 1, level."""
    seen: dict[str, int] = {}
    rows = []
    for level in levels(model):
        seen[level.comparison] = seen.get(level.comparison, 0) + 1
        rows.append((level.comparison, seen[level.comparison], level))
    return rows


def metrics(logged: Logged) -> dict[str, float]:
    """Expected precision and recall at the threshold, and what the caller measured."""
    own = {
        f"estimated_{name}" if name in ("precision", "recall", "matches") else name: float(value)
        for name, value in asdict(logged.expected).items()
    }
    return {**own, **logged.figures}


def tags(logged: Logged) -> dict[str, str]:
    """Whether it is promoted, why not, and the versions of the tables that it was made of."""
    return {
        "is_promoted": str(not logged.refusal).lower(),
        "refusal": logged.refusal,
        "model_hash": model_hash(logged.model),
        **{f"delta_version.{table}": str(version) for table, version in logged.data_versions.items()},
    }


def write_evaluation(folder: Path, logged: Logged) -> None:
    """The charts, their numbers as CSV, and the model as Splink loads it."""
    from jobs.identity.registry.model_charts import draw_levels, draw_weights

    all_levels, rows = list(levels(logged.model)), logged.weights.to_pylist()
    draw_levels(folder / "m_u.png", all_levels)
    draw_weights(folder / "match_weights.png", rows, logged.joins_from_bits)
    (folder / "splink_settings.json").write_text(json.dumps(splink_settings(logged.model)), encoding="utf-8")
    with (folder / "m_u.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("comparison", "level", "m", "u", "bits"))
        table.writerows(harmless_row((one.comparison, one.label, one.m, one.u, one.bits)) for one in all_levels)
    with (folder / "match_weights.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.DictWriter(file, ("bits", "pairs", "matches"))
        lines.writeheader()
        lines.writerows(rows)


def logged_model(mlflow: Any, logged: Logged) -> Any:
    """The model as code and JSON (nothing is pickled), with signature and pinned requirements."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    names = dict.fromkeys(f"gamma_{level.comparison}" for level in levels(logged.model))
    signature = ModelSignature(
        inputs=Schema([ColSpec("long", name) for name in names]),
        outputs=Schema([ColSpec("double", name) for name in ("match_weight", "match_probability")]),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_text(json.dumps(logged.model), encoding="utf-8")
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(CODE),
            artifacts={"model": str(path)},
            signature=signature,
            input_example=pd.DataFrame({name: [1, 0, -1] for name in names}),  # agrees, differs, is not known
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in PINNED],
        )
