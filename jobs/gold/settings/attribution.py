"""conf/attribution.yaml: what touched customers before their orders, and how these are shared (gold.attribution)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, Days, Like, Listed, Share, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

Name = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as paid_search")
]
MODELS = ("first", "last", "linear", "position", "time_decay", "markov_1", "markov_2", "markov_3", "shapley")


class Spending(SettingsModel):
    """What a channel cost in some days beside its touches: an invoice, a campaign, a month of advertising."""

    from_date: date = Field(description="first day that it is for")
    until_date: date = Field(description="last day that it is for")
    amount: Annotated[float, Field(ge=0, le=1e12)] = Field(
        description="for all of these days, which share it alike; reporting currency"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """The days follow one another."""
        if self.until_date < self.from_date:
            yield Conflict("until_date", "it ends before it begins", "give from_date and until_date in order")


class ChannelGroup(SettingsModel):
    """Touches that are told apart as one."""

    interaction_types: Listed[Word] = Field(default=(), description="interactions of these types, as exports say them")
    sources: Listed[Literal["campaign_contacts", "coupon_redemptions"]] = Field(
        default=(), description="silver tables whose rows are such touches"
    )
    cost_per_touch: Annotated[float, Field(ge=0, le=1e9)] = Field(default=0, description="reporting currency")
    spending: Listed[Spending] = Field(default=(), description="what it cost beside, by days")

    def conflicts(self) -> Iterator[Conflict]:
        """Something is a touch of it."""
        if not self.interaction_types and not self.sources:
            yield Conflict("", "no touch is of this group", "name interaction_types or sources")


class Settings(SettingsModel):
    """All of it; a layer above adds groups, or changes one by its name."""

    channel_groups: dict[Annotated[Name, Defines("channel group")], ChannelGroup] = Field(description="name: group")
    period_days: Days = Field(description="order days of so many days are shared out, the night's own day included")
    window_days: Days = Field(description="a touch counts for the next order within so many days")
    path_length: Annotated[int, Field(ge=1, le=1000)] = Field(description="of more touches the last so many")
    half_life_days: Days = Field(description="of time decay: a touch so many days older counts half")
    position_ends: Share = Field(description="of position: share of the first touch, and of the last; 0 to 0.5")
    max_touches: Count = Field(description="more touches in a night are refused")
    shapley_exact_up_to: Annotated[int, Field(ge=1, le=16)] = Field(description="more groups than this are sampled")
    shapley_samples: Annotated[int, Field(ge=100, le=1_000_000)] = Field(description="orders of joining that are drawn")

    def conflicts(self) -> Iterator[Conflict]:
        """First and last are no more than the whole, and a touch is of one group."""
        groups: dict[str, str] = {}
        for name, group in self.channel_groups.items():
            for touch in (*group.interaction_types, *group.sources):
                if groups.setdefault(touch, name) != name:
                    what = f"'{touch}' is a touch of two groups, {groups[touch]} and {name}, and would count twice"
                    yield Conflict(
                        ("channel_groups", name), what, f"take it out of one of them ({groups[touch]}: {{...}})"
                    )
        if self.position_ends > 0.5:
            yield Conflict("position_ends", "first and last touch together are more than the whole", "give at most 0.5")
