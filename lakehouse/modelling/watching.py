"""One night's watch over one model: its rows of ops.model_health, and the demotion of a champion that lost too much."""

import math
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from lakehouse.errors import LakehouseError
from lakehouse.modelling import health, metrics, reference, scorer, spec
from lakehouse.modelling.health import Measure
from lakehouse.modelling.preparation import label_of
from lakehouse.modelling.store import BEFORE, Store, Version

Row = dict[str, Any]
CHANCE = 0.5  # AUC of a champion that is no good


@dataclass(frozen=True)
class Watch:
    """Who is watched, and what the night before found.

    Attributes:
        served: the version that scored tonight.
        before: last night's rows of this model.
    """

    model: spec.Model
    models: Store
    served: str
    run_date: date
    before: list[Row]


def measured(watch: Watch, tonight: pd.DataFrame, matured: pd.DataFrame) -> list[Row]:
    """Tonight's rows; those of labels as they were until labels of a further date are known.

    Args:
        tonight: rows to be scored, with their features.
        matured: rows of the newest as-of date whose labels are known.
    """
    version = _served(watch)
    known = reference.load(version.folder)
    if known is None:
        return []
    made = scorer.load(version.folder)
    rows = [_row(watch, one) for one in health.drift(watch.model, made, known, tonight)]
    newest = _newest(watch.model, matured)
    if newest is None or str(newest) <= known.as_of:
        return rows  # it was judged on these labels
    kept = [row for row in watch.before if row["model_version"] == watch.served and row["labels_as_of"] == newest]
    if kept:
        return rows + [{**row, "run_date": watch.run_date} for row in kept]
    return rows + [_row(watch, one, newest) for one in health.performance(watch.model, made, known, matured)]


def rows_of(watch: Watch, measures: Iterable[Measure]) -> list[Row]:
    """Further measures as tonight's rows."""
    return [_row(watch, one) for one in measures]


def kept(watch: Watch, without: Container[str]) -> list[Row]:
    """Last night's rows as they were: tonight nothing new is known."""
    return [{**row, "run_date": watch.run_date} for row in watch.before if row["measure"] not in without]


def since(watch: Watch, measure: str) -> dict[str, date]:
    """Since when a measure's alarms are open, by name."""
    return {row["name"]: row["since"] for row in watch.before if row["measure"] == measure and row["is_alarm"]}


def _served(watch: Watch) -> Version:
    """The version that scored tonight: the champion's copy, mostly, so that MLflow is not loaded for it."""
    present = watch.models.champion(watch.model.model)
    is_champion = present is not None and present.number == watch.served
    return present if present is not None and is_champion else watch.models.version(watch.model.model, watch.served)


def _newest(model: spec.Model, matured: pd.DataFrame) -> date | None:
    if not len(matured):
        return None
    return pd.Timestamp(matured[model.examples.as_of].max()).date()


def _row(watch: Watch, one: Measure, labels_as_of: date | None = None) -> Row:
    """A measure as a row; an alarm that was there last night goes on."""
    same = [r for r in watch.before if (r["measure"], r["name"]) == (one.measure, one.name) and r["is_alarm"]]
    found = asdict(one)
    rows = found.pop("rows")
    numbers = {key: None if math.isnan(found[key]) else found[key] for key in ("value", "usual", "line")}
    return {
        **found,
        **numbers,
        "run_date": watch.run_date,
        "model": watch.model.model,
        "model_version": watch.served,
        "since": (same[0]["since"] if same else watch.run_date) if one.is_alarm else None,
        "sentence": one.sentence if one.is_alarm else None,
        "labels_as_of": labels_as_of,
        "row_count": rows,
    }


def demoted(watch: Watch, rows: list[Row], matured: pd.DataFrame) -> str:
    """Let the champion before serve again where the present one lost too much and that one is better; what was done."""
    found = next((row for row in rows if row["measure"] == "auc"), None)
    gates, kind = watch.model.gates, watch.model.model
    if found is None or not found["is_alarm"] or found["usual"] - found["value"] < gates.demotion_auc_loss:
        return ""
    try:
        if watch.models.models.champion_number(kind) != watch.served:
            return ""  # somebody, or a training, was faster
        present = watch.models.version(kind, watch.served)
        before = watch.models.version(kind, present.tags[BEFORE])
    except (KeyError, LakehouseError):
        return f"{kind}: version {watch.served} lost its rank and there is no good champion before it: train anew"
    label = label_of(matured[watch.model.label.column], watch.model.label.positive)
    other = metrics.auc(label, scorer.load(before.folder).score(matured))
    if not other > max(found["value"], CHANCE):
        return f"{kind}: version {watch.served} lost its rank, the one before it is no better: train anew"
    why = f"demoted: AUC {found['value']:.3f} on labels as of {found['labels_as_of']}, was {found['usual']:.3f}"
    watch.models.roll_back(kind, f"{why}; version {before.number} has {other:.3f}")
    return f"{kind}: version {watch.served} gave its place to version {before.number}: {why}"
