"""What each action is known to change: those acted on against those left alone, once their days are over.

The outcome is whether somebody bought within the horizon of the churn model. Where the customers differ in what the
action does, a learner says who is moved; where they do not, the effect holds for all alike; where nothing is measured
yet, the assumption of conf/retention.yaml stands, and says that it is one.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from jobs.models.settings.retention import Action, Settings
from lakehouse.errors import LakehouseError
from lakehouse.modelling import experiments, spec
from lakehouse.modelling.experiments import FALLBACK, NO, Reading

Floats = experiments.Floats
NOT_YET, NOT_SHOWN, NO_EFFECT, ALIKE, BY_CUSTOMER = (
    "not_measurable_yet",
    "no_effect_shown_yet",
    "no_effect",
    "alike",
    "by_customer",
)
TREATED, STAYED = "is_treated", "has_stayed"


@dataclass(frozen=True)
class Persuasion:
    """What is known of one action.

    Attributes:
        share: of those about to leave who stay because of it; of a learner on average.
        figures: columns of gold.retention_effects.
        reading: where one was possible.
    """

    state: str
    share: float
    sentence: str
    figures: dict[str, Any] = field(default_factory=dict)
    reading: Reading | None = None

    def shares(self, candidates: pd.DataFrame, probability: Floats) -> Floats:
        """Of each candidate: what a learner says of them, or the share for all alike."""
        if self.state != BY_CUSTOMER or self.reading is None:
            return np.full(len(candidates), self.share)
        moved = self.reading.learned(candidates)
        return np.asarray(np.clip(moved / np.maximum(probability, 1e-6), 0.0, 1.0))


def measured(action: Action, units: pd.DataFrame, model: spec.Model, settings: Settings) -> Persuasion:
    """Read an action's units.

    Args:
        units: customer_id, is_treated, has_stayed, and the features as they were known before.
        model: whose features may explain who is moved.
    """
    treated = int(units[TREATED].sum())
    counts = {"unit_count": treated, "control_unit_count": len(units) - treated}
    if min(counts.values()) < settings.min_units:
        return not_yet(action, counts, settings.min_units)
    try:
        reading = experiments.of_frame(as_experiment(model), units, TREATED)
    except LakehouseError as error:
        return not_yet(action, counts, settings.min_units, error.what)
    left_alone = 1.0 - float(units.loc[~units[TREATED].astype(bool), STAYED].mean())
    return _of_reading(action, reading, left_alone, counts)


def as_experiment(model: spec.Model) -> spec.Model:
    """The churn model's features, with what came of the action as the label."""
    label = spec.Label(column=STAYED)
    hidden = {TREATED: "the treatment"}
    examples = spec.Examples(subject=model.examples.subject)
    changes = {"model": "retention", "label": label, "examples": examples, "forbidden": hidden}
    return model.model_copy(update=changes)


def not_yet(action: Action, counts: dict[str, int], needed: int, why: str = "") -> Persuasion:
    """The assumption, and how far an experiment is."""
    why = why or (
        f"{counts['unit_count']:,} customers acted on and {counts['control_unit_count']:,} left alone have had their "
        f"days, {needed:,} of each are needed"
    )
    sentence = (
        f"not measurable yet ({why}): ranked by what is at risk, as if {action.assumed_persuadability:.0%} of those "
        "about to leave stayed because of it"
    )
    return Persuasion(NOT_YET, action.assumed_persuadability, sentence, dict(counts))


def _of_reading(action: Action, reading: Reading, left_alone: float, counts: dict[str, int]) -> Persuasion:
    effect = reading.adjusted or reading.effect
    interval = effect.interval
    per_leaver = 1 / max(left_alone, 1e-9)
    share = float(np.clip(effect.difference * per_leaver, 0.0, 1.0))
    state, said = _state(action, reading, interval.high * per_leaver), f"stay: {interval} more than of those left alone"
    known = {
        NOT_SHOWN: (
            action.assumed_persuadability,
            f"no effect is shown yet ({said}): ranked by what is at risk, as if {action.assumed_persuadability:.0%} "
            "of those about to leave stayed because of it",
        ),
        NO_EFFECT: (0.0, f"no effect that is worth the action ({said})"),
        ALIKE: (share, f"no difference between customers is shown: ranked by what is at risk, all {said}"),
        BY_CUSTOMER: (share, f"ranked by what the action changes ({reading.chosen} learner), on average {said}"),
    }
    caution = f"; CAUTION: the groups differed before in {', '.join(reading.unlike)}" if reading.unlike else ""
    return Persuasion(state, known[state][0], known[state][1] + caution, counts | figures(reading), reading)


def _state(action: Action, reading: Reading, most: float) -> str:
    """Whether the effect is shown, and for whom; it is given up where even the upper end is below what was assumed."""
    effect = reading.adjusted or reading.effect
    if not reading.effect.is_shown and reading.chosen in (NO, FALLBACK):
        return NO_EFFECT if most < action.assumed_persuadability else NOT_SHOWN
    if reading.chosen == FALLBACK:
        return ALIKE if effect.difference > 0 else NO_EFFECT
    return NO_EFFECT if reading.chosen == NO else BY_CUSTOMER


def figures(reading: Reading) -> dict[str, Any]:
    """Effect, and what each ranking gains, with intervals."""
    interval = (reading.adjusted or reading.effect).interval
    made: dict[str, Any] = {"effect": interval.value, "effect_low": interval.low, "effect_high": interval.high}
    learners = [one for one in reading.rankings if one.name in experiments.LEARNERS]
    best = max(learners, key=lambda one: one.qini.value, default=None)
    response = next((one for one in reading.rankings if one.name == experiments.FALLBACK), None)
    for name, one in (("uplift", best), ("response", response)):
        if one is not None:
            qini = one.qini
            made |= {f"{name}_qini": qini.value, f"{name}_qini_low": qini.low, f"{name}_qini_high": qini.high}
    return made | {"learner": best.name if best is not None else None}
