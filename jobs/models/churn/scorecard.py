"""A churn model as plain numbers: a ridge logistic regression over log-scaled, standardised features.

It is kept as JSON, so that serving it unpickles nothing, and so that Spark scores customers with built-in expressions.
"""

import functools
import json
import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

Floats = NDArray[np.float64]
MAX_STEPS = 50
SMALL_STEP = 1e-8
NO_SPREAD = 1e-9  # rounding alone makes a constant feature vary by less than this


@dataclass(frozen=True)
class Scorecard:
    """probability = 1 / (1 + exp(-(intercept + sum(weight * (log1p(max(feature, 0)) - centre) / scale))))."""

    features: tuple[str, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def to_json(self) -> str:
        """The form that `scorecard.json` of a logged model has."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Scorecard":
        """Read back what `to_json` wrote."""
        kept = json.loads(text)
        intercept = float(kept.pop("intercept"))
        return cls(intercept=intercept, **{name: tuple(values) for name, values in kept.items()})

    def expression(self) -> Column:
        """The probability as a Spark expression over the feature columns."""
        terms = [
            (F.log1p(F.greatest(F.col(name).cast("double"), F.lit(0.0))) - centre) * (weight / scale)
            for name, centre, scale, weight in zip(self.features, self.centres, self.scales, self.weights, strict=True)
        ]
        margin = functools.reduce(operator.add, terms, F.lit(self.intercept))
        return F.lit(1.0) / (F.lit(1.0) + F.exp(-margin))


def fit_scorecard(features: Sequence[str], values: Floats, is_churned: Floats, l2_penalty: float) -> Scorecard:
    """Fit by Newton's method; the minimum is unique, since the penalised loss is strictly convex.

    Args:
        values: examples x features, raw.
        is_churned: 0 or 1 per example; both must occur.
        l2_penalty: per example, on the weights of the standardised features; the intercept is free.
    Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4 (with the ridge of 3.4.1).
    """
    scaled = np.log1p(np.maximum(values, 0.0))
    centres = scaled.mean(axis=0)
    spread = scaled.std(axis=0)
    scales = np.where(spread > NO_SPREAD, spread, 1.0)  # a feature that never varies gets weight 0
    rows = np.column_stack([np.ones(len(scaled)), (scaled - centres) / scales])
    weights = ridge_logistic(rows, is_churned, l2_penalty)
    return Scorecard(
        tuple(features), tuple(centres.tolist()), tuple(scales.tolist()), tuple(weights[1:].tolist()), float(weights[0])
    )


def ridge_logistic(rows: Floats, is_churned: Floats, l2_penalty: float) -> Floats:
    """Weights of least mean logistic loss + l2_penalty / 2 * |weights|^2, the first one (the intercept) left free."""
    penalty = np.diag([0.0, *[l2_penalty] * (rows.shape[1] - 1)])
    weights = np.zeros(rows.shape[1])
    loss = np.inf
    for _ in range(MAX_STEPS):
        margin = rows @ weights
        p = 1.0 / (1.0 + np.exp(-margin))
        gradient: Floats = rows.T @ (p - is_churned) / len(rows) + penalty @ weights
        curvature = (rows * (p * (1 - p))[:, None]).T @ rows / len(rows) + penalty
        step = np.asarray(np.linalg.solve(curvature + 1e-12 * np.eye(len(weights)), gradient), dtype=np.float64)
        weights, loss = _descended(rows, is_churned, penalty, weights, step, loss)
        if np.abs(step).max() < SMALL_STEP:
            break
    return weights


def _descended(
    rows: Floats, is_churned: Floats, penalty: Floats, weights: Floats, step: Floats, loss: float
) -> tuple[Floats, float]:
    """A whole Newton step, halved until it does not climb: far from the minimum a whole step may overshoot."""
    for _ in range(30):
        tried = weights - step
        margin = rows @ tried
        reached = float(np.mean(np.logaddexp(0.0, margin) - is_churned * margin) + 0.5 * tried @ penalty @ tried)
        if reached <= loss:
            return tried, reached
        step = step / 2
    return weights, loss
