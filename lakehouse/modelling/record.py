"""What a training leaves in MLflow: a run with one nested per candidate, data versions, figures, plots, card, model."""

import importlib.metadata
import math
import platform
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lakehouse.mlflow_store import connected, experiment_id
from lakehouse.modelling import manifest, reference
from lakehouse.modelling.card import model_card
from lakehouse.modelling.comparison import Comparison
from lakehouse.modelling.store import FILES, HELD_OUT, HORIZON, REASON, Store
from lakehouse.modelling.training import Trained

CODE = Path(__file__).with_name("model_pyfunc.py")
MOST_SHAP_ROWS = 2000


def recorded(store: Store, trained: Trained, comparison: Comparison, code_hash: str = "") -> str:
    """Log a training and register its model; the new version.

    Args:
        code_hash: of the code that made examples and model, where it is known.
    """
    mlflow = connected(store.models.uri)
    kind = trained.model.model
    place = experiment_id(mlflow, store.models.uri, kind)
    with mlflow.start_run(experiment_id=place, run_name=kind) as run:
        _log_facts(mlflow, trained, comparison, code_hash)
        for candidate in trained.candidates:
            with mlflow.start_run(experiment_id=place, run_name=f"depth {candidate.depth}", nested=True):
                tried = {"depth": candidate.depth, "half_life": candidate.half_life, "trees": candidate.trees}
                mlflow.log_params({**tried, "columns_left_out": len(candidate.left_out), **dict(candidate.told)})
                mlflow.log_metric("tuning_loss", candidate.loss)
        with tempfile.TemporaryDirectory() as folder:
            write_evaluation(Path(folder), trained, comparison)
            mlflow.log_artifacts(folder)
        logged = logged_model(mlflow, store, trained)
        return store.models.register(
            kind,
            trained.model.about,
            logged,
            run.info.run_id,
            tags=tags(trained, comparison),
            description=_line(trained),
        )


def _log_facts(mlflow: Any, trained: Trained, comparison: Comparison, code_hash: str) -> None:
    data, model = trained.data, trained.model
    mlflow.log_params(
        {
            "form": trained.scorer.form,
            **{f"search_{key}": value for key, value in model.search.model_dump().items()},
            **trained.scorer.facts,
            "features": len(trained.scorer.preparation.features),
            "split": data.split.about,
            "training_rows": len(data.split.train),
            "held_out_rows": len(data.split.test),
        }
    )
    found = {name: figure.value for name, figure in trained.evaluation.figures.items()}
    for name, figure in trained.evaluation.figures.items():
        found |= {f"{name}_low": figure.low, f"{name}_high": figure.high}
    for name, (value, _) in trained.evaluation.slices.items():
        found[f"slice/{''.join(c if c.isalnum() or c in '_-. /' else '_' for c in name)}"] = value
    found |= {"champion_figure": comparison.champion_figure, "gain_over_champion": comparison.gain}
    mlflow.log_metrics({name: float(value) for name, value in found.items() if not math.isnan(value)})
    mlflow.set_tags(
        {
            "code_hash": code_hash,
            "python": platform.python_version(),
            "purpose": model.purpose,
            "is_promoted": str(comparison.is_better).lower(),
            REASON: comparison.reason,
            **{f"delta_version.{table}": version for table, version in trained.data.table.versions.items()},
        }
    )
    _log_inputs(mlflow, trained)


def _log_inputs(mlflow: Any, trained: Trained) -> None:
    """The rows as the model sees them: digest, schema, size; no row and no key."""
    for places, context in ((trained.data.split.train, "training"), (trained.data.split.test, "held_out")):
        rows = pd.DataFrame(trained.data.rows[places], columns=list(trained.scorer.preparation.names))
        rows["label"] = trained.data.label[places]
        name = trained.model.examples.table or trained.model.model
        mlflow.log_input(mlflow.data.from_pandas(rows, name=name, targets="label"), context=context)


def write_evaluation(folder: Path, trained: Trained, comparison: Comparison) -> None:
    """Card, plots, importances, drift, notes, and the challenger's shadow scores without any key."""
    from lakehouse.modelling.plots import draw_all

    rows = trained.data.rows[trained.data.split.test][:MOST_SHAP_ROWS]
    sizes = np.abs(trained.scorer.contributions(rows)).mean(axis=0)
    shap = dict(zip(trained.scorer.preparation.names, sizes.tolist(), strict=True))
    draw_all(folder, trained, shap)
    table = pd.DataFrame({"feature": list(shap), "mean_absolute_contribution": list(shap.values())})
    table["share_of_gain"] = table["feature"].map(trained.scorer.importances)
    table["psi"] = table["feature"].map(trained.evaluation.psi)
    table.sort_values("mean_absolute_contribution", ascending=False).to_csv(folder / "features.csv", index=False)
    scores = pd.DataFrame({"answer": trained.answer, "label": trained.data.held_out.label})
    scores.to_csv(folder / "held_out_scores.csv", index=False)
    (folder / "model_card.md").write_text(model_card(trained, comparison), encoding="utf-8")


def logged_model(mlflow: Any, store: Store, trained: Trained) -> Any:
    """The model among the run's outputs, with signature, input example, pinned requirements and signed manifest."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    features = trained.scorer.preparation.features
    columns = [ColSpec("string" if feature.is_category else "double", feature.name) for feature in features]
    pinned = ["mlflow", "numpy", "pandas"]
    requirements = [f"{name}=={importlib.metadata.version(name)}" for name in pinned]
    if trained.scorer.booster is not None:
        requirements.append(f"xgboost-cpu=={importlib.metadata.version('xgboost-cpu')}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / FILES
        folder.mkdir()
        trained.scorer.save(folder)
        reference.of_training(trained).save(folder)
        manifest.sign(folder, store.secret(), store.whose(trained.model.model))
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(CODE),
            artifacts={FILES: str(folder)},
            signature=ModelSignature(inputs=Schema(columns), outputs=Schema([ColSpec("double", "answer")])),
            input_example=typical_rows(trained),
            pip_requirements=requirements,
        )


def typical_rows(trained: Trained) -> pd.DataFrame:
    """Quartiles of each number and the first levels of each category: rows of nobody."""
    rows = trained.data.rows[trained.data.split.train]
    columns: dict[str, list[Any]] = {}
    for place, feature in enumerate(trained.scorer.preparation.features):
        if feature.is_category:
            columns[feature.name] = [feature.levels[min(n, len(feature.levels) - 1)] for n in range(3)]
        else:
            known = rows[:, place][~np.isnan(rows[:, place])]
            columns[feature.name] = np.quantile(known, [0.25, 0.5, 0.75]).tolist() if len(known) else [0.0] * 3
    return pd.DataFrame(columns)


def tags(trained: Trained, comparison: Comparison) -> dict[str, str]:
    """What a version says of itself."""
    found = trained.evaluation
    made = {REASON: comparison.reason, "is_calibrated": str(comparison.is_calibrated).lower()}
    if trained.model.label.horizon_days:
        made[HORIZON] = str(trained.model.label.horizon_days)
    if trained.model.examples.as_of:
        made[HELD_OUT] = str(trained.data.held_out.frame[trained.model.examples.as_of].max())[:10]
    for name in ("auc", "ece", "rmse"):
        if name in found.figures:
            made[name] = f"{found.value(name):.4f}"
    made["data_versions"] = ", ".join(f"{name} {version}" for name, version in trained.data.table.versions.items())
    made["alarms"] = "; ".join(found.alarms)[:4000] or "none"
    return made


def _line(trained: Trained) -> str:
    name = "auc" if trained.scorer.is_binary else "rmse"
    return f"{trained.model.about}; {name} {trained.evaluation.figures[name]}"
