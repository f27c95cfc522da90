"""The model card: what a model is for, what it was made of, how good it is, where it fails, and how to take it back."""

import math

from lakehouse.modelling.comparison import Comparison
from lakehouse.modelling.training import Trained

CARD = """# {model}

**Predicts** {about}.

**For** {purpose}. {not_for}

**Consent basis** {consent}

**Form** {form}; JSON files under a signed manifest, no pickle. {features} features.

## Data
{data}

## How good, on examples held out ({split})

| figure | value (95 % interval, bootstrap over subjects) |
|---|---|
{figures}

## Slices
{slices}

## What it looks at most
{importances}

## Drift between training and held-out examples
{drift}

## Learning curve (rows learned from -> loss)
{curve}

## Against the champion
{comparison}

## Limits
- The answer is of what happens if nothing is done; it says nothing about whom an action would move.
- A level or a value that training never saw is read as missing.
- Where the share of positives moves, calibrate anew before a probability is used as one.

## How to roll back
`lakehouse rollback {model} --why "..."` makes the champion before this one serve again; `lakehouse models` lists all.
"""


def model_card(trained: Trained, comparison: Comparison) -> str:
    """The card as Markdown."""
    model, found = trained.model, trained.evaluation
    table = trained.data.table
    lines = [f"- {table_name}: version {version}" for table_name, version in table.versions.items()]
    lines.append(f"- {len(trained.data.label):,} labelled examples, {len(trained.data.split.test):,} of them held out")
    return CARD.format(
        model=model.model,
        about=model.about.rstrip("."),
        purpose=model.purpose,
        not_for=f"Not for {model.not_for.rstrip('.')}." if model.not_for else "Not for what denies a person something.",
        consent=model.consent or "not said in the YAML",
        form=trained.scorer.form,
        features=len(trained.scorer.preparation.features),
        data="\n".join([*lines, *(f"- {note}" for note in trained.notes)]),
        split=trained.data.split.about,
        figures="\n".join(f"| {name} | {_interval(figure)} |" for name, figure in found.figures.items()),
        slices="\n".join(f"- {name}: {value:.3f} ({count:,})" for name, (value, count) in found.slices.items())
        or "none declared, or none with enough examples",
        importances="\n".join(f"- {name}: {share:.1%}" for name, share in top(trained.scorer.importances)),
        drift="\n".join(f"- {alarm}" for alarm in found.alarms) or "no alarm",
        curve="\n".join(f"- {rows:,}: {loss:.4f}" for rows, loss in trained.learning_curve),
        comparison=comparison.reason + _gain(comparison),
    )


def top(importances: dict[str, float], count: int = 8) -> list[tuple[str, float]]:
    """The features that count most."""
    return sorted(importances.items(), key=lambda item: (-item[1], item[0]))[:count]


def _interval(figure: object) -> str:
    return str(figure).replace(" (nan to nan)", "")


def _gain(comparison: Comparison) -> str:
    if math.isnan(comparison.gain):
        return ""
    return f" (gain {comparison.gain:+.4f}; better in {comparison.sureness:.0%} of resamples)"
