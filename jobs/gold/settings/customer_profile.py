"""conf/customer_profile.yaml: one row per customer (gold.customer_profile)."""

from pydantic import Field

from lakehouse.config.fields import Days
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    favourite_window_days: Days = Field(
        description="favourite_category is by spend in this many days up to the night's own"
    )
