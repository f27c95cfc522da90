"""The value models as MLflow serves them: this file is logged as the model's code, with models.json beside it.

It imports nothing of ours, so that `mlflow models serve` needs numpy, pandas, scipy and mlflow alone, and unpickles
nothing. It is the plain models without what recent weeks say: an outsider has three figures of a customer.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext
from scipy.integrate import quad
from scipy.special import betaincinv

HORIZON_DAYS = 90.0
NODES = 400  # of quantiles of the chance to leave; those of a Jacobi rule overflow where nearly nobody leaves


def alive_and_orders(
    model: str, parameters: dict[str, float], x: float, t_x: float, t: float, horizon: float = HORIZON_DAYS
) -> tuple[float, float]:
    """Chance that a customer still buys, and orders expected until the horizon if so; times in shop days."""
    r, alpha = parameters["r"], parameters["alpha"]
    if model == "pareto_nbd":
        s, beta = parameters["s"], parameters["beta"]

        def left(at: float) -> float:
            """How much likelier the customer left at an instant than that they are still there."""
            rate = s / (beta + at) * ((beta + t) / (beta + at)) ** s
            return float(rate * np.exp((r + x) * np.log((alpha + t) / (alpha + at))))

        stays = quad(lambda ahead: np.exp(-s * np.log1p(ahead / (beta + t))), 0.0, horizon)[0]
        return 1.0 / (1.0 + quad(left, t_x, t, limit=200)[0]), (r + x) / (alpha + t) * stays
    a, b, chances = parameters["a"], parameters["b"], x + (model == "mbg_nbd")
    odds = a / (b + chances - 1.0) * np.exp((r + x) * np.log((alpha + t) / (alpha + t_x))) if chances > 0 else 0.0
    points, weights = np.polynomial.legendre.leggauss(NODES)
    leave = np.clip(betaincinv(a, b + chances, (points + 1.0) / 2.0), 1e-300, 1.0)
    orders = -np.expm1(-(r + x) * np.log1p(leave * horizon / (alpha + t))) / leave
    return 1.0 / (1.0 + odds), float(weights @ orders / 2.0)


def spend_per_order(parameters: dict[str, float], x: float, mean_spend: float) -> float:
    """Gamma-Gamma's expected spend per order; who ordered once has everybody's mean, as no first order is given."""
    p, q, v = parameters["p"], parameters["q"], parameters["v"]
    shape = p * x + q - 1.0
    return p * (v + x * max(mean_spend, 0.0)) / (shape if q > 1.0 else max(shape, p / 2))


class ValueModel(PythonModel):  # type: ignore[misc]
    """frequency, t_x_days, t_days and mean_spend in; p_alive, expected_orders_90d and expected_spend_90d out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the parameters that lie among the model's artifacts."""
        self.models = json.loads(Path(context.artifacts["models"]).read_text(encoding="utf-8"))
        self.past = np.array(self.models.get("shop_days_past", []))
        self.horizon = float(self.models.get("shop_days_of_next_90", HORIZON_DAYS))

    def shop_days(self, days: float) -> float:
        """The length of the last so many days: one of a shop's high season counts more than others."""
        return float(np.interp(days, np.arange(len(self.past)), self.past)) if len(self.past) else days

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Score a few customers, one after the other."""
        columns = (model_input[name].to_numpy(float) for name in ("frequency", "t_x_days", "t_days", "mean_spend"))
        rows = []
        for x, t_x, t, mean_spend in zip(*columns, strict=True):
            times = self.shop_days(t) - self.shop_days(t - t_x), self.shop_days(t)
            alive, orders = alive_and_orders(self.models["model"], self.models["orders"], x, *times, self.horizon)
            each = spend_per_order(self.models["spend"], x, 0.0 if np.isnan(mean_spend) else mean_spend)
            rows.append((alive, alive * orders, alive * orders * each))
        names = ["p_alive", "expected_orders_90d", "expected_spend_90d"]
        return pd.DataFrame(rows, columns=names, index=model_input.index)


mlflow.models.set_model(ValueModel())
