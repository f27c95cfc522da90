"""conf/customer_order_days.yaml: which orders make customers' figures (gold.customer_order_days)."""

from pydantic import Field

from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it; whether such an order is kept at all is said in currency.yaml (incomplete_orders)."""

    count_incomplete_orders: bool = Field(
        description="an order that lost a line which could not be read: counted as it is, or left out and said"
    )
