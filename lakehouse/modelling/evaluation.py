"""What is said of a model on examples held out: figures with intervals, by slice, money, drift."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.modelling import metrics, spec
from lakehouse.modelling.metrics import Interval
from lakehouse.modelling.preparation import Preparation, level_texts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_SLICES = 12
BEYOND_USUAL = 1.5  # times what a feature moves by itself between two dates of the training


@dataclass(frozen=True)
class HeldOut:
    """Examples that a model is judged on."""

    label: Floats
    subjects: Ints
    frame: pd.DataFrame

    @property
    def is_of_both_kinds(self) -> bool:
        """Whether a yes-or-no label has both."""
        return bool(0 < self.label.mean() < 1)


@dataclass
class Evaluation:
    """Figures by name; slices as `column=value` -> AUC (or RMSE) and count; alarms as sentences."""

    figures: dict[str, Interval] = field(default_factory=dict)
    slices: dict[str, tuple[float, int]] = field(default_factory=dict)
    psi: dict[str, float] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    profit: list[tuple[float, float]] = field(default_factory=list)  # share acted on -> gain per example

    def value(self, name: str) -> float:
        """A figure without its interval; NaN where it is not there."""
        return self.figures[name].value if name in self.figures else float("nan")


def evaluate(model: spec.Model, held_out: HeldOut, answer: Floats, baseline: Floats) -> Evaluation:
    """The figures of answers on held-out examples, the baseline's beside them."""
    made = Evaluation()
    if model.label.kind == "binary":
        made.figures = binary_figures(model, held_out, answer, baseline)
        made.profit = profit_curve(model, held_out.label, answer)
    else:
        made.figures = number_figures(model, held_out, answer, baseline)
    made.slices = by_slice(model, held_out, answer)
    return made


def binary_figures(model: spec.Model, held: HeldOut, answer: Floats, baseline: Floats) -> dict[str, Interval]:
    """AUC, average precision, Brier, calibration error, log loss, lift: each with its bootstrap interval."""
    rounds, seed = model.search.bootstrap_rounds, model.search.seed
    draws = metrics.bootstrap_auc(held.label, [answer, baseline], held.subjects, rounds, seed)
    made = {
        "auc": metrics.interval(metrics.auc(held.label, answer), draws[:, 0]),
        "auc_baseline": metrics.interval(metrics.auc(held.label, baseline), draws[:, 1]),
        "auc_over_baseline": metrics.interval(
            metrics.auc(held.label, answer) - metrics.auc(held.label, baseline), draws[:, 0] - draws[:, 1]
        ),
    }
    sets = resampled_rows(held, min(rounds, 100), seed)
    for name, figure in (
        ("average_precision", metrics.average_precision),
        ("brier", lambda label, p: float(np.mean((p - label) ** 2))),
        ("ece", metrics.ece),
        ("log_loss", metrics.log_loss),
        ("lift_top_tenth", lambda label, p: metrics.lift(label, p, 0.1)),
        ("rate", lambda label, _: float(label.mean())),
    ):
        drawn = [figure(held.label[rows], answer[rows]) for rows in sets]
        made[name] = metrics.interval(figure(held.label, answer), np.array(drawn))
    return made


def number_figures(model: spec.Model, held: HeldOut, answer: Floats, baseline: Floats) -> dict[str, Interval]:
    """Errors of a number, as is and with both sides capped."""
    most = model.label.most or np.inf
    rounds, seed = min(model.search.bootstrap_rounds, 200), model.search.seed
    sets = resampled_rows(held, rounds, seed)
    made = {}
    for name, truth, said in (
        ("rmse", held.label, answer),
        ("rmse_capped", np.minimum(held.label, most), np.minimum(answer, most)),
        ("rmse_baseline", held.label, baseline),
    ):
        drawn = [_rmse(truth[rows], said[rows]) for rows in sets]
        made[name] = metrics.interval(_rmse(truth, said), np.array(drawn))
    absolute = np.abs(answer - held.label)
    made["mae"] = metrics.interval(float(absolute.mean()), np.array([absolute[rows].mean() for rows in sets]))
    return made


def _rmse(truth: Floats, said: Floats) -> float:
    return float(np.sqrt(np.mean((said - truth) ** 2)))


def resampled_rows(held: HeldOut, rounds: int, seed: int) -> list[Ints]:
    """Places of rows of resamples of whole subjects; of a yes-or-no label both kinds are in each."""
    random = np.random.default_rng(seed)
    order = np.argsort(held.subjects, kind="stable")
    starts = np.searchsorted(held.subjects[order], np.arange(held.subjects.max() + 2))
    is_binary = set(np.unique(held.label)) <= {0.0, 1.0}
    made = []
    for _ in range(rounds):
        drawn = random.integers(0, len(starts) - 1, len(starts) - 1)
        if len(starts) - 1 == len(order):
            rows = order[drawn]
        else:
            rows = np.concatenate([order[starts[one] : starts[one + 1]] for one in drawn])
        if len(rows) and (not is_binary or 0 < held.label[rows].mean() < 1):
            made.append(rows)
    return made


def by_slice(model: spec.Model, held: HeldOut, answer: Floats) -> dict[str, tuple[float, int]]:
    """AUC (or RMSE) of each value of the slice columns that enough examples have."""
    made = {}
    for column in model.slices:
        values = slice_values(held.frame[column])
        for value in values.value_counts().index[:MOST_SLICES]:
            rows = np.flatnonzero((values == value).to_numpy())
            if len(rows) >= model.gates.slice_min_examples and (figure := _figure(model, held, answer, rows)):
                made[f"{column}={value}"] = (figure, len(rows))
    return made


def slice_values(column: pd.Series) -> pd.Series:
    """A slice column as texts: thirds of a number with many values."""
    if (
        pd.api.types.is_numeric_dtype(column)
        and not pd.api.types.is_bool_dtype(column)
        and column.nunique() > MOST_SLICES
    ):
        cut = pd.qcut(column, 3, duplicates="drop")
        return cut.astype(str).fillna("missing")
    return level_texts(column).fillna("missing").astype(str)


def _figure(model: spec.Model, held: HeldOut, answer: Floats, rows: Ints) -> float | None:
    if model.label.kind == "number":
        return _rmse(held.label[rows], answer[rows])
    area = metrics.auc(held.label[rows], answer[rows])
    return None if np.isnan(area) else area


def profit_curve(model: spec.Model, label: Floats, answer: Floats) -> list[tuple[float, float]]:
    """Gain per example of acting on the best 0, 5, ... 100 %, at the YAML's costs; empty where it has none."""
    if model.money is None:
        return []
    order = np.argsort(-answer, kind="stable")
    gained = np.r_[0.0, np.cumsum(label[order] * model.money.positive_brings - model.money.contact_costs)]
    ends = [round(len(label) * share / 20) for share in range(21)]
    return [(end / len(label), float(gained[end] / len(label))) for end in ends]


def drift(
    model: spec.Model,
    preparation: Preparation,
    before: tuple[Floats, Floats],
    after: tuple[Floats, Floats],
    usual: Floats | None = None,
) -> Evaluation:
    """PSI of each feature and the change of the positives' share between earlier and later rows; alarms.

    Args:
        usual: PSI of each feature that its own movement explains; none where the rows have no dates.
    """
    made = Evaluation()
    for place, name in enumerate(preparation.names):
        made.psi[name] = metrics.psi(before[0][:, place], after[0][:, place])
    lines = np.maximum(model.gates.max_psi, 0.0 if usual is None else BEYOND_USUAL * usual)
    line = dict(zip(preparation.names, np.broadcast_to(lines, len(preparation.names)), strict=True))
    moved = sorted((name for name, psi in made.psi.items() if psi > line[name]), key=lambda n: -made.psi[n])
    made.alarms += [f"the distribution of {name} has changed (PSI {made.psi[name]:.2f})" for name in moved]
    if model.label.kind == "binary":
        was, became = float(before[1].mean()), float(after[1].mean())
        if abs(became - was) > model.gates.max_prior_shift:
            made.alarms.insert(0, f"the share of positives went from {was:.1%} to {became:.1%}: calibrate anew")
    return made
