"""What came of late, by day and size: the raw columns that the churn model's features are made of."""

from datetime import date, timedelta

import pandas as pd

from lakehouse.modelling.arrivals import ODD, STEPS_PER_DOUBLING, Before, Daily, daily
from lakehouse.modelling.spec import Model
from lakehouse.modelling.watching import Watch
from lakehouse.sql.query import Query

TABLE = "gold.customer_order_days"
COLUMNS = ("spend_cents", "line_count", "order_count")
DAYS = 57  # tonight's and eight weeks before
DOUBLING = 0.6931471805599453  # natural logarithm of 2


def query(run_date: date) -> Query:
    """Rows of the last weeks by column, day and size."""
    parts = [
        f"""SELECT '{name}' AS name, order_date, CASE WHEN {name} > 0
        THEN CAST(floor({STEPS_PER_DOUBLING} * ln({name}) / {DOUBLING} + 1e-9) AS INT) ELSE {ODD} END AS size
        FROM {{order_days}} WHERE order_count > 0 AND order_date <= DATE '{run_date}'
        AND order_date > DATE '{run_date - timedelta(days=DAYS)}'"""
        for name in COLUMNS
    ]
    sql = f"""SELECT name, order_date, size, count(*) AS row_count FROM ({" UNION ALL ".join(parts)}) sized
              GROUP BY name, order_date, size"""
    return Query(sql, {"order_days": TABLE}, answers="name STRING, order_date DATE, size INT, row_count BIGINT")


def columns(rows: pd.DataFrame) -> dict[str, Daily]:
    """By table.column."""
    return {f"{TABLE}.{name}": daily(part) for name, part in rows.groupby("name")}


def before(watch: Watch) -> Before | None:
    """What the night before knew of arrivals."""
    rows = [row for row in watch.before if row["measure"] == "arrival"]
    if not rows:
        return None
    newest = rows[0]["run_date"] - timedelta(days=int(rows[0]["value"]))
    return Before(newest, float(rows[0]["usual"] or 0.0))


def features(model: Model) -> dict[str, list[str]]:
    """By table.column the features that say they are made of it."""
    made: dict[str, list[str]] = {}
    for name, feature in model.declared.items():
        for source in feature.sources:
            made.setdefault(source, []).append(name)
    return made
