"""The registered model customer_churn, and which of its versions serves as of a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.models.churn.scorecard import Scorecard
from jobs.models.settings.churn import FEATURES
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import SERVES_FROM, connected

MODEL_NAME = "customer_churn"
SCORECARD = "scorecard.json"
HELD_OUT, COMPARED, HORIZON = "held_out_as_of", "compared_as_of", "horizon_days"  # tags of a version
Predict = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Champion:
    """One registered version of this lake's models.

    name: of the registered model, which is another than MODEL_NAME where that is another lake's.
    """

    uri: str
    name: str
    version: str
    serves_from: date | None  # None: promoted by hand, serves any day
    horizon_days: int | None = None  # None: it does not say; registered by hand
    known_until: date | None = None  # the newest as-of date that it was held against; None: it does not say

    def serves(self, as_of: date, horizon_days: int | None = None) -> bool:
        """Whether it was champion as of that morning: a past night is never scored by a model from after it.

        Args:
            horizon_days: what it must predict, if it says what it does; None for any horizon.
        """
        is_asked = horizon_days is None or self.horizon_days in (None, horizon_days)
        return is_asked and (self.serves_from is None or self.serves_from <= as_of)

    @cached_property
    def scorecard(self) -> Scorecard | None:
        """Its numbers, None for a model of another kind (one that someone registered by hand)."""
        path = self._folder() / "artifacts" / SCORECARD
        return Scorecard.from_json(path.read_text(encoding="utf-8")) if path.exists() else None

    def _folder(self) -> Path:
        mlflow = connected(self.uri)
        return Path(mlflow.artifacts.download_artifacts(f"models:/{self.name}/{self.version}"))

    def predictor(self) -> Predict:
        """Its probabilities over a frame with the FEATURES, for any kind of model: called through MLflow."""
        mlflow = connected(self.uri)
        model = mlflow.pyfunc.load_model(f"models:/{self.name}/{self.version}")

        def predict(frame: pd.DataFrame) -> pd.Series:
            answer = model.predict(frame[list(FEATURES)].astype(float))
            return pd.Series(answer.iloc[:, 0] if isinstance(answer, pd.DataFrame) else answer, index=frame.index)

        return predict


def champion(models: LakeModels, as_of: date, horizon_days: int | None = None) -> Champion | None:
    """The version that serves as of a day: the alias's, or else the one promoted last before that day.

    Args:
        horizon_days: what it must predict; None for any horizon.
    """
    present = aliased(models)
    if present is None or present.serves(as_of, horizon_days):
        return present
    versions = (known(models, registered) for registered in models.versions(MODEL_NAME))
    promoted = [v for v in versions if v.serves_from is not None and v.serves(as_of, horizon_days)]
    return max(promoted, key=lambda v: (v.serves_from or date.min, int(v.version)), default=None)


def aliased(models: LakeModels) -> Champion | None:
    """The version that the alias points at, None where there is none."""
    version = models.champion(MODEL_NAME)
    return known(models, version) if version else None


def known(models: LakeModels, version: Any) -> Champion:
    """A model version of MLflow as ours."""
    tags = version.tags
    days = [date.fromisoformat(tags[name]) for name in (HELD_OUT, COMPARED) if name in tags]
    serves_from = date.fromisoformat(tags[SERVES_FROM]) if SERVES_FROM in tags else None
    horizon = tags.get(HORIZON) or parameter(models, version, HORIZON)
    number = int(horizon) if horizon and horizon.isdigit() else None
    return Champion(models.uri, version.name, str(version.version), serves_from, number, max(days, default=None))


def parameter(models: LakeModels, version: Any, name: str) -> str | None:
    """What the run of a version says: versions from before it was a tag have their horizon there."""
    if not version.run_id:
        return None
    parameters: dict[str, str] = models.client.get_run(version.run_id).data.params
    return parameters.get(name)


def promote(models: LakeModels, version: str, serves_from: date) -> None:
    """Let a version serve from a day on; the alias moves unless it points at a later promotion."""
    models.tag(MODEL_NAME, version, SERVES_FROM, serves_from.isoformat())
    present = aliased(models)
    if present is None or present.serves(serves_from):
        models.promote(MODEL_NAME, version)


def compared(models: LakeModels, present: Champion, held_out: date) -> None:
    """Keep that the champion was held against examples of a day and stayed: it need not be again before newer ones."""
    models.tag(MODEL_NAME, present.version, COMPARED, held_out.isoformat())
