"""What a fit leaves in MLflow: parameters, data versions, the evaluation by method and group, the registered ranker."""

import csv
import importlib.metadata
import tempfile
import warnings
from datetime import date
from pathlib import Path
from typing import Any

from jobs.gold.recommending.candidates import NEW_FEATURES, OWNED_FEATURES
from jobs.gold.recommending.evaluation import EVERYBODY
from jobs.gold.recommending.fitting import Fit
from jobs.gold.settings.recommendations import Settings
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import SERVES_FROM, connected, experiment_id

MODEL_NAME = "recommendation_ranker"
CODE = Path(__file__).with_name("ranker_pyfunc.py")
PINNED = ("mlflow", "numpy", "pandas")
ABOUT = "How likely a customer buys a candidate item within the horizon: conf/recommendations.yaml"
BASELINES = (("new", "popularity"), ("new", "popularity_not_bought"), ("all", "popularity"), ("all", "last_basket"))
MEASURES = ("recall_at_10", "ndcg_at_10", "coverage", "novelty_bits", "gini_of_exposure", "long_tail_share")


def log_and_register(models: LakeModels, fit: Fit, run_date: date, settings: Settings, versions: dict[str, int]) -> str:
    """Log one run, register its ranker and let it be the champion; the registered version."""
    mlflow = connected(models.uri)
    with mlflow.start_run(
        experiment_id=experiment_id(mlflow, models.uri, MODEL_NAME), run_name=f"recommendations of {run_date}"
    ) as run:
        mlflow.log_params(parameters(fit, run_date, settings))
        mlflow.log_metrics(metrics(fit))
        mlflow.set_tags({f"delta_version.{table}": str(version) for table, version in versions.items()})
        with tempfile.TemporaryDirectory() as folder:
            write_evaluation(Path(folder), fit)
            mlflow.log_artifacts(folder)
        facts = {"tags": {"fitted_on": str(run_date)}, "description": headline(fit)}
        version = models.register(MODEL_NAME, ABOUT, logged_model(mlflow, fit), run.info.run_id, **facts)
    models.tag(MODEL_NAME, version, SERVES_FROM, run_date.isoformat())
    models.promote(MODEL_NAME, version)
    return version


def parameters(fit: Fit, run_date: date, settings: Settings) -> dict[str, Any]:
    """The settings of factors and learning, and the days."""
    return {
        "algorithm": "two ridge logistic regressions over implicit ALS, take-up and rhythm",
        "fitted_on": str(run_date),
        "learned_as_of": str(fit.learned_as_of),
        "judged_as_of": str(fit.judged_as_of),
        "item_level": fit.level,
        "items": len(fit.keys),
        "customers": fit.customer_count,
        **{f"factors.{name}": value for name, value in settings.factors.model_dump().items()},
        **{f"learning.{name}": value for name, value in settings.learning.model_dump().items()},
    }


def metrics(fit: Fit) -> dict[str, float]:
    """task.method.measure over everybody, by group where there are groups, and the ratios to the baselines."""
    figures: dict[str, float] = {}
    for row in fit.evaluation:
        group = "" if row["customer_group"] == EVERYBODY else f".{row['customer_group']}"
        figures |= {f"{row['task']}.{row['method']}{group}.{name}": float(row[name]) for name in MEASURES}
    for task, baseline in BASELINES:
        if below := figures.get(f"{task}.{baseline}.recall_at_10"):
            figures[f"{task}.ranker_to_{baseline}.recall_at_10"] = figures[f"{task}.ranker.recall_at_10"] / below
    return figures


def headline(fit: Fit) -> str:
    """The version's description."""
    figures = metrics(fit)
    return f"recall@10 of new items {figures['new.ranker.recall_at_10']:.3f} as of {fit.judged_as_of}"


def write_evaluation(folder: Path, fit: Fit) -> None:
    """The evaluation and the weights as CSV."""
    with (folder / "evaluation.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, list(fit.evaluation[0]))
        rows.writeheader()
        rows.writerows(fit.evaluation)
    with (folder / "weights.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("part", "feature", "weight"))
        for name, part in (("new", fit.ranker.new), ("owned", fit.ranker.owned)):
            table.writerows((name, *pair) for pair in zip(part.features, part.weights, strict=True))


def logged_model(mlflow: Any, fit: Fit) -> Any:
    """The ranker as code and JSON (nothing is pickled), with signature and pinned requirements."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    names = columns()
    signature = ModelSignature(
        inputs=Schema([ColSpec("boolean", "is_owned"), *(ColSpec("double", name) for name in names)]),
        outputs=Schema([ColSpec("double", "probability")]),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ranker.json"
        path.write_text(fit.ranker.to_json(), encoding="utf-8")
        # the signature says it all; an example would be loaded and served before it is kept, which takes seconds
        warnings.filterwarnings("ignore", message=".*input example was not provided", category=UserWarning)
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(CODE),
            artifacts={"ranker": str(path)},
            signature=signature,
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in PINNED],
        )


def columns() -> list[str]:
    """All features, each once."""
    return list(dict.fromkeys((*NEW_FEATURES, *OWNED_FEATURES)))
