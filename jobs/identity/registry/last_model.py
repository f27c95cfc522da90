"""Which model is in force by the lake, and what a night does when its training came to nothing.

It goes on with the last model that was sound.
"""

import json
import re
from dataclasses import dataclass
from datetime import date

from jobs.identity.registry.identity_model import Model, fault
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

MODELS, BY_HAND = "identity.linkage_models", "identity.champion_models"
MOST = 20  # models back


@dataclass(frozen=True)
class Champion:
    """A model that may be used, with the day and the code that it was trained with.

    version: in MLflow, of one that somebody made the champion by hand; `trained_on` is the day it was taken over.
    """

    model: Model
    trained_on: date
    job_hash: str
    record_count: int = 0
    version: str | None = None

    @property
    def is_of_older_kind(self) -> bool:
        """Whether its hash is of all the code of its time, which says nothing of what it was learned by.

        Such a model stands until its age or the company's growth ask for another one.
        """
        return re.fullmatch("[0-9a-f]{16}", self.job_hash) is not None

    @property
    def name(self) -> str:
        """Its day, and the code and configuration that it was trained with, or its version."""
        return f"{self.trained_on}-{f'v{self.version}' if self.version else self.job_hash[:8]}"


def sound(lake: Lake, trained: Model | None, run_date: date, why: str = "") -> Champion | None:
    """Tonight's model where it is sound, else the last sound one of the lake, and a note; None where there is none.

    Args:
        trained: tonight's model; None where there was too little to train on, as `why` says.
    """
    reason = why if trained is None else fault(trained)
    if trained is not None and not reason:
        return Champion(trained, run_date, lake.learned_hash)
    last = last_sound(lake, run_date)
    kept = f"the model of {last.trained_on} is used" if last else "there is no earlier one: each account stays alone"
    lake.note("identity.customer_map", f"no new match model: {reason}; {kept}")
    return last


def last_sound(lake: Lake, run_date: date) -> Champion | None:
    """The newest model without a fault."""
    return next((one for one in newest(lake, run_date) if not fault(one.model)), None)


def newest_query(table: str, day: str, run_date: date) -> Query:
    """The last rows of a table of models, newest first by one of its days."""
    sql = f"SELECT * FROM {{models}} WHERE {day} <= DATE '{run_date}' ORDER BY {day} DESC LIMIT {MOST}"
    return Query(sql, {"models": table})


def newest(lake: Lake, run_date: date) -> list[Champion]:
    """The lake's last models up to a day, newest first; one taken over by hand gives way to one trained that day."""
    champions = [
        Champion(json.loads(row["model"]), row["trained_on"], row["job_hash"], row["record_count"])
        for row in lake.fetch(newest_query(MODELS, "trained_on", run_date)).to_pylist()
    ]
    champions += [
        Champion(json.loads(row["model"]), row["taken_on"], row["job_hash"], row["record_count"], row["model_version"])
        for row in lake.fetch(newest_query(BY_HAND, "taken_on", run_date)).to_pylist()
    ]
    return sorted(champions, key=lambda one: (one.trained_on, one.version is None), reverse=True)
