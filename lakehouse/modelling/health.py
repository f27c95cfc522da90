"""How a champion fares after its training: does what it sees look as before, and does what it said come true?

A distribution is held against the reference kept with the model, a performance against its held-out figures; each
line lies beyond what chance and the usual movement of the column explain.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.modelling import evaluation, metrics, spec
from lakehouse.modelling.evaluation import HeldOut
from lakehouse.modelling.preparation import label_of
from lakehouse.modelling.reference import Distribution, Reference
from lakehouse.modelling.scorer import Scorer

Floats = NDArray[np.float64]
FEWEST_ROWS = 50  # fewer rows say nothing of a distribution
SURE = 3.5  # standard errors: of dozens of columns and cohorts each night hardly one passes by chance
ROUNDS = 200


@dataclass(frozen=True)
class Measure:
    """One row of ops.model_health.

    Attributes:
        name: of the column or cohort; empty where it is about all.
        line: the value at which it is an alarm.
        usual: what it was when the model was judged.
    """

    measure: str
    name: str
    value: float
    line: float
    is_alarm: bool
    sentence: str
    usual: float = float("nan")
    rows: int = 0


def drift(model: spec.Model, scorer: Scorer, known: Reference, frame: pd.DataFrame) -> Iterator[Measure]:
    """PSI of each column and of the scores of tonight's rows."""
    if len(frame) < FEWEST_ROWS:
        return
    rows = scorer.preparation.matrix(frame)
    columns = [(name, rows[:, place]) for place, name in enumerate(scorer.preparation.names)]
    for name, values in columns:
        if name in known.columns:
            yield _psi(model, known, known.columns[name], ("feature_psi", name, f"the values of {name}"), values)
    yield _psi(model, known, known.score, ("score_psi", "", "the scores"), scorer.score_rows(rows))


def _psi(model: spec.Model, known: Reference, of: Distribution, named: tuple[str, str, str], values: Floats) -> Measure:
    value, line = of.psi(values), psi_line(model.gates.max_psi, of, known.rows, len(values))
    measure, name, words = named
    sentence = f"{words} are no longer distributed as in training (PSI {value:.2f}, {line:.2f} is the line)"
    return Measure(measure, name, value, line, value > line, sentence, of.usual, len(values))


def psi_line(gate: float, of: Distribution, before: int, now: int) -> float:
    """The gate, or what chance makes of so few rows, or what the column does by itself."""
    free = max(len(of.shares) - 1, 1)
    chance = (free + SURE * np.sqrt(2 * free)) * (1 / max(before, 1) + 1 / max(now, 1))
    return float(max(gate, chance, evaluation.BEYOND_USUAL * of.usual))


def performance(model: spec.Model, scorer: Scorer, known: Reference, matured: pd.DataFrame) -> Iterator[Measure]:
    """AUC, share of positives and calibration, by cohort too, on rows whose labels came to be known.

    Args:
        matured: examples of one as-of date after those that the model was judged on; whole subjects.
    """
    label = label_of(matured[model.label.column], model.label.positive)
    answer = scorer.score(matured)
    yield _rate(model, known, label)
    yield _calibration(model, label, answer)
    if min(label.sum(), len(label) - label.sum()) >= model.gates.min_of_each_kind:
        yield _auc(model, known, label, answer)
    yield from _cohorts(model, matured, label, answer)


def _auc(model: spec.Model, known: Reference, label: Floats, answer: Floats) -> Measure:
    value = metrics.auc(label, answer)
    draws = metrics.bootstrap_auc(label, [answer], np.arange(len(label)), ROUNDS, model.search.seed)[:, 0]
    high = float(np.quantile(draws, 0.995))  # more than the labels' chance explains
    line = known.auc - model.gates.max_auc_loss
    sentence = f"it ranks worse than when it was judged: AUC {value:.3f}, was {known.auc:.3f}"
    return Measure("auc", "", value, line, value < line and high < known.auc, sentence, known.auc, len(label))


def _rate(model: spec.Model, known: Reference, label: Floats) -> Measure:
    value, line = float(label.mean()), model.gates.max_prior_shift
    error = np.sqrt(max(known.rate * (1 - known.rate), 1e-9) * (1 / len(label) + 1 / max(known.rows, 1)))
    moved = abs(value - known.rate)
    sentence = f"the share of positives went from {known.rate:.1%} to {value:.1%}: calibrate anew"
    is_alarm = bool(moved > max(line, SURE * error))
    return Measure("rate", "", value, known.rate + line, is_alarm, sentence, known.rate, len(label))


def _calibration(model: spec.Model, label: Floats, answer: Floats) -> Measure:
    value, random = metrics.ece(label, answer), np.random.default_rng(model.search.seed)
    chance = [metrics.ece((random.random(len(answer)) < answer).astype(float), answer) for _ in range(ROUNDS)]
    line = max(model.gates.max_ece, float(np.max(chance)))
    sentence = f"what it says does not come true as it did: calibration error {value:.3f}, {line:.3f} is the line"
    return Measure("ece", "", value, line, value > line, sentence, float("nan"), len(label))


def _cohorts(model: spec.Model, frame: pd.DataFrame, label: Floats, answer: Floats) -> Iterator[Measure]:
    """What was said against what happened, for each value of the slice columns with enough rows."""
    held = HeldOut(label, np.arange(len(label)), frame)
    for column in (name for name in model.slices if name in frame.columns):
        values = evaluation.slice_values(held.frame[column])
        for value in values.value_counts().index[: evaluation.MOST_SLICES]:
            rows = np.flatnonzero((values == value).to_numpy())
            if len(rows) >= model.gates.slice_min_examples:
                yield _cohort(model, f"{column}={value}", label[rows], answer[rows])


def _cohort(model: spec.Model, name: str, label: Floats, answer: Floats) -> Measure:
    value = float(label.mean() - answer.mean())
    chance = SURE * float(np.sqrt((answer * (1 - answer)).sum())) / len(answer)
    line = max(2 * model.gates.max_ece, chance)
    sentence = f"among {name} {label.mean():.1%} came true, {answer.mean():.1%} was said"
    return Measure("cohort_calibration", name, value, line, abs(value) > line, sentence, float("nan"), len(label))
