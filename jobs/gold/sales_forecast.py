"""Gold: what each item, each parent and the company will sell in the coming weeks, and how such forecasts did before.

Reads   gold.sales_weeks
Writes  gold.sales_forecast, one row per level, item and coming week;
        gold.sales_forecast_accuracy, one row per level and model for each week that a forecast was made after

A forecast is made when a week is over, not every night. Items are forecast and summed upward: the levels add up.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.gold.forecasting import backtest
from jobs.gold.forecasting.fitting import Level, best_model, levels_of, weeks_of
from jobs.gold.settings.sales_forecast import Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("gold.sales_weeks",)
READS_PREVIOUS = ("gold.sales_forecast",)
WRITES = ("gold.sales_forecast", "gold.sales_forecast_accuracy")
CONF = "sales_forecast"
ITEMS = """SELECT level, item, parent, week_start, CAST(sales AS DOUBLE) AS sales FROM {weeks} WHERE height = 0
           ORDER BY item, week_start"""
SALES = ("gold.sales_weeks.sales", "gold.sales_weeks.week_start")
LINEAGE = {
    WRITES[0]: {
        **{name: (f"gold.sales_weeks.{name}",) for name in ("level", "height", "item", "parent")},
        "week_start": ("gold.sales_weeks.week_start",),
        "made_after_week": ("gold.sales_weeks.week_start",),
        "weeks_ahead": (),
        "*": SALES,
    },
    WRITES[1]: {
        "level": ("gold.sales_weeks.level",),
        "made_after_week": ("gold.sales_weeks.week_start",),
        "model": (),
        "horizon_weeks": (),
        "is_baseline": (),
        "series_count": ("gold.sales_weeks.item",),
        "*": SALES,
    },
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Forecast anew when another week is over, or when code or settings changed."""
    weeks = weeks_of(lake.fetch(items_query()))
    if len(weeks.starts) < settings.min_weeks:
        lake.note(
            WRITES[0],
            f"{len(weeks.starts)} whole weeks of sales are too few to forecast ({settings.min_weeks} are needed)",
        )
        _publish(lake, WRITES[0], [], run_date)
        _publish(lake, WRITES[1], [], run_date)
    elif made_after(lake) != weeks.starts[-1]:
        levels = levels_of(lake.spark, weeks, settings)
        model = best_model(levels)
        _publish(lake, WRITES[0], forecast_rows(levels, model, weeks.starts[-1], settings), run_date)
        _publish(lake, WRITES[1], accuracy_rows(levels, model, weeks.starts[-1], settings), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (items_query(), made_after_query())


def items_query() -> Query:
    """The weeks of every item, the levels above left out."""
    columns = "level STRING, item STRING, parent STRING, week_start DATE, sales DOUBLE"
    return Query(ITEMS, {"weeks": READS[0]}, answers=columns)


def made_after_query() -> Query:
    """The last week that the forecast knows."""
    sql = "SELECT max(made_after_week) AS week FROM {forecast}"
    return Query(sql, {"forecast": WRITES[0]}, answers="week DATE")


def made_after(lake: Lake) -> date | None:
    """The last week that the present forecast knows; None where code or settings changed since, or there is none."""
    if not all(map(lake.is_current, WRITES)):
        return None
    rows = lake.fetch(made_after_query()).to_pylist()
    week: date | None = rows[0]["week"]
    return week


def forecast_rows(levels: list[Level], model: str, last_week: date, settings: Settings) -> list[dict[str, Any]]:
    """The rows of gold.sales_forecast."""
    rows: list[dict[str, Any]] = []
    for level in levels:
        expected = level.forecasts[model]
        low, high = level.interval(model, settings.interval_share)
        for i, (item, parent) in enumerate(zip(level.items, level.parents, strict=True)):
            rows += [
                {
                    "level": level.name,
                    "height": level.height,
                    "item": item,
                    "parent": parent,
                    "week_start": last_week + timedelta(weeks=ahead + 1),
                    "weeks_ahead": ahead + 1,
                    "expected_sales": expected[i, ahead],
                    "low_sales": low[i, ahead],
                    "high_sales": high[i, ahead],
                    "model": model,
                    "made_after_week": last_week,
                }
                for ahead in range(expected.shape[1])
            ]
    return rows


def accuracy_rows(levels: list[Level], model: str, last_week: date, settings: Settings) -> list[dict[str, Any]]:
    """The rows of gold.sales_forecast_accuracy: every model that competed, at every level."""
    return [
        {
            "made_after_week": last_week,
            "level": level.name,
            "model": name,
            "is_chosen": name == model,
            "is_baseline": name == backtest.baseline(level.test),
            "series_count": len(level.items),
            "cut_count": level.test.actual.shape[1],
            "horizon_weeks": settings.horizon_weeks,
            "mase": backtest.mase(level.test, name),
            "wape": backtest.wape(level.test, name),
            "interval_coverage": level.coverage(name, settings.interval_share),
        }
        for level in levels
        for name in sorted(level.test.forecasts)
    ]


def _publish(lake: Lake, table: str, rows: list[dict[str, Any]], run_date: date) -> None:
    schema = arrow_schema(lake.contracts[table])
    columns = {field.name: _column([row[field.name] for row in rows], field.type) for field in schema}
    lake.publish(table, pa.table(columns, schema=schema), run_date)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        return pa.array(np.round(np.array(values, float), kind.scale)).cast(kind, safe=False)
    return pa.array([None if isinstance(v, float) and np.isnan(v) else v for v in values], kind)
