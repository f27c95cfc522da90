"""conf/experiments/NAME.yaml: what is tried on whom, by what it is judged, and when (gold.experiment_results)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from jobs.gold.settings.experiment_reading import Settings as Reading
from lakehouse.config.fields import Days, Like, Listed, ShareAboveZero, Word
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
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
    unit: Literal["customer", "household"] = Field(
        default="customer",
        description="what is put into an arm and counts as one; household: customers who live together are in one arm",
    )
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
    """All of them; a layer above adds experiments, or changes keys of one in a file of its name."""

    experiments: dict[Annotated[Name, Defines("experiment")], Experiment] = Field(description="name: experiment")


class Experiments(Reading):
    """How experiments are read, and which there are."""

    experiments: dict[str, Experiment] = Field(description="name: experiment")


def known(conf: Conf, reading: Reading) -> Experiments:
    """Those of conf, with how they are read."""
    return Experiments(**vars(reading), experiments=conf.settings("experiments", Settings).experiments)
