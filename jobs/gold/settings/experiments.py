"""conf/experiments.yaml: what is tried on whom, by what it is judged, and when (gold.experiment_results)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, Days, Like, Listed, OpenShare, ShareAboveZero, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines, Reference

METRICS = ("spend", "order_count", "has_order")
Metric = Literal["spend", "order_count", "has_order"]
Name = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as new_prices")
]


class Experiment(SettingsModel):
    """One experiment: customers are put into arms by a salted hash."""

    description: Word = Field(description="what is tried")
    owner: Word = Field(description="who answers for it")
    in_segments: Listed[Annotated[Word, Reference("segment", "segments")]] = Field(
        default=(), description="customers of these segments on start_date; without any all who had ordered by then"
    )
    arms: dict[Name, ShareAboveZero] = Field(description="arm: share of the customers; together no more than 1")
    control: Name = Field(description="the arm that others are compared with")
    start_date: date = Field(description="business day of the assignment; the day after it is the first that counts")
    horizon_days: Days = Field(description="days from the assignment on that count")
    metric: Metric = Field(description="what it is judged by, per customer over the horizon")
    guardrails: Listed[Metric] = Field(default=(), description="what must not fall")
    relative_effect: ShareAboveZero = Field(description="change of the metric that is worth finding, as a share of it")

    def conflicts(self) -> Iterator[Conflict]:
        """The control is an arm, another is there, and shares are no more than the whole."""
        if self.control not in self.arms:
            yield Conflict("control", f"'{self.control}' is none of the arms", nearest(self.control, self.arms))
        if len(self.arms) < 2:
            yield Conflict("arms", "an experiment has two arms or more", "add one")
        if sum(self.arms.values()) > 1 + 1e-9:
            yield Conflict("arms", "the shares are more than 1 together", "give smaller ones")
        if self.metric in self.guardrails:
            yield Conflict("guardrails", f"'{self.metric}' is the metric itself", "leave it out")


class Settings(SettingsModel):
    """All of it; a layer above adds experiments, or changes one by its name."""

    salt: Word = Field(description="changes who is in which arm: never change it while anything is measured")
    level: OpenShare = Field(description="of intervals, such as 0.95")
    power: OpenShare = Field(description="probability of seeing relative_effect, for designs and planned ends")
    min_units: Count = Field(description="customers that each arm needs before anything is read")
    message_horizon_days: Days = Field(description="days that count for the control of an audience or trigger")
    likely_effect: ShareAboveZero = Field(description="size of effect that messages may well have, as a share")
    sample_ratio_p_value: OpenShare = Field(description="below this the arms' sizes are wrong, and nothing is read")
    experiments: dict[Annotated[Name, Defines("experiment")], Experiment] = Field(description="name: experiment")
