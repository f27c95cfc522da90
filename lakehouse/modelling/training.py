"""One training, from a table to a judged model: split, columns, leak screen, search, baseline, calibration, figures.

What is judged is what is kept: nothing is fitted again after the test. Two trainings of one table are equal.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import (
    boosting,
    calibration,
    columns,
    evaluation,
    leaks,
    logistic,
    metrics,
    movement,
    spec,
    splits,
    time_tellers,
)
from lakehouse.modelling.boosting import Candidate, Rows
from lakehouse.modelling.columns import Chosen
from lakehouse.modelling.evaluation import Evaluation, HeldOut
from lakehouse.modelling.metrics import Interval
from lakehouse.modelling.preparation import Preparation, label_of, numbers
from lakehouse.modelling.scorer import Scorer
from lakehouse.modelling.splits import Split
from lakehouse.modelling.table import Table
from lakehouse.modelling.untrainable import UntrainableError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLLOWED_ROWS, FOLLOWED_STEP = 800, 200  # recalibration as labels mature: on so many rows, anew every so many
CURVE = (0.25, 0.5)


@dataclass
class Data:
    """Labelled rows as arrays, with their split."""

    table: Table
    label: Floats
    rows: Floats
    split: Split
    chosen: Chosen
    subjects: Ints
    moments: Floats

    @property
    def preparation(self) -> Preparation:
        """How the rows were made."""
        return self.chosen.preparation

    def learned(self, places: Ints, target: Floats) -> Rows:
        """What is learned from some places."""
        return Rows(self.rows[places], target[places], self.moments[places])

    def without(self, left_out: tuple[int, ...]) -> "Data":
        """The same with some columns left out, which the notes then say."""
        if not left_out:
            return self
        kept = [place for place in range(len(self.preparation.features)) if place not in left_out]
        reasons = {self.preparation.names[place]: "it tells the time, and the newest rows" for place in left_out}
        reasons = {name: f"{why} are told better without it" for name, why in reasons.items()}
        chosen = replace(
            self.chosen,
            preparation=self.preparation.of_places(kept),
            left_out={**self.chosen.left_out, **reasons},
            found_codes=tuple(name for name in self.chosen.found_codes if name not in reasons),
        )
        return replace(self, rows=self.rows[:, kept], chosen=chosen)

    def part(self, places: Ints) -> tuple[Floats, Floats]:
        """Rows and labels of some places."""
        return self.rows[places], self.label[places]

    @property
    def held_out(self) -> HeldOut:
        """The test's examples."""
        places = self.split.test
        subjects = np.unique(self.subjects[places], return_inverse=True)[1]
        return HeldOut(self.label[places], subjects, self.table.frame.iloc[places])


@dataclass
class Trained:
    """A judged model."""

    model: spec.Model
    scorer: Scorer
    data: Data
    candidates: list[Candidate]
    evaluation: Evaluation
    answer: Floats  # of the held-out examples
    notes: list[str] = field(default_factory=list)
    learning_curve: list[tuple[int, float]] = field(default_factory=list)  # rows -> loss on the held-out examples


def train(model: spec.Model, table: Table, fold: int = 0, split: Split | None = None) -> Trained:
    """Train and judge.

    Args:
        fold: which fifth of a random split is held out.
        split: given by the caller in place of the model's own; places in the labelled rows of the table.

    Raises:
        LeakError: a label in disguise.
        UntrainableError: too few examples, one kind only, no usable column.
    """
    data = arranged(model, table, fold, split)
    is_binary = model.label.kind == "binary"
    target = np.minimum(data.label, model.label.most) if model.label.most else data.label
    leaks.refuse(model, data.preparation, data.rows[data.split.train], _screened(model, target, data), _parts(data))
    candidates = searched(model, data, target)
    data = data.without(candidates[0].left_out)
    scorer, baseline = fitted(model, data, target, candidates[0])
    answer = scorer.score_rows(data.rows[data.split.test])
    judged = evaluation.evaluate(model, data.held_out, answer, baseline.score_rows(data.rows[data.split.test]))
    moved = moved_since(model, data)
    judged.psi, judged.alarms = moved.psi, moved.alarms
    trained = Trained(model, scorer, data, candidates, judged, answer, [*data.table.notes, *data.chosen.notes()])
    if is_binary and model.examples.is_in_order:
        _follow(trained)
    if model.label.due is not None:
        _judge_due(trained, model.label.due)
    _cost_of_monotony(trained, target)
    _learning_curve(trained, target)
    return trained


def moved_since(model: spec.Model, data: Data) -> Evaluation:
    """How the held-out rows differ from earlier ones: from the newest where there are dates, beyond what is usual."""
    split, after = data.split, data.part(data.split.test)
    if not model.examples.as_of or split.is_random:
        return evaluation.drift(model, data.preparation, data.part(split.train), after)
    learned = before_test(split)
    pairs = movement.pairs_of(data.moments[learned], model.label.horizon_days or 0)
    rows, moments = data.rows[learned], data.moments[learned]
    usual = np.array([movement.largest(rows[:, place], moments, pairs) for place in range(rows.shape[1])])
    return evaluation.drift(model, data.preparation, data.part(split.calibrate), after, usual)


def arranged(model: spec.Model, table: Table, fold: int, split: Split | None) -> Data:
    """The labelled rows, split, with the columns chosen by the training rows alone."""
    column = table.frame[model.label.column]
    label = label_of(column, model.label.positive) if model.label.kind == "binary" else numbers(column)
    known = np.flatnonzero(~np.isnan(label))
    if len(known) < len(label):
        table = Table(table.frame.iloc[known].reset_index(drop=True), table.notes, table.versions)
        label = label[known]
    _enough(model, label, "labelled", 1.0)
    if split is None and len(label) > model.search.max_training_rows:
        table, label = thinned(model, table, label)
    split = split or splits.split(model, table.frame, fold)
    _enough(model, label[split.train], "to learn from", 0.5)
    _enough(model, label[split.test], "held out", 0.1)
    parts = splits.hashes(model, table.frame) if model.examples.subject else np.arange(len(label))
    train_rows = table.frame.iloc[split.train]
    chosen = columns.chosen(model, train_rows, label[split.train], parts[split.train] % 5)
    if not chosen.preparation.features:
        raise UntrainableError("no column is left to learn from", f"models/{model.model}.yaml", "see 'features'")
    rows = chosen.preparation.matrix(table.frame)
    return Data(
        table, label, rows, split, chosen, splits.subjects_of(model, table.frame), splits.moments_of(model, table.frame)
    )


def thinned(model: spec.Model, table: Table, label: Floats) -> tuple[Table, Floats]:
    """A share of the subjects, all rows of each: the same ones every time."""
    share = model.search.max_training_rows / len(label)
    kept = np.flatnonzero(splits.hashes(model, table.frame) < share * 2.0**62)
    note = f"{len(kept):,} of {len(label):,} examples train: whole subjects, see search.max_training_rows"
    frame = table.frame.iloc[kept].reset_index(drop=True)
    return Table(frame, [*table.notes, note], table.versions), label[kept]


def _enough(model: spec.Model, label: Floats, use: str, share: float) -> None:
    gates, where = model.gates, f"models/{model.model}.yaml"
    if len(label) < gates.min_examples * share:
        needed = round(gates.min_examples * share)
        raise UntrainableError(f"{len(label):,} examples {use}, {needed:,} are needed", where, "see gates.min_examples")
    if model.label.kind == "binary":
        fewest, least = int(min(label.sum(), len(label) - label.sum())), gates.min_of_each_kind * share
        if fewest < max(1.0, least):
            kind = "positives" if label.sum() == fewest else "negatives"
            raise UntrainableError(
                f"{fewest:,} {kind} among {len(label):,} examples {use}; {max(1, round(least)):,} are needed",
                where,
                "see label.positive and gates.min_of_each_kind",
            )
    elif label.min() == label.max():
        raise UntrainableError(f"the label is the same in all examples {use}", where, "is it the right column?")


def _screened(model: spec.Model, target: Floats, data: Data) -> Floats:
    """The training labels as yes or no, for the leak screen."""
    label = target[data.split.train]
    return label if model.label.kind == "binary" else (label > np.median(label)).astype(float)


def _parts(data: Data) -> Ints:
    """Halves of the training rows, whole subjects together."""
    return np.unique(data.subjects[data.split.train], return_inverse=True)[1]


def searched(model: spec.Model, data: Data, target: Floats) -> list[Candidate]:
    """The trees that were tried, the best on the tuning rows first."""
    split = data.split
    learn, watch = data.learned(learning_rows(split), target), data.learned(split.tune, target)
    timeless: list[tuple[int, ...]] = []
    if model.is_in_time and not split.is_random:
        newer = data.rows[np.r_[split.tune, split.calibrate]]
        timeless = list(time_tellers.left_out(time_tellers.found(data.rows[split.train], newer)))
    return sorted(boosting.tried(model, data.preparation, learn, watch, timeless), key=lambda one: one.rank)


def learning_rows(split: Split) -> Ints:
    """What candidates learn from: not what they are tuned on."""
    return split.train[split.folds != 0] if split.is_random else split.train


def fitted(model: spec.Model, data: Data, target: Floats, best: Candidate) -> tuple[Scorer, Scorer]:
    """The scorer of the better form, and the linear baseline."""
    split, is_binary = data.split, model.label.kind == "binary"
    learn, watch = data.learned(learning_rows(split), target), data.learned(split.tune, target)
    linear = logistic.fit(data.preparation, learn.values, learn.label, is_binary)
    linear_loss = loss_of(linear.margin(watch.values), watch.label, is_binary)
    whole = before_test(split)
    trees = _scorer_of_trees(model, data, target, best, whole)
    baseline = _scorer_of_line(model, data, target, whole)
    return baseline if linear_loss < best.loss else trees, baseline


def before_test(split: Split) -> Ints:
    """All rows that may be learned from in the end."""
    return np.unique(np.r_[split.train, split.tune, split.calibrate])


def loss_of(margin: Floats, label: Floats, is_binary: bool) -> float:
    """Log loss, or root mean squared error."""
    if is_binary:
        return float(np.mean(np.logaddexp(0.0, margin) - label * margin))
    return float(np.sqrt(np.mean((margin - label) ** 2)))


def _scorer_of_trees(model: spec.Model, data: Data, target: Floats, best: Candidate, whole: Ints) -> Scorer:
    """The best candidate's parameters fitted on all that may be learned from, calibrated on what it has not seen."""
    preparation = data.preparation

    def fit(places: Ints) -> Any:
        return boosting.refitted(model, preparation, data.learned(places, target), best)

    booster = fit(whole)
    unseen = _unseen_margins(data, lambda places, rows: boosting.margins(fit(places), preparation, rows))
    facts: dict[str, Any] = {"depth": best.depth, "half_life": best.half_life, "trees": best.trees, **dict(best.told)}
    facts |= {"seed": model.search.seed, **_facts(model, data, target[whole], unseen)}
    return Scorer(preparation, _calibrated(model, data, unseen), model.label.kind == "binary", booster, facts=facts)


def _scorer_of_line(model: spec.Model, data: Data, target: Floats, whole: Ints) -> Scorer:
    is_binary = model.label.kind == "binary"

    def fit(places: Ints) -> logistic.Logistic:
        return logistic.fit(data.preparation, data.rows[places], target[places], is_binary)

    line = fit(whole)
    unseen = _unseen_margins(data, lambda places, rows: fit(places).margin(rows))
    facts = _facts(model, data, target[whole], unseen)
    return Scorer(data.preparation, _calibrated(model, data, unseen), is_binary, linear=line, facts=facts)


def _facts(model: spec.Model, data: Data, learned: Floats, unseen: Floats) -> dict[str, Any]:
    """What is kept with a scorer: the labels' spread and, of a number that may be due, the line that says it."""
    facts: dict[str, Any] = {"spread": float(learned.std())}
    if model.label.due is not None:
        facts["due_line"] = metrics.due_line(data.label[data.split.calibrate], unseen, model.label.due)
    return facts


def _unseen_margins(data: Data, of_fit: Callable[[Ints, Floats], Floats]) -> Floats:
    """Margins of the calibrating rows by models that have not seen them."""
    split = data.split
    if not split.is_random:
        return of_fit(np.unique(np.r_[split.train, split.tune]), data.rows[split.calibrate])
    margins = np.empty(len(split.train))
    for part in range(splits.INNER):
        unseen = split.folds == part
        if unseen.any():
            margins[unseen] = of_fit(split.train[~unseen], data.rows[split.train[unseen]])
    return margins


def _calibrated(model: spec.Model, data: Data, margins: Floats) -> calibration.Calibration:
    if model.label.kind != "binary":
        return calibration.Calibration()
    return calibration.fit(margins, data.label[data.split.calibrate])


def _follow(trained: Trained) -> None:
    """Calibration error when the two numbers are fitted anew as labels of the held-out time mature."""
    data = trained.data
    margin = trained.scorer.margin(data.rows[data.split.test])
    told = (trained.scorer.calibration, FOLLOWED_ROWS, FOLLOWED_STEP)
    value = calibration.error_after_following(margin, data.held_out.label, *told)
    trained.evaluation.figures["ece_recalibrated"] = Interval(value, float("nan"), float("nan"))


def _judge_due(trained: Trained, due: float) -> None:
    """Precision and recall of what is said to be due, by the line that unseen training rows gave."""
    held, line = trained.data.held_out, float(trained.scorer.facts["due_line"])
    sets = evaluation.resampled_rows(held, 100, trained.model.search.seed)
    drawn = np.array([metrics.due_figures(held.label[rows], trained.answer[rows], due, line) for rows in sets])
    found = metrics.due_figures(held.label, trained.answer, due, line)
    for place, name in enumerate(("due_precision", "due_recall")):
        trained.evaluation.figures[name] = metrics.interval(found[place], drawn[:, place])


def _cost_of_monotony(trained: Trained, target: Floats) -> None:
    """What the constraints cost: the same trees without them, on the same held-out examples."""
    model, data, scorer = trained.model, trained.data, trained.scorer
    if scorer.booster is None or not any(f.monotone for f in data.preparation.features):
        return
    rows = data.learned(before_test(data.split), target)
    free = boosting.refitted(model, data.preparation, rows, trained.candidates[0], is_monotone=False)
    margin = boosting.margins(free, data.preparation, data.rows[data.split.test])
    held = data.held_out
    if model.label.kind == "binary":
        draws = metrics.bootstrap_auc(
            held.label, [margin, trained.answer], held.subjects, model.search.bootstrap_rounds, model.search.seed
        )
        cost = metrics.auc(held.label, margin) - metrics.auc(held.label, trained.answer)
        trained.evaluation.figures["auc_cost_of_monotony"] = metrics.interval(cost, draws[:, 0] - draws[:, 1])


def _learning_curve(trained: Trained, target: Floats) -> None:
    """Loss on the held-out examples by how many rows were learned from: whether more data would help."""
    model, data, scorer = trained.model, trained.data, trained.scorer
    test = data.split.test
    places = before_test(data.split)
    order = (
        np.argsort(splits.hashes(model, data.table.frame)[places], kind="stable")
        if model.examples.subject
        else (np.random.default_rng(model.search.seed).permutation(len(places)))
    )
    for share in CURVE:
        some = np.sort(places[order[: int(len(places) * share)]])
        if len(np.unique(target[some])) < 2:
            continue
        if scorer.booster is None:
            margin = logistic.fit(data.preparation, data.rows[some], target[some], scorer.is_binary).margin(
                data.rows[test]
            )
        else:
            few = boosting.refitted(model, data.preparation, data.learned(some, target), trained.candidates[0])
            margin = boosting.margins(few, data.preparation, data.rows[test])
        trained.learning_curve.append((len(some), loss_of(margin, target[test], scorer.is_binary)))
    margin = scorer.margin(data.rows[test])
    trained.learning_curve.append((len(places), loss_of(margin, target[test], scorer.is_binary)))
