"""Whom an action moves: three learners of the difference that a treatment makes, each row judged by models without it.

T: two models of the outcome, their difference. X: each group's differences from the other's model, learned and mixed
(Künzel et al., PNAS 2019). Doubly robust: the outcome corrected by its residual over the share of the treated, learned
(Kennedy, 2023). In an experiment the share of the treated is known; it is not estimated by person.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import boosting, logistic
from lakehouse.modelling.preparation import Preparation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS, FEWEST_FOR_TREES = 5, 2000
TOLD = {"max_depth": 3, "eta": 0.08, "min_child_weight": 30, "lambda": 10.0, "subsample": 0.8, "seed": 7}
TREES = 60
CORRECTED = "corrected"
Fitted = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Experiment:
    """Rows of an experiment.

    Attributes:
        rows: what was known before the treatment, as `preparation` reads it.
        treated: 1 or 0.
        outcome: 1 or 0, or a number.
        folds: 0 to FOLDS - 1, whole subjects together.
    """

    preparation: Preparation
    rows: Floats
    treated: Floats
    outcome: Floats
    folds: Ints

    @property
    def share(self) -> float:
        """Of the rows that were treated."""
        return float(self.treated.mean())

    @property
    def is_binary(self) -> bool:
        """Whether the outcome is yes or no."""
        return set(np.unique(self.outcome)) <= {0.0, 1.0}


def uplifts(of: Experiment) -> dict[str, Floats]:
    """The difference that the treatment makes for each row, by learner.

    Returns:
        by name; `response` is the outcome when treated, `corrected` what `corrected_difference` gives.
    """
    made = {name: np.empty(len(of.outcome)) for name in ("T", "X", "doubly robust", "response", CORRECTED)}
    for fold in range(FOLDS):
        unseen = of.folds == fold
        if unseen.any():
            for name, said in _of_fold(of, ~unseen, np.flatnonzero(unseen)).items():
                made[name][unseen] = said
    return made


def learned(of: Experiment, learner: str) -> Fitted:
    """A learner of all rows, for rows that are not among them.

    Raises:
        KeyError: it is none of T, X, doubly robust and response.
    """
    every = np.ones(len(of.outcome), dtype=bool)
    if learner == "doubly robust":
        return _robust_learner(of, every)
    without, treated = (_outcome_model(of, of.treated == group) for group in (0, 1))
    if learner == "X":
        return _x_learner(of, every, (without, treated))
    return {"T": lambda rows: treated(rows) - without(rows), "response": treated}[learner]


def _of_fold(of: Experiment, known: NDArray[np.bool_], places: Ints) -> dict[str, Floats]:
    unseen = of.rows[places]
    without, treated = (_outcome_model(of, known & (of.treated == group)) for group in (0, 1))
    return {
        "T": treated(unseen) - without(unseen),
        "X": _x_learner(of, known, (without, treated))(unseen),
        "doubly robust": _robust_learner(of, known)(unseen),
        "response": treated(unseen),
        CORRECTED: corrected_difference(of, places, without, treated),
    }


def _x_learner(of: Experiment, known: NDArray[np.bool_], models: tuple[Fitted, Fitted]) -> Fitted:
    group = [known & (of.treated == value) for value in (0, 1)]
    gained = models[1](of.rows[group[0]]) - of.outcome[group[0]]
    gains = of.outcome[group[1]] - models[0](of.rows[group[1]])
    by_others = _regression(of.preparation, of.rows[group[0]], gained)
    by_treated = _regression(of.preparation, of.rows[group[1]], gains)
    return lambda rows: of.share * by_others(rows) + (1 - of.share) * by_treated(rows)


def _robust_learner(of: Experiment, known: NDArray[np.bool_]) -> Fitted:
    """Halves of the rows take turns: one half's models correct the other half's outcomes."""
    places = np.flatnonzero(known)
    half = (np.argsort(np.argsort(of.folds[places] * len(places) + np.arange(len(places)))) % 2).astype(int)
    corrected = np.empty(len(places))
    for part in (0, 1):
        others = np.zeros(len(of.outcome), dtype=bool)
        others[places[half != part]] = True
        models = [_outcome_model(of, others & (of.treated == group)) for group in (0, 1)]
        corrected[half == part] = corrected_difference(of, places[half == part], models[0], models[1])
    return _regression(of.preparation, of.rows[places], corrected)


def corrected_difference(of: Experiment, places: Ints, without: Fitted, treated: Fitted) -> Floats:
    """What the treatment makes of each row, noisy and without bias whatever the models say."""
    rows, outcome, is_treated, share = of.rows[places], of.outcome[places], of.treated[places], of.share
    said = [without(rows), treated(rows)]
    residual = is_treated * (outcome - said[1]) / share - (1 - is_treated) * (outcome - said[0]) / (1 - share)
    return np.asarray(said[1] - said[0] + residual)


def _outcome_model(of: Experiment, places: NDArray[np.bool_]) -> Fitted:
    """The outcome of some rows, as a probability or a number."""
    rows, outcome = of.rows[places], of.outcome[places]
    if not of.is_binary or outcome.min() == outcome.max():
        return _regression(of.preparation, rows, outcome)
    if len(rows) < FEWEST_FOR_TREES:
        line = logistic.fit(of.preparation, rows, outcome, True, ridge=0.05)
        return lambda unseen: _probability(line.margin(unseen))
    booster = _trees(of.preparation, rows, outcome, "binary:logistic")
    return lambda unseen: _probability(boosting.margins(booster, of.preparation, unseen))


def _regression(preparation: Preparation, rows: Floats, target: Floats) -> Fitted:
    if len(rows) < FEWEST_FOR_TREES:
        return logistic.fit(preparation, rows, target, False, ridge=0.3).margin
    booster = _trees(preparation, rows, target, "reg:squarederror")
    return lambda unseen: boosting.margins(booster, preparation, unseen)


def _trees(preparation: Preparation, rows: Floats, target: Floats, objective: str) -> object:
    told = {**TOLD, "objective": objective, "tree_method": "hist", "nthread": boosting.threads(rows.size)}
    return boosting.fitted(told, boosting.matrix(preparation, rows, target), TREES)


def _probability(margin: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(margin, -500, 500))))
