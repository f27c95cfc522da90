"""conf/stores.yaml: stores (silver.stores)."""

from pydantic import Field

from lakehouse.config.fields import CountOrZero
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    few_orders_below: CountOrZero = Field(description="a store with fewer orders of all time is flagged few_orders")
