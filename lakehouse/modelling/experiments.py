"""Reading an experiment of any table: the effect, whether it was one, and whom to act on, or why nobody can say."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from lakehouse.errors import LakehouseError
from lakehouse.modelling import columns, gains, spec, splits, table, uplift
from lakehouse.modelling.gains import Effect, Ranking
from lakehouse.modelling.preparation import FALSE, TRUE, label_of, level_texts, numbers

Floats = uplift.Floats
FEWEST = 50  # rows of a group: fewer say nothing
MOST_NAMED = 5  # values of a column
LEARNERS = ("T", "X", "doubly robust")
NO, FALLBACK = "no", "response"


@dataclass
class Reading:
    """What an experiment shows.

    Attributes:
        chosen: the learner by which to rank, `response` where no difference between people is shown, `no` where there
            is no effect to act on.
    """

    effect: Effect
    adjusted: Effect | None
    unlike: dict[str, float]
    rankings: list[Ranking]
    chosen: str
    scores: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    of: uplift.Experiment | None = None

    def learned(self, frame: pd.DataFrame) -> Floats:
        """What the chosen learner says of rows that were not in the experiment.

        Raises:
            ValueError: no learner was chosen.
        """
        if self.of is None or self.chosen not in LEARNERS:
            raise ValueError(f"no learner was chosen: {self.decision()}")
        return uplift.learned(self.of, self.chosen)(self.of.preparation.matrix(frame))

    def sentences(self) -> list[str]:
        """For people."""
        said = [
            f"effect {self.effect.interval} of {self.effect.treated:,} treated against {self.effect.others:,} others",
            *([f"effect {self.adjusted.interval} adjusted for what was known before"] if self.adjusted else []),
            *(f"{one.name}: Qini {one.qini}, AUUC {one.auuc}" for one in self.rankings),
        ]
        if self.unlike:
            names = ", ".join(f"{name} ({value:+.2f})" for name, value in self.unlike.items())
            said.append(f"CAUTION: the groups differed before the treatment in {names}: this may be no experiment")
        return [*said, self.decision(), *self.notes]

    def decision(self) -> str:
        """Whom to act on."""
        if self.chosen == NO:
            return "no effect is shown: acting on anybody is not worth its cost by this experiment"
        if self.chosen == FALLBACK:
            return "no difference between people is shown: rank by the response, the effect holds for all alike"
        return f"rank by the uplift of the {self.chosen} learner"


def read(file: Path, treatment: str, outcome: str, treated: str = "", forbidden: tuple[str, ...] = ()) -> Reading:
    """Read an experiment.

    Args:
        treatment: column with the group; outcome: column with what came of it.
        treated: the value of the treatment that counts as treated; empty: true, yes or 1.
        forbidden: columns that were not known before the treatment.

    Raises:
        LakehouseError: a column is missing, a group too small, or the outcome is no number and no yes-or-no.
    """
    label = spec.Label(column=outcome, positive="")
    examples = spec.Examples(file=file.name)
    model = spec.Model(model="experiment", about="it", purpose="experiment", label=label, examples=examples)
    hidden = {treatment: "the treatment", **dict.fromkeys(forbidden, "not known before")}
    model = model.model_copy(update={"forbidden": hidden})
    made = table.of_file(model, file)
    if treatment not in made.frame.columns:
        raise LakehouseError(f"the table has no column '{treatment}'", file.name, "see --treatment")
    return of_frame(model, made.frame, treatment, treated)


def of_frame(model: spec.Model, frame: pd.DataFrame, treatment: str, treated: str = "") -> Reading:
    """The same of rows in memory; those without group or outcome are left out and counted."""
    groups = frame[treatment]
    group, result = label_of(groups, treated), _outcome(frame[model.label.column])
    known = np.flatnonzero(~np.isnan(group) & ~np.isnan(result))
    notes = (
        [f"{len(frame) - len(known):,} rows without group or outcome are left out"] if len(known) < len(frame) else []
    )
    group, result, frame = group[known], result[known], frame.iloc[known].reset_index(drop=True)
    for value, name in ((1, "treated"), (0, "not treated")):
        if (count := int((group == value).sum())) < FEWEST:
            what = f"{count:,} rows are {name}, {FEWEST} are needed"
            raise LakehouseError(what, treatment, f"say which with --treated: {_values(groups)}")
    if np.ptp(result) == 0:
        notes.append("the outcome is the same for everybody: there was nothing to change")
    folds = splits.hashes(model, frame) % uplift.FOLDS
    preparation = columns.chosen(model, frame, result, folds).preparation
    rows = preparation.matrix(frame)
    found = gains.effect(group, result)
    unlike = gains.unlike(rows, group, preparation.names)
    if not preparation.features:
        notes.append("no column was known before the treatment: who is moved more cannot be said")
        return Reading(
            found, None, unlike, [], FALLBACK if found.is_shown else NO, pd.DataFrame(index=frame.index), notes
        )
    of = uplift.Experiment(preparation, rows, group, result, folds)
    said = uplift.uplifts(of)
    corrected = said.pop(uplift.CORRECTED)
    adjusted = Effect(
        found.treated, found.others, float(corrected.mean()), float(corrected.std() / np.sqrt(len(corrected)))
    )
    reading = Reading(found, adjusted, unlike, [], NO, pd.DataFrame(said), notes, of)
    return _ranked(reading, said, (group, result))


def _ranked(reading: Reading, said: dict[str, Floats], truth: tuple[Floats, Floats]) -> Reading:
    """The best of the learners that rank better than chance; each must be surer since the best of three is taken."""
    sureness = 1 - 0.05 / len(LEARNERS)
    reading.rankings = [gains.ranking(name, values, *truth, sureness=sureness) for name, values in said.items()]
    shown = [one for one in reading.rankings if one.name in LEARNERS and one.is_shown]
    best = max(shown, key=lambda one: one.qini.value, default=None)
    reading.chosen = best.name if best else FALLBACK if reading.effect.is_shown else NO
    return reading


def _outcome(column: pd.Series) -> Floats:
    """A number as it is, a yes-or-no as 1 and 0."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return numbers(column)
    told = {text.lower() for text in level_texts(column).dropna()} - {""}
    if len(told) > 2 or not told <= {*TRUE, *FALSE}:
        remedy = "give a column of numbers with a point, or of yes and no, true and false, 1 and 0"
        raise LakehouseError("the outcome is no number and no yes-or-no", str(column.name), remedy)
    return label_of(column, "")


def _values(column: pd.Series) -> str:
    """The first of a column's values, for a person to choose from."""
    found = sorted(set(level_texts(column).dropna()))
    return f"the column has {', '.join(found[:MOST_NAMED])}{', and others' if len(found) > MOST_NAMED else ''}"
