"""A trained model as something that scores: margin, probability, and what each feature adds to the margin.

Kept in a folder of JSON files (`save`, `load`), nothing of it pickled; xgboost is loaded only where its trees score.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.modelling import boosting
from lakehouse.modelling.calibration import Calibration
from lakehouse.modelling.logistic import Logistic, widened
from lakehouse.modelling.preparation import Preparation

Floats = NDArray[np.float64]
TREES, LINEAR, PREPARATION, FACTS = "trees.json", "linear.json", "preparation.json", "facts.json"


@dataclass(frozen=True)
class Scorer:
    """Trees or a linear model behind one preparation.

    Attributes:
        is_binary: margins are log-odds; else the number itself.
        facts: what else is kept with it: how many trees, seed, days.
    """

    preparation: Preparation
    calibration: Calibration
    is_binary: bool
    booster: Any = None
    linear: Logistic | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """Boosted trees, or linear."""
        return "boosted trees" if self.booster is not None else "linear"

    @property
    def spread(self) -> float:
        """In what a contribution is measured: 1 of log-odds; of numbers the deviation of the labels."""
        return 1.0 if self.is_binary else float(self.facts.get("spread", 1.0))

    def margin(self, rows: Floats) -> Floats:
        """Log-odds before calibration (or the number itself) per row of the matrix."""
        if self.linear is not None:
            return self.linear.margin(rows)
        return boosting.margins(self.booster, self.preparation, rows)

    def answer(self, margin: Floats) -> Floats:
        """Probabilities of margins; a number stays what it is."""
        return self.calibration.probability(margin) if self.is_binary else margin

    def score(self, frame: pd.DataFrame) -> Floats:
        """Probability (or number) per row of a frame with the features as they come."""
        return self.score_rows(self.preparation.matrix(frame))

    def score_rows(self, rows: Floats) -> Floats:
        """Probability (or number) per row of the matrix."""
        return self.answer(self.margin(rows))

    def contributions(self, rows: Floats) -> Floats:
        """What each feature adds to the margin, against the training rows' mean; exact for both forms."""
        if self.linear is not None:
            return self._terms(rows)
        return boosting.contributions(self.booster, self.preparation, rows)[:, :-1]

    def _terms(self, rows: Floats) -> Floats:
        assert self.linear is not None
        wide = (widened(self.preparation, rows) - np.array(self.linear.centres)) / np.array(self.linear.scales)
        terms = np.nan_to_num(wide) * np.array(self.linear.weights)
        widths = [len(f.levels) if f.is_category else 3 for f in self.preparation.features]
        return np.asarray(np.add.reduceat(terms, np.r_[0, np.cumsum(widths)[:-1]], axis=1))

    @cached_property
    def importances(self) -> dict[str, float]:
        """Gain (or weight) by feature, as shares."""
        if self.linear is not None:
            weights = np.abs(np.array(self.linear.weights))
            widths = [len(f.levels) if f.is_category else 3 for f in self.preparation.features]
            parts = np.add.reduceat(weights, np.r_[0, np.cumsum(widths)[:-1]])
        else:
            gains = self.booster.get_score(importance_type="total_gain")
            names = boosting.column_names(len(self.preparation.features))
            parts = np.array([float(gains.get(name, 0.0)) for name in names])
        return dict(zip(self.preparation.names, (parts / max(parts.sum(), 1e-12)).tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write its files."""
        (folder / PREPARATION).write_text(self.preparation.to_json(), encoding="utf-8")
        facts = {"calibration": asdict(self.calibration), "is_binary": self.is_binary, **self.facts}
        (folder / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True, default=str), encoding="utf-8")
        if self.linear is not None:
            kept = {k: v for k, v in vars(self.linear).items() if k != "preparation"}
            (folder / LINEAR).write_text(json.dumps(kept, indent=1), encoding="utf-8")
        else:
            self.booster.save_model(folder / TREES)


def load(folder: Path) -> Scorer:
    """Read back what `save` wrote."""
    preparation = Preparation.from_json((folder / PREPARATION).read_text(encoding="utf-8"))
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    calibration, is_binary = Calibration(**facts.pop("calibration")), bool(facts.pop("is_binary"))
    if (folder / LINEAR).exists():
        kept = json.loads((folder / LINEAR).read_text(encoding="utf-8"))
        parts = {key: tuple(kept[key]) for key in ("centres", "scales", "weights")}
        linear = Logistic(preparation, intercept=float(kept["intercept"]), **parts)
        return Scorer(preparation, calibration, is_binary, linear=linear, facts=facts)
    booster = boosting.imported().Booster()
    booster.load_model(folder / TREES)
    booster.feature_names = boosting.column_names(len(preparation.features))  # whatever they were called when saved
    return Scorer(preparation, calibration, is_binary, booster=booster, facts=facts)
