"""conf/channel_performance.yaml: what each channel brings (gold.channel_performance)."""

from pydantic import Field

from lakehouse.config.fields import Days
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    window_days: Days = Field(description="orders of this many days count, the night's own day included")
