"""What a training leaves in MLflow: parameters, data versions, metrics, plots, the card and the registered model."""

import dataclasses
import importlib.metadata
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from jobs.models.churn.card import model_card
from jobs.models.churn.metrics import Evaluation, Floats, importances
from jobs.models.churn.registry import HELD_OUT, HORIZON, MODEL_NAME, SCORECARD, Champion
from jobs.models.churn.trained import Trained
from jobs.models.settings.churn import FEATURES, Settings
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import connected, experiment_id

CODE = Path(__file__).with_name("churn_pyfunc.py")
PINNED = ("mlflow", "numpy", "pandas")
SHUFFLES = 3
SEED = 7


class Comparison(NamedTuple):
    """The champion before, how it did on the same held-out examples, and whether the new model takes its place."""

    present: Champion | None
    rival: Evaluation | None
    is_promoted: bool


def log_model(
    models: LakeModels,
    trained: Trained,
    settings: Settings,
    against: Comparison,
    examples_path: str,
) -> str:
    """Log one run and register its model; the registered version."""
    mlflow, uri = connected(models.uri), models.uri
    newest = trained.held_out["as_of"].max()
    with mlflow.start_run(
        experiment_id=experiment_id(mlflow, uri, MODEL_NAME), run_name=f"churn held out {newest}"
    ) as run:
        log_inputs(mlflow, trained, examples_path)
        mlflow.log_params(parameters(trained, settings))
        mlflow.log_metrics(metrics(trained.evaluation, against.rival))
        mlflow.set_tags(
            {
                "is_promoted": str(against.is_promoted).lower(),
                "champion_before": against.present.version if against.present else "none",
                **{f"delta_version.{table}": str(version) for table, version in trained.data_versions.items()},
            }
        )
        with tempfile.TemporaryDirectory() as folder:
            write_evaluation(Path(folder), trained, settings)
            mlflow.log_artifacts(folder)
        return register(mlflow, models, trained, settings, run.info.run_id)


def parameters(trained: Trained, settings: Settings) -> dict[str, Any]:
    """The settings, and the days that the examples are of."""
    days = sorted({str(day) for day in trained.training["as_of"]})
    return {
        "algorithm": "logistic regression, ridge, Newton's method",
        **settings.model_dump(),
        "training_as_of_first": days[0],
        "training_as_of_last": days[-1],
        "training_as_of_dates": len(days),
        "training_examples": len(trained.training),
        "held_out_as_of": str(trained.held_out["as_of"].max()),
    }


def metrics(evaluation: Evaluation, rival: Evaluation | None) -> dict[str, float]:
    """The figures on the held-out examples, and the champion's AUC on the same ones."""
    own = {name: float(value) for name, value in dataclasses.asdict(evaluation).items()}
    return {**own, **({"champion_auc": rival.auc} if rival else {})}


def log_inputs(mlflow: Any, trained: Trained, examples_path: str) -> None:
    """Name the examples at their Delta version as the run's data: digest, schema and size; no rows."""
    from mlflow.data.delta_dataset_source import DeltaDatasetSource

    version = trained.data_versions.get("models.churn_examples")
    source = DeltaDatasetSource(path=examples_path, delta_table_version=version)
    for frame, context in ((trained.training, "training"), (trained.held_out, "held_out")):
        rows = frame[[*FEATURES, "is_churned"]].astype(float)
        data = mlflow.data.from_pandas(rows, source=source, name="models.churn_examples", targets="is_churned")
        mlflow.log_input(data, context=context)


def write_evaluation(folder: Path, trained: Trained, settings: Settings) -> None:
    """Plots, importances, the scorecard and the model card as files."""
    from jobs.models.churn.plots import draw_all

    is_churned = trained.held_out["is_churned"].to_numpy(dtype=float)
    lost = lost_auc(trained, is_churned)
    draw_all(folder, is_churned, trained.probability, FEATURES, lost, trained.evaluation)
    table = pd.DataFrame({"feature": FEATURES, "auc_lost_when_shuffled": lost, "weight": trained.card.weights})
    table = table.sort_values("auc_lost_when_shuffled", ascending=False)
    table.to_csv(folder / "feature_importances.csv", index=False)
    (folder / "model_card.md").write_text(model_card(trained, settings, table), encoding="utf-8")


def lost_auc(trained: Trained, is_churned: Floats) -> Floats:
    """Permutation importances on the held-out examples."""
    from jobs.models.churn.churn_pyfunc import probabilities

    def score(values: Floats) -> Floats:
        answer = probabilities(vars(trained.card), pd.DataFrame(values, columns=list(FEATURES)))
        return np.asarray(answer["churn_probability"], dtype=float)

    values = trained.held_out[list(FEATURES)].to_numpy(dtype=float)
    return importances(is_churned, values, score, SHUFFLES, SEED)


def register(mlflow: Any, models: LakeModels, trained: Trained, settings: Settings, run_id: str) -> str:
    """Log the model as code and JSON (nothing is pickled) and register it; the new version."""
    logged = logged_model(mlflow, trained)
    tags = {
        HELD_OUT: str(trained.held_out["as_of"].max()),
        HORIZON: str(settings.horizon),
        "auc": f"{trained.evaluation.auc:.4f}",
    }
    return models.register(
        MODEL_NAME,
        "Who buys nothing within the horizon: conf/churn.yaml",
        logged,
        run_id,
        tags=tags,
        description=f"no purchase in {settings.horizon} days; AUC {trained.evaluation.auc:.3f} as of {tags[HELD_OUT]}",
    )


def logged_model(mlflow: Any, trained: Trained) -> Any:
    """The model among the run's outputs, with signature, input example and pinned requirements."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    signature = ModelSignature(
        inputs=Schema([ColSpec("double", name) for name in FEATURES]),
        outputs=Schema([ColSpec("double", "churn_probability")]),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SCORECARD
        path.write_text(trained.card.to_json(), encoding="utf-8")
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(CODE),
            artifacts={"scorecard": str(path)},
            signature=signature,
            input_example=typical_rows(trained.held_out),
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in PINNED],
        )


def typical_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Quartiles of each feature as an input example: rows of no real customer."""
    return frame[list(FEATURES)].astype(float).quantile([0.25, 0.5, 0.75]).reset_index(drop=True)
