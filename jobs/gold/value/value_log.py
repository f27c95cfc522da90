"""What a choice of models leaves in MLflow: parameters, holdout figures, tables, plots and the registered model.

Means over many customers only: no figure of one customer is in them.
"""

import importlib.metadata
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jobs.gold.value.calibration import by_decile, by_frequency, errors
from jobs.gold.value.choice import EVERYBODY
from jobs.gold.value.gamma_gamma import GammaGammaFit
from jobs.gold.value.learned import Backtest
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.shop_time import ShopTime
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import connected, experiment_id

MODEL_NAME = "customer_value"
ABOUT = "What customers will buy: models of repeat buying and of spend per order, conf/customer_value.yaml"
CODE = Path(__file__).with_name("value_pyfunc.py")
SERVED_DAYS = 7_300  # an outsider asks for customers of no more than twenty years
PINNED = ("mlflow", "numpy", "pandas", "scipy")


@dataclass(frozen=True)
class Logged:
    """One night's fits with the holdout that the models were chosen by."""

    run_date: date
    fits: Mapping[str, OrderFit | None]
    spend: GammaGammaFit
    time: ShopTime
    seen: Backtest
    cumulative: pd.DataFrame
    settings: dict[str, Any]
    data_versions: dict[str, int]


def log_and_register(models: LakeModels, logged: Logged) -> str:
    """Log one run, register the models and give them the champion's alias; the registered version."""
    mlflow = connected(models.uri)
    experiment = experiment_id(mlflow, models.uri, MODEL_NAME)
    with mlflow.start_run(experiment_id=experiment, run_name=f"value of {logged.run_date}") as run:
        mlflow.log_params(parameters(logged))
        mlflow.log_metrics(errors(logged.seen))
        mlflow.set_tags({f"delta_version.{table}": str(version) for table, version in logged.data_versions.items()})
        with tempfile.TemporaryDirectory() as folder:
            write_evaluation(Path(folder), logged)
            mlflow.log_artifacts(folder)
        facts = {"tags": {"fitted_to": str(logged.run_date)}, "description": described(logged)}
        version = models.register(MODEL_NAME, ABOUT, logged_model(mlflow, logged), run.info.run_id, **facts)
    models.promote(MODEL_NAME, version)
    return version


def described(logged: Logged) -> str:
    """In a sentence."""
    models = ", ".join(f"{name}: {fit.model}" for name, fit in logged.fits.items() if fit)
    return f"fitted to {logged.run_date}; {models}; gamma_gamma"


def parameters(logged: Logged) -> dict[str, Any]:
    """Each cohort's model and parameters with their errors, in days, those of spend, and the settings."""
    values: dict[str, Any] = {"run_date": str(logged.run_date), "time_unit": "day", **logged.settings}
    values |= {
        "order_pull": logged.seen.learned.orders.power,
        "spend_pull": logged.seen.learned.spend.power,
        "order_drift": logged.seen.learned.order_drift,
        "spend_drift": logged.seen.learned.spend_drift,
    }
    for name, fit in [*logged.fits.items(), ("spend", logged.spend)]:
        if fit is None or fit.parameters is None:
            continue
        values |= {f"{name}.{key}": f"{value:.6g}" for key, value in fit.parameters._asdict().items()}
        errors_of = fit.standard_errors._asdict() if fit.standard_errors else {}
        values |= {f"{name}.{key}_error": f"{value:.3g}" for key, value in errors_of.items()}
        values |= {f"{name}.model": fit.model} if isinstance(fit, OrderFit) else {}
    return values


def write_evaluation(folder: Path, logged: Logged) -> None:
    """Tables as CSV, and their pictures."""
    from jobs.gold.value.calibration_plots import draw_bars, draw_cumulative

    frequency, decile = by_frequency(logged.seen), by_decile(logged.seen)
    for name, table in (("by_frequency", frequency), ("by_decile", decile), ("cumulative", logged.cumulative)):
        table.to_csv(folder / f"{name}.csv", index=False)
    draw_bars(folder / "by_frequency.png", frequency, "frequency", "orders", "Orders by repeat orders before")
    draw_bars(folder / "by_decile.png", decile, "decile", "spend", "Spend by tenth of expected spend")
    draw_cumulative(folder / "cumulative.png", logged.cumulative)


def seasonal_lengths(time: ShopTime) -> dict[str, Any]:
    """How long the last days and the next 90 are to the models; nothing where the shop has no seasons."""
    if time.is_even:
        return {}
    past = time.past(np.arange(SERVED_DAYS + 1, dtype=float)).round(6).tolist()
    return {"shop_days_past": past, "shop_days_of_next_90": time.ahead(90.0)}


def logged_model(mlflow: Any, logged: Logged) -> Any:
    """Everybody's model as code and JSON (nothing is pickled), with signature and pinned requirements."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs = ("frequency", "t_x_days", "t_days", "mean_spend")
    outputs = ("p_alive", "expected_orders_90d", "expected_spend_90d")
    signature = ModelSignature(*(Schema([ColSpec("double", name) for name in names]) for names in (inputs, outputs)))
    fit = logged.fits[EVERYBODY]
    content = {"model": fit.model, "orders": fit.parameters._asdict()} if fit and fit.parameters else {}
    content |= seasonal_lengths(logged.time)
    content |= {"spend": logged.spend.parameters._asdict()} if logged.spend.parameters else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(CODE),
            artifacts={"models": str(path)},
            signature=signature,
            input_example=pd.DataFrame([(3.0, 60.0, 90.0, 25.0)], columns=list(inputs)),  # made up, nobody's
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in PINNED],
        )
