"""What a training of the churn model gives."""

from dataclasses import dataclass

import pandas as pd

from jobs.models.churn.metrics import Evaluation, Floats
from jobs.models.churn.scorecard import Scorecard


@dataclass(frozen=True)
class Trained:
    """A model with what it was trained and evaluated on; frames have as_of, is_churned and the FEATURES, no ids."""

    card: Scorecard
    training: pd.DataFrame
    held_out: pd.DataFrame
    probability: Floats  # of being a churner, for held_out
    evaluation: Evaluation
    data_versions: dict[str, int]
