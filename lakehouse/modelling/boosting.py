"""Boosted trees: one fit, the small search over depths, and the exact contributions behind a score.

xgboost is imported when it is needed: a night that trains nothing and scores by plain numbers never loads it.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import distributed, spec, splits
from lakehouse.modelling.preparation import Preparation

Floats = NDArray[np.float64]
NOISE = 0.005  # of the loss: less is no gain
THREADS, FEW_VALUES = 2, 1_000_000  # a small matrix is done before a second thread has started


@dataclass(frozen=True)
class Rows:
    """Rows of the matrix with labels; weight by half-life where the rows have a time."""

    values: Floats
    label: Floats
    moments: Floats

    def of_columns(self, kept: Sequence[int]) -> "Rows":
        """The same rows with some columns alone."""
        return Rows(self.values[:, list(kept)], self.label, self.moments)

    def weights(self, half_life: float) -> Floats:
        """How much each row counts."""
        return splits.weights(self.moments, half_life)


@dataclass(frozen=True)
class Candidate:
    """Parameters that were tried, and how they did on the tuning rows.

    Attributes:
        left_out: places of columns that it does without, since they only tell the time.
        tellers: how many such columns it keeps; each must gain more than noise does, and so must what it was told.
        told: what it was told in place of the YAML's search.
    """

    depth: int
    half_life: float
    trees: int
    loss: float
    left_out: tuple[int, ...] = ()
    tellers: int = 0
    told: tuple[tuple[str, float], ...] = ()

    def of_model(self, model: spec.Model) -> spec.Model:
        """The model with the candidate's own values of its search."""
        return model.model_copy(update={"search": model.search.replace(**dict(self.told))}) if self.told else model

    @property
    def rank(self) -> tuple[float, int, float]:
        """The better one is smaller."""
        return self.loss * (1 + NOISE) ** (self.tellers + bool(self.told)), self.depth, self.half_life


def imported() -> Any:
    """xgboost, told that waiting threads sleep: where cores are shared, spinning ones slow everyone down."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import xgboost

    return xgboost


def matrix(preparation: Preparation, rows: Floats, label: Floats | None = None, weight: Floats | None = None) -> Any:
    """Xgboost's form of the rows; codes of categories stay codes."""
    return imported().DMatrix(
        rows,
        label,
        weight=weight,
        feature_names=column_names(len(preparation.features)),
        feature_types=preparation.types,
        enable_categorical=True,
        nthread=threads(rows.size),
    )


def column_names(count: int) -> list[str]:
    """What xgboost calls the columns: it refuses brackets, as in `torque [Nm]`."""
    return [f"f{place}" for place in range(count)]


def threads(values: int) -> int:
    """How many threads a matrix of so many values is worth: the same for equal data, so that sums agree."""
    return 1 if values < FEW_VALUES else THREADS


def parameters(
    model: spec.Model, preparation: Preparation, depth: int, values: int, is_monotone: bool = True
) -> dict[str, Any]:
    """What xgboost is told for a matrix of so many values."""
    search = model.search
    made: dict[str, Any] = {
        "objective": "binary:logistic" if model.label.kind == "binary" else "reg:squarederror",
        "eval_metric": "logloss" if model.label.kind == "binary" else "rmse",
        "max_depth": depth,
        "eta": search.learning_rate,
        "subsample": search.row_share,
        "colsample_bytree": search.column_share,
        "min_child_weight": search.min_child_weight,
        "lambda": search.l2_penalty,
        "num_parallel_tree": search.averaged_models,
        "tree_method": "hist",
        "max_cat_to_onehot": search.one_hot_levels + 1,  # xgboost's is one above
        "seed": search.seed % 2**31,
        "nthread": threads(values),
    }
    if search.most_leaves:
        made |= {"grow_policy": "lossguide", "max_leaves": search.most_leaves}
    directions = [feature.monotone for feature in preparation.features]
    if is_monotone and any(directions):
        made["monotone_constraints"] = "(" + ",".join(map(str, directions)) + ")"
    return made


def fitted(told: dict[str, Any], data: Any, trees: int) -> Any:
    """A booster of so many steps."""
    return imported().train(told, data, num_boost_round=trees)


def refitted(model: spec.Model, preparation: Preparation, rows: Rows, best: Candidate, is_monotone: bool = True) -> Any:
    """A candidate's parameters on other rows."""
    told = parameters(best.of_model(model), preparation, best.depth, rows.values.size, is_monotone)
    if len(rows.label) > model.search.distributed_from_rows and (spark := distributed.session()) is not None:
        whole = (rows.values, rows.label, rows.weights(best.half_life))
        return distributed.fitted(preparation, told, whole, best.trees, spark)
    data = matrix(preparation, rows.values, rows.label, rows.weights(best.half_life))
    return fitted(told, data, best.trees)


def tried(
    model: spec.Model, preparation: Preparation, train: Rows, tune: Rows, left_out: Sequence[tuple[int, ...]] = ()
) -> Iterator[Candidate]:
    """Each depth and half-life fitted until the tuning rows gain no more; the best depth also without some columns."""
    depths = list(tried_depths(model, preparation, train, tune, model.search.depths))
    telling = max(map(len, left_out), default=0)
    yield from (replace(one, tellers=telling) for one in depths)
    best = min(depths, key=lambda one: one.rank)
    for one in widened(model, best):
        made = tried_depths(
            one.of_model(model), preparation, train, tune, sorted({best.depth, max(model.search.depths)})
        )
        wide = [replace(found, tellers=telling, told=one.told) for found in made]
        best = min([best, *wide], key=lambda one: one.rank)
        yield from wide
    for places in left_out:
        kept = [place for place in range(len(preparation.features)) if place not in places]
        if not kept:
            continue
        few = preparation.of_places(kept)
        parts = (train.of_columns(kept), tune.of_columns(kept))
        for one in tried_depths(best.of_model(model), few, *parts, (best.depth,)):
            yield replace(one, left_out=places, tellers=telling - len(places), told=best.told)


def widened(model: spec.Model, best: Candidate) -> Iterator[Candidate]:
    """What else to tell: of few columns a half hides how they go together, and rare cases need small leaves."""
    if model.search.is_wide:
        for told in ({"column_share": 1.0}, {"min_child_weight": 1.0}, {"column_share": 1.0, "min_child_weight": 1.0}):
            yield replace(best, told=tuple(sorted(told.items())))


def tried_depths(
    model: spec.Model, preparation: Preparation, train: Rows, tune: Rows, depths: Sequence[int]
) -> Iterator[Candidate]:
    """Each of some depths, and each half-life."""
    search = model.search
    watch = matrix(preparation, tune.values, tune.label)
    for half_life in search.half_lives if model.is_in_time else (0.0,):
        learn = matrix(preparation, train.values, train.label, train.weights(half_life))
        for depth in depths:
            booster = imported().train(
                parameters(model, preparation, depth, train.values.size),
                learn,
                num_boost_round=search.max_trees,
                evals=[(watch, "tune")],
                early_stopping_rounds=search.patience,
                verbose_eval=False,
            )
            yield Candidate(depth, half_life, booster.best_iteration + 1, float(booster.best_score))


def margins(booster: Any, preparation: Preparation, rows: Floats) -> Floats:
    """Log-odds (or the number itself) per row."""
    return np.asarray(booster.predict(matrix(preparation, rows), output_margin=True), dtype=np.float64)


def contributions(booster: Any, preparation: Preparation, rows: Floats) -> Floats:
    """Exact SHAP values of the margin (rows x features, then the base): TreeSHAP, not its approximation."""
    return np.asarray(booster.predict(matrix(preparation, rows), pred_contribs=True), dtype=np.float64)
