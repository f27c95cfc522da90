"""conf/identity_training.yaml: when the weekly identity model may take the champion's place."""

from pydantic import Field

from lakehouse.config.fields import CountOrZero, Share
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """conf/identity_training.yaml; the model's own settings and its training are in identity.yaml."""

    least_agreement: Share = Field(description="share of the pairs in question that both models decide alike, 0 to 1")
    label_tolerance: Share = Field(
        description="by so much less of the stewards' decided pairs than the champion it may get right, 0 to 1"
    )
    least_labels: CountOrZero = Field(description="fewer decided pairs than this say nothing about either")
