"""Past and coming forecasts of all items, and their sums; many items are fitted on the executors."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from jobs.gold.forecasting import backtest
from jobs.gold.forecasting.backtest import Backtest, sums
from jobs.gold.forecasting.candidates import forecasts, from_first_sale
from jobs.gold.settings.sales_forecast import TOTAL, Settings

CHUNK = 100  # items fitted together on an executor


@dataclass(frozen=True)
class Weeks:
    """Weekly sales by item: sales is items x weeks."""

    level: str
    items: list[str]
    parents: list[str]
    starts: list[date]
    sales: np.ndarray


@dataclass(frozen=True)
class Level:
    """One level: its series, how the models did on it, and what each expects.

    beside: how the models did on the items that these series are sums of; None for the items themselves.
    """

    name: str
    height: int
    items: list[str]
    parents: list[str | None]
    test: Backtest
    forecasts: dict[str, np.ndarray]
    beside: Backtest | None = None

    def interval(self, model: str, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the coming weeks."""
        return backtest.interval(self.test, model, self.forecasts[model], share, self.beside)

    def coverage(self, model: str, share: float) -> float:
        """What past intervals held."""
        return backtest.coverage(self.test, model, share, self.beside)


def weeks_of(rows: pa.Table) -> Weeks:
    """The items' series side by side.

    Args:
        rows: level, item, parent, week_start, sales; every week of every item, by item and week.
    """
    items = list(dict.fromkeys(rows["item"].to_pylist()))
    starts = sorted(set(rows["week_start"].to_pylist()))
    every = max(len(starts), 1)
    sales = rows["sales"].to_numpy().reshape(len(items), len(starts))
    return Weeks(rows["level"][0].as_py() if items else "", items, rows["parent"].to_pylist()[::every], starts, sales)


def levels_of(spark: SparkSession, weeks: Weeks, settings: Settings) -> list[Level]:
    """Every level from the items upward, with the past and coming forecasts of each model."""
    horizon = settings.horizon_weeks
    at = backtest.cuts(len(weeks.starts), horizon, settings.backtest_weeks, settings.min_weeks)
    sales = from_first_sale(weeks.sales)
    forecasts = _told(spark, sales, [*at, len(weeks.starts)], settings)
    items = Level(
        weeks.level,
        0,
        weeks.items,
        list(weeks.parents),
        backtest.backtest(sales, at, forecasts, horizon),
        {name: values[:, -1] for name, values in forecasts.items()},
    )
    if set(weeks.parents) == {TOTAL}:
        return [items, summed(items, TOTAL, [None])]
    parents = summed(items, settings.parent_level or TOTAL, [TOTAL])
    return [items, parents, summed(parents, TOTAL, [None])]


def summed(level: Level, name: str, above: list[str | None]) -> Level:
    """The level above: sums over the parents of this one."""
    items = sorted({str(parent) for parent in level.parents})
    group = np.array([items.index(str(parent)) for parent in level.parents])
    expected = {model: sums(values, group, len(items)) for model, values in level.forecasts.items()}
    test, beside = level.test.summed(group, len(items)), level.beside or level.test
    return Level(name, level.height + 1, items, above * len(items), test, expected, beside)


def best_model(levels: list[Level]) -> str:
    """The model that did best on the items; where there is no past to judge by, last week."""
    return backtest.best(levels[0].test)


def _told(spark: SparkSession, sales: np.ndarray, at: list[int], settings: Settings) -> dict[str, np.ndarray]:
    """What each model says at each cut: items x cuts x weeks ahead; here, or in chunks of items on the executors."""
    horizon, season = settings.horizon_weeks, settings.season_weeks
    if len(sales) <= settings.at_hand_up_to_items:
        return at_all_cuts(sales, at, horizon, season)
    rows = [(i, sales[i : i + CHUNK].ravel().tolist()) for i in range(0, len(sales), CHUNK)]
    chunks = spark.createDataFrame(rows, "first INT, sales ARRAY<DOUBLE>").repartition(len(rows), "first")
    width = sales.shape[1]

    def fitted(batches: Iterator[Any]) -> Iterator[Any]:
        import pandas as pd

        for batch in batches:
            for first, values in zip(batch["first"], batch["sales"], strict=True):
                by_model = at_all_cuts(np.array(values, float).reshape(-1, width), at, horizon, season)
                yield pd.DataFrame([(first, name, forecast.ravel().tolist()) for name, forecast in by_model.items()])

    answer = chunks.mapInPandas(fitted, "first INT, model STRING, told ARRAY<DOUBLE>").toPandas()
    shape = (-1, len(at), horizon)
    return {
        str(model): np.concatenate([np.array(told, float).reshape(shape) for told in rows.sort_values("first")["told"]])
        for model, rows in answer.groupby("model")
    }


def at_all_cuts(sales: np.ndarray, at: list[int], horizon: int, season: int) -> dict[str, np.ndarray]:
    """What the models that can forecast at every cut say there: items x cuts x weeks ahead."""
    by_cut = [forecasts(sales[:, :cut], horizon, season) for cut in at]
    return {name: np.stack([one[name] for one in by_cut], axis=1) for name in by_cut[0]}
