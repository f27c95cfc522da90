"""A model's YAML proposed from a table and the name of its label: types, categories, leaks, time, subject.

What is proposed is found in the table; what cannot be found (purpose, consent, costs) is left to be said, marked.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from lakehouse.config.findings import nearest
from lakehouse.errors import LakehouseError
from lakehouse.modelling import columns, integer_codes, leaks, spec, table
from lakehouse.modelling.preparation import TRUE, Preparation, label_of, level_texts, numbers

MOST_KINDS = 20  # a label of more numbers than this is a number
SUBJECT = ("id", "key", "uuid", "no", "number", "customer", "client", "account", "unit", "nr")
TIME = ("as_of", "date", "day", "timestamp", "time", "month_end", "snapshot", "datum")


@dataclass
class Proposal:
    """The YAML's text, and sentences of what was found and must be looked at."""

    model: spec.Model
    text: str
    found: list[str] = field(default_factory=list)


def proposal(file: Path, label: str, name: str, positive: str = "", address: str = "") -> Proposal:
    """Propose a model.

    Args:
        positive: the value of the label that counts as 1; empty: found.
        address: of the JSON Schema, relative to the file that is written.

    Raises:
        LakehouseError: there is no such column, or nothing can be learned of it.
    """
    draft = spec.Model(
        model=name,
        about=f"TODO: what {label} says, in a sentence",
        purpose="TODO",
        examples=spec.Examples(file=file.name),
        label=spec.Label(column=label),
    )
    frame = _rows(draft, file, label)
    found: list[str] = []
    kind, one = label_kind(frame[label], positive)
    subject, as_of = subject_of(frame, label), time_of(frame, label)
    examples = spec.Examples(file=file.name, subject=tuple(subject), as_of=as_of)
    draft = draft.model_copy(update={"label": spec.Label(column=label, kind=kind, positive=one), "examples": examples})
    hints = hints_of(draft, frame, found)
    forbidden = forbidden_of(draft.model_copy(update={"hints": hints}), frame, found)
    hints = {key: value for key, value in hints.items() if key not in forbidden}
    found += [f"subject: {', '.join(subject)}"] if subject else ["no subject: each row stands for itself"]
    found += [f"time: {as_of}"] if as_of else ["no time: the split is at random (say examples.is_in_order if rows are)"]
    found.append(
        f"label: {label} is a {'number' if kind == 'number' else f'yes-or-no, {one or TRUE[1]!r} counts as 1'}"
    )
    made = draft.model_copy(update={"hints": hints, "forbidden": forbidden})
    return Proposal(made, written(made, address), found)


def _rows(draft: spec.Model, file: Path, label: str) -> pd.DataFrame:
    try:
        return table.of_file(draft, file).frame
    except LakehouseError as error:
        if "no column" not in error.what:
            raise
        other = draft.model_copy(update={"label": spec.Label(column="")}) if not label else draft
        raise LakehouseError(
            f"the table has no column '{label}'", file.name, nearest(label, _names(other, file))
        ) from None


def _names(draft: spec.Model, file: Path) -> list[str]:
    with table.reading(file) as engine:
        return list(table.read(engine, file, draft.examples).column_names)


def label_kind(column: pd.Series, positive: str) -> tuple[Literal["binary", "number"], str]:
    """Binary or number, and the value that counts as 1 (empty: true, yes or 1).

    Raises:
        LakehouseError: the label is empty, one value, or a text of more than two.
    """
    texts = level_texts(column).dropna()
    kinds = [str(kind) for kind in texts.unique()]
    if len(kinds) < 2:
        raise LakehouseError(f"the label has {len(kinds)} value", str(column.name), "is it the right column?")
    if positive:
        return "binary", positive
    if len(kinds) == 2:
        ones = [kind for kind in kinds if kind.lower() in TRUE]
        return "binary", "" if ones else str(texts.value_counts().index[-1])
    if pd.api.types.is_numeric_dtype(column):
        return "number", ""
    raise LakehouseError(
        f"the label has {len(kinds)} values, and is no number",
        str(column.name),
        "say which counts with --positive VALUE",
    )


def subject_of(frame: pd.DataFrame, label: str) -> list[str]:
    """The column that names the rows: called so, and distinct for nearly every row, or for groups of them."""
    for name in map(str, frame.columns):
        words = name.lower().replace("-", "_").split("_")
        is_called = name.lower() in SUBJECT or words[-1] in SUBJECT or name.lower().endswith("id")
        if (
            name != label
            and is_called
            and frame[name].notna().all()
            and frame[name].nunique() > max(20, len(frame) / 500)
        ):
            values = numbers(frame[name])
            is_amount = not np.isnan(values).all() and (values[~np.isnan(values)] % 1 != 0).any()
            if not is_amount and frame[name].nunique() >= 0.3 * len(frame):
                return [name]
    return []


def time_of(frame: pd.DataFrame, label: str) -> str:
    """The column with the day that a row is as of: dates, a few rows or more each."""
    for name in map(str, frame.columns):
        if name == label:
            continue
        is_date = pd.api.types.is_datetime64_any_dtype(frame[name]) or (
            frame[name].dtype == object and len(frame) and hasattr(frame[name].dropna().iloc[:1].squeeze(), "isoformat")
        )
        is_called = any(word in name.lower() for word in TIME)
        if is_date and is_called and 5 <= frame[name].nunique() <= len(frame) / 20 and frame[name].notna().all():
            return name
    return ""


def hints_of(draft: spec.Model, frame: pd.DataFrame, found: list[str]) -> dict[str, spec.Feature]:
    """What is known of single columns: whole numbers that are categories."""
    label, folds = _target(draft, frame), np.arange(len(frame)) % integer_codes.PARTS
    known = ~np.isnan(label)
    hints = {}
    for name in columns.named(draft, frame):
        if columns.useless(frame[name]):
            found.append(f"{name}: {columns.useless(frame[name])}")
        elif pd.api.types.is_numeric_dtype(frame[name]) and integer_codes.is_code(
            name, frame.loc[known, name], label[known], folds[known]
        ):
            hints[name] = spec.Feature(kind="category")
            found.append(f"{name}: whole numbers that are read as categories")
    return hints


def forbidden_of(draft: spec.Model, frame: pd.DataFrame, found: list[str]) -> dict[str, str]:
    """Columns that look like the label in disguise."""
    label = _target(draft, frame)
    known = np.flatnonzero(~np.isnan(label))
    target = label[known] if draft.label.kind == "binary" else (label[known] > np.median(label[known])).astype(float)
    chosen = columns.chosen(draft, frame.iloc[known], label[known], known % integer_codes.PARTS)
    preparation: Preparation = chosen.preparation
    if not preparation.features:
        return {}
    rows = preparation.matrix(frame.iloc[known])
    leaking = leaks.leaks(preparation, rows, target, known, draft.label.kind == "binary")
    found += [f"{leak.name} is forbidden: {leak.sentence()}; is it known before the label?" for leak in leaking]
    return {leak.name: f"looks like the label in disguise: {leak.sentence()}" for leak in leaking}


def _target(draft: spec.Model, frame: pd.DataFrame) -> NDArray[np.float64]:
    column = frame[draft.label.column]
    return label_of(column, draft.label.positive) if draft.label.kind == "binary" else numbers(column)


def written(model: spec.Model, address: str) -> str:
    """The YAML's text, with the keys that were found, and those to be said marked."""
    content = model.model_dump(exclude_defaults=True, mode="json")
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    head = f"# yaml-language-server: $schema={address}\n" if address else ""
    return head + "# Proposed by lakehouse new-model; say what stands as TODO, and look at what is forbidden.\n" + text
