"""Tonight's assignments: what each action is expected to bring for each customer, and who gets which."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.models.retention.choosing import Floats, Limits, choose
from jobs.models.retention.measuring import Persuasion
from jobs.models.settings.retention import Action, Settings
from lakehouse.sql.hashed_share import is_held_out

SCHEMA = pa.schema(
    {
        "customer_id": pa.string(),
        "action": pa.string(),
        "reason": pa.string(),
        "kind": pa.string(),
        "expected_value": pa.decimal128(18, 2),
        "cost": pa.decimal128(18, 2),
        "is_holdout": pa.bool_(),
        "sentence": pa.string(),
        "as_of": pa.date32(),
    }
)
COLUMNS = SCHEMA.names
NAME = "retention"  # of the holdout, beside those of messages
NO_REASON = "no single reason"


def assigned(
    candidates: pd.DataFrame, before: pa.Table, persuasions: Mapping[str, Persuasion], settings: Settings, as_of: date
) -> list[dict[str, Any]]:
    """The rows of tonight.

    Args:
        candidates: of models.churn_scores, with the features of models.churn_examples, the most at risk first.
        before: customer_id, as_of, is_holdout and cost of earlier mornings.
    """
    known = before.to_pandas()
    known["as_of"] = pd.to_datetime(known["as_of"])
    recent = known[known["as_of"] > pd.Timestamp(as_of - timedelta(days=settings.again_after_days))]
    fresh = candidates[~candidates["customer_id"].isin(recent["customer_id"])].reset_index(drop=True)
    if not len(fresh) or not settings.actions:
        return []
    held = np.array([is_held_out(settings.salt, NAME, one, settings.holdout_share) for one in fresh["customer_id"]])
    actions = list(settings.actions.values())
    costs = np.array([one.cost for one in actions])
    gained = gains(fresh, settings.actions, persuasions)
    room = np.array([np.inf if one.capacity_per_night is None else one.capacity_per_night for one in actions])
    places = choose(np.round(gained - costs, 2), costs, held, Limits(left(known, settings, as_of), room))
    names = list(settings.actions)
    return [
        row_of(
            fresh.iloc[place], names[action], settings, persuasions, (gained[place, action], bool(held[place]), as_of)
        )
        for place, action in enumerate(places)
        if action >= 0
    ]


def left(known: pd.DataFrame, settings: Settings, as_of: date) -> float:
    """Of the budget, after what was spent within its days."""
    within = known["as_of"] > pd.Timestamp(as_of - timedelta(days=settings.budget_days))
    spent = known.loc[within & ~known["is_holdout"].astype(bool), "cost"].astype("float64").sum()
    return max(0.0, settings.budget - float(spent))


def gains(fresh: pd.DataFrame, actions: Mapping[str, Action], persuasions: Mapping[str, Persuasion]) -> Floats:
    """Customers x actions: what is at risk times the share that the action persuades; NaN where it is not for them."""
    at_risk = fresh["value_at_risk"].to_numpy(dtype="float64")
    probability = fresh["churn_probability"].to_numpy(dtype="float64")
    made = np.full((len(fresh), len(actions)), np.nan)
    for place, (name, action) in enumerate(actions.items()):
        fits = fresh["churn_kind"].isin(action.kinds)
        if action.reasons:
            fits &= fresh["reason_key"].isin(action.reasons)
        rows = np.flatnonzero(fits)
        if len(rows):
            made[rows, place] = at_risk[rows] * persuasions[name].shares(fresh.iloc[rows], probability[rows])
    return made


def row_of(
    customer: pd.Series,
    action: str,
    settings: Settings,
    persuasions: Mapping[str, Persuasion],
    tonight: tuple[float, bool, date],
) -> dict[str, Any]:
    """An assignment as a row.

    Args:
        tonight: what the action brings before its cost, whether the customer is left alone, the morning.
    """
    gained, is_holdout, as_of = tonight
    cost = settings.actions[action].cost
    reason = customer["reason_1"] if isinstance(customer["reason_1"], str) else NO_REASON
    what = settings.actions[action].description
    what = f"leave alone, to measure by (not: {what})" if is_holdout else what
    sentence = (
        f"{what}; {customer['value_at_risk']:.2f} is at risk "
        f"({customer['churn_probability']:.0%}: {reason}); {persuasions[action].sentence}"
    )
    return {
        "customer_id": customer["customer_id"],
        "account_id": customer["account_id"],
        "action": action,
        "reason": reason,
        "kind": customer["churn_kind"],
        "expected_value": amount(gained - cost),
        "cost": amount(cost),
        "is_holdout": is_holdout,
        "sentence": sentence,
        "as_of": as_of,
        "horizon_days": None if pd.isna(customer["horizon_days"]) else int(customer["horizon_days"]),
        "churn_probability": float(customer["churn_probability"]),
        "value_at_risk": amount(customer["value_at_risk"]),
    }


def amount(value: float) -> Decimal:
    """An amount of money, to the cent."""
    return Decimal(f"{value:.2f}")
