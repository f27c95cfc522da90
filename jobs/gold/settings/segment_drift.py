"""conf/segment_drift.yaml: how the shares of segments, states and clusters move (gold.segment_drift)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Days, OpenShare
from lakehouse.config.model import Conflict, SettingsModel

Index = Annotated[float, Field(ge=0, le=100)]


class Settings(SettingsModel):
    """All of it; PSI is the population stability index."""

    reference_days_back: Days = Field(description="nights are compared with the one this many days before")
    smallest_share: OpenShare = Field(description="shares count as at least this, between 0 and 1")
    warn_above: Index = Field(description="PSI from here on is a shift that someone should look at")
    alarm_above: Index = Field(description="PSI from here on is one that rules and models may not survive")

    def conflicts(self) -> Iterator[Conflict]:
        """A warning comes before an alarm."""
        if self.warn_above > self.alarm_above:
            what = "'warn_above' must be at most 'alarm_above'"
            yield Conflict("warn_above", what, f"give at most {self.alarm_above:g}")
