"""The model card: what a churn model is for, what it was made of, how good it is, and where it must not be used."""

import pandas as pd

from jobs.models.churn.trained import Trained
from jobs.models.settings.churn import Settings

CARD = """# Customer churn

**Predicts** the probability that a customer buys nothing in the {horizon} days that begin with the as-of date.

**For** choosing whom to contact, as a ranking. Not for prices, credit or anything that denies a person something.

**Made of** {examples:,} examples on {dates} as-of dates ({first} to {last}), features from purchases before each of
them alone (see the contract of models.churn_examples). No name, birth date, address, sex or demographic enters.

**Form** ridge logistic regression over log-scaled features; `scorecard.json` holds all its numbers.

## How good, on customers as of {held_out}
Training used only as-of dates whose labels had matured before that day.

| figure | value |
|---|---|
| AUC | {auc:.3f} (95 % interval {low:.3f} to {high:.3f}, bootstrap over customers) |
| average precision | {precision:.3f} (churn rate {rate:.3f}) |
| Brier score | {brier:.4f} (the base rate for everyone: {base:.4f}) |
| lift in the tenth most at risk | {lift:.2f} |
| customers, churners | {count:,}, {churners:,} |

## What it looks at most
{features}

## Data versions (Delta)
{versions}

## Limits
- Churn is silence within a horizon, not an intention; a holiday looks the same.
- Customers whose first purchase is newer than a few weeks have little rhythm to judge by.
- The probability is of not buying if nothing is done; it says nothing about whom a message would keep.
- Retrain when the calibration plot bends or the share of churners moves.
"""


def model_card(trained: Trained, settings: Settings, importances: pd.DataFrame) -> str:
    """The card as Markdown.

    Args:
        importances: feature, auc_lost_when_shuffled, weight; largest loss first.
    """
    evaluation, days = trained.evaluation, sorted({str(day) for day in trained.training["as_of"]})
    top = zip(importances["feature"][:6], importances["auc_lost_when_shuffled"][:6], strict=True)
    return CARD.format(
        horizon=settings.horizon,
        examples=len(trained.training),
        dates=len(days),
        first=days[0],
        last=days[-1],
        held_out=trained.held_out["as_of"].max(),
        auc=evaluation.auc,
        low=evaluation.auc_low,
        high=evaluation.auc_high,
        precision=evaluation.average_precision,
        rate=evaluation.churn_rate,
        brier=evaluation.brier,
        base=evaluation.brier_of_base_rate,
        lift=evaluation.lift_top_decile,
        count=evaluation.example_count,
        churners=evaluation.churner_count,
        features="\n".join(f"- {feature}: {lost:.4f} AUC lost when shuffled" for feature, lost in top),
        versions="\n".join(f"- {table}: {version}" for table, version in trained.data_versions.items()),
    )
