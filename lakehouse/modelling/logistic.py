"""The baseline: a ridge logistic (or linear) regression over standardised columns, kept as plain numbers.

Numbers enter as they are and log-scaled, a missing one as the mean with a mark; categories as one column per level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling.preparation import Preparation

Floats = NDArray[np.float64]
MAX_STEPS, SMALL_STEP = 50, 1e-8
NO_SPREAD = 1e-9  # rounding alone makes a constant column vary by less than this
RIDGE = 0.003


@dataclass(frozen=True)
class Logistic:
    """margin = intercept + sum(weight * (column - centre) / scale), over the columns of `widened`."""

    preparation: Preparation
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds (or the number itself) per row."""
        rows = (widened(self.preparation, matrix) - np.array(self.centres)) / np.array(self.scales)
        return np.asarray(np.nan_to_num(rows) @ np.array(self.weights) + self.intercept)


def widened(preparation: Preparation, matrix: Floats) -> Floats:
    """The columns that a linear model needs: NaN only where a number is missing."""
    columns = []
    for place, feature in enumerate(preparation.features):
        values = matrix[:, place]
        if feature.is_category:
            columns += [(values == level).astype(float) for level in range(len(feature.levels))]
        else:
            columns += [values, np.sign(values) * np.log1p(np.abs(values)), np.isnan(values).astype(float)]
    return np.column_stack(columns) if columns else np.empty((len(matrix), 0))


def fit(preparation: Preparation, matrix: Floats, label: Floats, is_binary: bool, ridge: float = RIDGE) -> Logistic:
    """Fit by Newton's method (binary) or in one step (numbers); the minimum is unique."""
    wide = widened(preparation, matrix)
    counted = ~np.isnan(wide)
    count = np.maximum(counted.sum(axis=0), 1)
    centres = np.where(counted, wide, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(counted, wide - centres, 0.0) ** 2).sum(axis=0) / count)
    scales = np.where(spread > NO_SPREAD * np.maximum(1.0, np.abs(centres)), spread, 1.0)
    rows = np.column_stack([np.ones(len(wide)), np.nan_to_num((wide - centres) / scales)])
    weights = ridge_logistic(rows, label, ridge) if is_binary else ridge_linear(rows, label, ridge)
    return Logistic(
        preparation, tuple(centres.tolist()), tuple(scales.tolist()), tuple(weights[1:].tolist()), float(weights[0])
    )


def ridge_linear(rows: Floats, label: Floats, ridge: float) -> Floats:
    """Weights of least mean squared error with a ridge; the first one (the intercept) is free."""
    penalty = np.diag([0.0, *[ridge] * (rows.shape[1] - 1)]) + 1e-12 * np.eye(rows.shape[1])
    return np.asarray(np.linalg.solve(rows.T @ rows / len(rows) + penalty, rows.T @ label / len(rows)))


def ridge_logistic(rows: Floats, label: Floats, ridge: float) -> Floats:
    """Weights of least mean logistic loss + ridge / 2 * |weights|^2, the first one (the intercept) left free.

    Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4 (with the ridge of 3.4.1).
    """
    penalty = np.diag([0.0, *[ridge] * (rows.shape[1] - 1)])
    weights = np.zeros(rows.shape[1])
    loss = np.inf
    for _ in range(MAX_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -500, 500)))
        gradient = rows.T @ (p - label) / len(rows) + penalty @ weights
        curvature = (rows * (p * (1 - p))[:, None]).T @ rows / len(rows) + penalty
        step = np.asarray(np.linalg.solve(curvature + 1e-12 * np.eye(len(weights)), gradient))
        weights, loss = _descended(rows, label, penalty, weights, step, loss)
        if np.abs(step).max() < SMALL_STEP:
            break
    return weights


def _descended(
    rows: Floats, label: Floats, penalty: Floats, weights: Floats, step: Floats, loss: float
) -> tuple[Floats, float]:
    """A whole Newton step, halved until it does not climb: far from the minimum a whole step may overshoot."""
    for _ in range(30):
        tried = weights - step
        margin = rows @ tried
        reached = float(np.mean(np.logaddexp(0.0, margin) - label * margin) + 0.5 * tried @ penalty @ tried)
        if reached <= loss:
            return tried, reached
        step = step / 2
    return weights, loss
