"""What a night does when its training came to nothing: it goes on with the last model that was sound."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs.identity.registry.identity_model import Model, fault
from jobs.lake import Lake

MODELS = "identity.linkage_models"
MOST = 20  # models back


@dataclass(frozen=True)
class Champion:
    """A model that may be used, with the day and the code that it was trained with."""

    model: Model
    trained_on: date
    job_hash: str


def sound(lake: Lake, trained: Model | None, run_date: date, why: str = "") -> Champion | None:
    """Tonight's model where it is sound, else the last sound one of the lake, and a note; None where there is none.

    Args:
        trained: tonight's model; None where there was too little to train on, as `why` says.
    """
    reason = why if trained is None else fault(trained)
    if trained is not None and not reason:
        return Champion(trained, run_date, lake.job_hash)
    last = last_sound(lake, run_date)
    kept = f"the model of {last.trained_on} is used" if last else "there is no earlier one: each account stays alone"
    lake.note("identity.customer_map", f"no new match model: {reason}; {kept}")
    return last


def last_sound(lake: Lake, run_date: date) -> Champion | None:
    """The newest model without a fault."""
    for row in newest(lake, run_date):
        model = json.loads(row["model"])
        if not fault(model):
            return Champion(model, row["trained_on"], row["job_hash"])
    return None


def newest(lake: Lake, run_date: date) -> list[dict[str, Any]]:
    """The lake's last models up to a day, newest first."""
    sql = f"SELECT * FROM {{models}} WHERE trained_on <= DATE '{run_date}' ORDER BY trained_on DESC LIMIT {MOST}"
    return lake.fetch(sql, {"models": MODELS}).to_pylist()
