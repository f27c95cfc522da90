"""conf/sales_forecast.yaml: sales by item and week, and what they will be.

Makes gold.sales_weeks, gold.sales_forecast and gold.sales_forecast_accuracy.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from jobs.gold.settings.levels import COARSENESS, ONE_OF, Items, Level
from lakehouse.config.fields import CountOrZero, OpenShare
from lakehouse.config.model import Conflict, SettingsModel

PRODUCT_LEVEL, TOTAL = "product_id", "total"
UNKNOWN, OTHER = "(unknown)", "(other)"
Weeks = Annotated[int, Field(ge=1, le=5218)]  # a century


class Settings(SettingsModel):
    """All of it; weeks are whole ones, Monday to Sunday."""

    level: Level = Field(description=ONE_OF)
    parent_level: Level | None = Field(description="summed into these, and into the total; null: into the total alone")
    history_weeks: Weeks = Field(description="weeks looked back upon")
    horizon_weeks: Weeks = Field(description="weeks looked ahead")
    season_weeks: Annotated[Weeks, Field(ge=2)] = Field(description="a year; models of season need two of these")
    min_weeks: Weeks = Field(description="fewer weeks give no forecast, and past forecasts are made from so many on")
    backtest_weeks: Weeks = Field(description="past weeks from which each model had to forecast what is known by now")
    interval_share: OpenShare = Field(description="share of outcomes that shall lie between low and high, 0 to 1")
    max_items: Items = Field(description="items that sell most; the others are forecast together")
    at_hand_up_to_items: CountOrZero = Field(description="more items than these are fitted on the executors")

    def conflicts(self) -> Iterator[Conflict]:
        """A parent is coarser than its items, and the history is long enough to forecast from."""
        parent, level = COARSENESS.get(self.parent_level or ""), COARSENESS.get(self.level)
        if self.parent_level == self.level or (parent is not None and level is not None and parent < level):
            what = f"'parent_level' must be coarser than 'level', which is {self.level}"
            yield Conflict("parent_level", what, "name a level above it, or null")
        if self.min_weeks > self.history_weeks:
            what = "'min_weeks' must be at most 'history_weeks': nothing could ever be forecast"
            yield Conflict("min_weeks", what, f"give at most {self.history_weeks}")
