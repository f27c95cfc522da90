"""The rows of gold.experiment_results out of sums per arm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from jobs.gold.settings.experiments import METRICS, Experiments
from lakehouse.experiments import design, effects, sequential
from lakehouse.experiments.moments import Moments

Sums = Mapping[tuple[str, str, str], Mapping[str, Any]]  # metric, segment, arm -> its sums
MESSAGE_ARMS = ("control", "treatment")


@dataclass(frozen=True)
class Plan:
    """What is known of an experiment before its first unit.

    shares: of the arms, control first; unplanned ones (controls of messages) have no relative_effect.
    """

    name: str
    shares: Mapping[str, float]
    metric: str
    guardrails: tuple[str, ...] = ()
    relative_effect: float | None = None
    ends_on: date | None = None


def plans(settings: Experiments, controls: Mapping[str, float], horizon_end: Any = None) -> list[Plan]:
    """Those of conf, then the controls of messages.

    Args:
        controls: kind:name -> share of the control.
    """
    own = [
        Plan(
            name,
            {e.control: e.arms[e.control], **{a: s for a, s in e.arms.items() if a != e.control}},
            e.metric,
            e.guardrails,
            e.relative_effect,
        )
        for name, e in settings.experiments.items()
    ]
    messages = [
        Plan(name, dict(zip(MESSAGE_ARMS, (share, 1 - share), strict=True)), "spend", ("has_order",))
        for name, share in controls.items()
        if 0 < share < 1
    ]
    return [*own, *messages]


def results(plan: Plan, sums: Iterable[Mapping[str, Any]], settings: Experiments) -> list[dict[str, Any]]:
    """One row per metric, segment and treated arm of one experiment; q-values within each metric and arm.

    Args:
        sums: the rows of `units.sums_sql` of this experiment.
    """
    by_place = {(row["metric"], row["segment"], row["arm"]): row for row in sums}
    control, *treated = plan.shares
    sizes = [by_place.get((plan.metric, "all", arm), {}).get("n", 0.0) for arm in plan.shares]
    ratio_p = effects.sample_ratio(sizes, list(plan.shares.values()))
    found = []
    for metric in dict.fromkeys((plan.metric, *plan.guardrails, *METRICS)):
        for arm in treated:
            segments = sorted({segment for m, segment, _ in by_place if m == metric}, key=lambda s: (s != "all", s))
            rows = [_row(plan, by_place, (metric, segment, control, arm), ratio_p, settings) for segment in segments]
            within = [row for row in rows if row["segment"] != "all" and row["p_value"] is not None]
            for row, q in zip(within, effects.q_values([row["p_value"] for row in within]), strict=True):
                row["q_value"] = q
            found += rows
    return found


def _row(plan: Plan, by_place: Sums, place: Sequence[str], ratio_p: float, settings: Experiments) -> dict[str, Any]:
    metric, segment, control, arm = place
    given = [by_place.get((metric, segment, one), {}) for one in (control, arm)]
    a, b = (Moments(*(row.get(k, 0.0) for k in ("n", "y", "yy", "x", "xx", "xy"))) for row in given)
    row = {
        "experiment": plan.name,
        "metric": metric,
        "segment": segment,
        "arm": arm,
        "control_arm": control,
        "role": "metric" if metric == plan.metric else "guardrail" if metric in plan.guardrails else "other",
        "control_unit_count": int(a.n),
        "unit_count": int(b.n),
        "sample_ratio_p_value": ratio_p,
        "q_value": None,
    }
    state = _state(a, b, ratio_p, settings)
    empty = dict.fromkeys(FIGURES)
    if state != "read":
        return {**row, **empty, "state": state}
    return {**row, **empty, **_figures(plan, a, b, given, settings, metric), "state": state}


FIGURES = (
    "control_mean", "mean", "difference", "difference_low", "difference_high", "p_value", "ratio", "ratio_low",
    "ratio_high", "cuped_difference", "cuped_low", "cuped_high", "variance_cut", "sequential_low", "sequential_high",
    "sequential_kind", "novelty_p_value",
)  # fmt: skip


def _state(a: Moments, b: Moments, ratio_p: float, settings: Experiments) -> str:
    if ratio_p < settings.sample_ratio_p_value:
        return "sample_ratio_mismatch"
    return "read" if min(a.n, b.n) >= settings.min_units else "too_few"


def _figures(
    plan: Plan, a: Moments, b: Moments, given: Sequence[Mapping[str, Any]], settings: Experiments, metric: str
) -> dict[str, Any]:
    level = settings.level
    plain, ratio = effects.difference(a, b, level), effects.ratio(a, b, level)
    adjusted, cut = effects.cuped(a, b, level)
    low, high, kind = _always(plan, a, b, adjusted, settings)
    halves = [
        tuple(Moments(row["n"], row[f"y_{half}"], row[f"yy_{half}"]) for row in given) for half in ("early", "late")
    ]
    figures = {
        "control_mean": a.mean,
        "mean": b.mean,
        "difference": plain.estimate,
        "difference_low": plain.low,
        "difference_high": plain.high,
        "p_value": plain.p_value,
        "ratio": ratio.estimate if isfinite(ratio.high) else None,
        "ratio_low": ratio.low if isfinite(ratio.high) else None,
        "ratio_high": ratio.high,
        "cuped_difference": adjusted.estimate,
        "cuped_low": adjusted.low,
        "cuped_high": adjusted.high,
        "variance_cut": cut,
        "sequential_low": low,
        "sequential_high": high,
        "sequential_kind": kind,
        "novelty_p_value": effects.novelty(halves[0], halves[1]) if metric != "has_order" else None,  # type: ignore[arg-type]
    }
    return {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in figures.items()}


def _always(
    plan: Plan, a: Moments, b: Moments, adjusted: effects.Effect, settings: Experiments
) -> tuple[float, float, str]:
    """The always-valid interval: by the plan's error where there is one, else by a likely effect; both by the past."""
    past = (a + b).mean_before
    if plan.relative_effect is not None and past > 0:
        z = design.needed_errors(settings.power, 1 - settings.level)
        return (*sequential.of_cohort(adjusted, plan.relative_effect * past / z, settings.level), "cohort")
    return (*sequential.unplanned(adjusted, settings.likely_effect * past, settings.level), "endless")
