"""conf/customer_profile.yaml: one row per customer (gold.customer_profile)."""

from pydantic import Field

from lakehouse.config.fields import Days, Listed, Word
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    favourite_window_days: Days = Field(
        description="favourite_category is by spend in this many days up to the night's own"
    )
    excluded_items: Listed[Word] = Field(
        description="no goods, and no favourite: departments, categories, types or product_ids by name"
    )
