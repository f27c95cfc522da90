"""conf/channel_performance.yaml: what each channel brings (gold.channel_performance)."""

from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Days
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    window_days: Days = Field(description="orders of this many days count, the night's own day included")
    attribution_model: Literal[
        "first", "last", "linear", "position", "time_decay", "markov_1", "markov_2", "markov_3", "shapley"
    ] = Field(description="model of gold.attribution whose credits stand beside what controls say")
    unusual_deviations: Annotated[float, Field(gt=0, le=100)] = Field(
        description="a week so many standard deviations off the eight before it is unusual"
    )
