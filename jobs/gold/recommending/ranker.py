"""The ranker: how likely a customer buys a candidate within the horizon, learned from a past day.

Two ridge logistic regressions, one for new items and one for items bought before: what tells of a first purchase says
little of the next one. Kept as JSON, so that serving it unpickles nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jobs.gold.recommending.candidates import NEW_FEATURES, OWNED_FEATURES, Candidates
from jobs.gold.recommending.purchases import Floats

MAX_STEPS, SMALL_STEP, NO_SPREAD = 30, 1e-8, 1e-9


@dataclass(frozen=True)
class Regression:
    """probability = 1 / (1 + exp(-(intercept + sum(weight * (feature - centre) / scale))))."""

    features: tuple[str, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def probabilities(self, rows: Floats) -> Floats:
        """One per row of the features."""
        scaled = (rows - np.array(self.centres)) / np.array(self.scales)
        chances: Floats = 1.0 / (1.0 + np.exp(-(scaled @ np.array(self.weights) + self.intercept)))
        return chances


@dataclass(frozen=True)
class Ranker:
    """Both regressions; `is_learned` is false for the one that stands in while there is too little to learn from."""

    new: Regression
    owned: Regression
    is_learned: bool = True

    def probabilities(self, chances: Candidates) -> Floats:
        """Per candidate the probability that the customer buys it within the horizon."""
        said = np.zeros(len(chances.item))
        for part, rows in ((self.new, ~chances.is_owned), (self.owned, chances.is_owned)):
            said[rows] = part.probabilities(chances.features[rows, : len(part.features)])
        return said

    def to_json(self) -> str:
        """The form that tables and MLflow keep."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Ranker":
        """Read back what `to_json` wrote."""
        kept = json.loads(text)
        return cls(regression(kept["new"]), regression(kept["owned"]), kept["is_learned"])


def regression(kept: dict[str, Any]) -> Regression:
    """One part as JSON had it."""
    features, centres, scales, weights = (tuple(kept[name]) for name in ("features", "centres", "scales", "weights"))
    return Regression(features, centres, scales, weights, kept["intercept"])


def stand_in() -> Ranker:
    """Before anything can be learned: new items as others take them up, own ones by how often and how lately."""
    return Ranker(
        told(NEW_FEATURES, {"take_up": 1.0, "taste": 0.5}),
        told(OWNED_FEATURES, {"season_times": 1.0, "overdue_squared": -0.5}, -1.0),
        is_learned=False,
    )


def told(features: Sequence[str], weights: dict[str, float], intercept: float = 0.0) -> Regression:
    """A regression by declared weights over the plain features."""
    size = len(features)
    return Regression(
        tuple(features), (0.0,) * size, (1.0,) * size, tuple(weights.get(name, 0.0) for name in features), intercept
    )


def learned(candidates: Candidates, is_bought: Floats, l2_penalty: float) -> Ranker:
    """Fit both regressions; one without both outcomes among its examples keeps the stand-in's weights.

    Args:
        is_bought: 0 or 1 per candidate: whether the customer bought it within the horizon.
        l2_penalty: per example, on the weights of the standardised features.
    """
    parts = []
    for rows, names, otherwise in (
        (~candidates.is_owned, NEW_FEATURES, stand_in().new),
        (candidates.is_owned, OWNED_FEATURES, stand_in().owned),
    ):
        values, outcome = candidates.features[rows, : len(names)], is_bought[rows]
        has_both = 0 < outcome.sum() < len(outcome)
        parts.append(fitted(names, values, outcome, l2_penalty) if has_both else otherwise)
    return Ranker(parts[0], parts[1])


def fitted(names: Sequence[str], values: Floats, outcome: Floats, l2_penalty: float) -> Regression:
    """Newton's method on the ridge logistic loss, which has one minimum.

    Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4.
    """
    centres, spread = values.mean(axis=0), values.std(axis=0)
    scales = np.where(spread > NO_SPREAD, spread, 1.0)  # a feature that never varies gets weight 0
    rows = np.column_stack([np.ones(len(values)), (values - centres) / scales])
    penalty = np.array([0.0, *[l2_penalty] * len(names)])
    share = outcome.mean()
    weights = np.array([np.log(share / (1 - share)), *[0.0] * len(names)])
    for _ in range(MAX_STEPS):
        p = 1.0 / (1.0 + np.exp(-(rows @ weights)))
        gradient = rows.T @ (p - outcome) / len(rows) + penalty * weights
        curvature = (rows * (p * (1 - p))[:, None]).T @ rows / len(rows) + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        step *= min(1.0, 4.0 / max(np.abs(step).max(), 1e-12))  # far from the minimum a whole step may overshoot
        weights -= step
        if np.abs(step).max() < SMALL_STEP:
            break
    return Regression(
        tuple(names), tuple(centres.tolist()), tuple(scales.tolist()), tuple(weights[1:].tolist()), float(weights[0])
    )
