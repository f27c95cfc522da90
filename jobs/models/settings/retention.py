"""conf/retention.yaml: who is worth an action that keeps them, which one, for how much (gold.retention_actions)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, Days, Like, Listed, OpenShare, ShareAboveZero, Some, Word
from lakehouse.config.model import Conflict, SettingsModel

Kind = Literal["dissatisfied", "price", "need_ended", "silent"]
Amount = Annotated[float, Field(ge=0, le=1e12)]
Name = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as call_back")
]
Message = Annotated[
    Word,
    Like(r"[a-z_]+:[a-z][a-z0-9_]*", "a message is named by kind and name", "write it as audience:champions"),
]


class Action(SettingsModel):
    """What may be done for somebody who is about to leave."""

    description: Word = Field(description="what is done, as whoever does it reads it")
    kinds: Some[Kind] = Field(description="kinds of leaving that it is for")
    reasons: Listed[Word] = Field(
        default=(), description="reasons (their names in models/customer_churn.yaml) that it is for; empty: any"
    )
    cost: Amount = Field(description="of acting on one customer, reporting currency")
    capacity_per_night: Count | None = Field(default=None, description="customers in a night at most; none: no limit")
    assumed_persuadability: ShareAboveZero = Field(
        description="share of those about to leave who would stay because of it, until an experiment measures it"
    )
    measured_by: Listed[Message] = Field(
        default=(), description="messages that do the same, whose controls measure it too, as audience:NAME"
    )


class Settings(SettingsModel):
    """All of it; a layer above adds actions, or changes one by its name."""

    budget: Amount = Field(description="for all actions within budget_days, reporting currency")
    budget_days: Days = Field(description="days that the budget is for")
    holdout_share: OpenShare = Field(
        description="of those who would be acted on: left alone for ever, so that the actions can be measured"
    )
    salt: Word = Field(description="another salt holds out others: never change it while anything is measured")
    valid_days: Days = Field(description="an action is offered for so many days, unless the customer buys before")
    again_after_days: Days = Field(description="no customer is given an action again within so many days")
    min_units: Count = Field(
        description="customers acted on, and as many left alone, whose days are over, before an effect is read"
    )
    max_candidates: Count = Field(description="of more customers those with the most at risk are looked at")
    actions: dict[Name, Action] = Field(description="name: action; of several for one customer the worthiest is taken")

    def conflicts(self) -> Iterator[Conflict]:
        """No second action while the first is still offered; none that costs more than the budget."""
        if self.again_after_days < self.valid_days:
            what = "'again_after_days' must be at least 'valid_days': an action would follow itself"
            yield Conflict("again_after_days", what, f"give at least {self.valid_days}")
        for name, action in self.actions.items():
            if action.cost > self.budget:
                yield Conflict(("actions", name), f"'{name}' costs more than the budget", "give more, or take it out")
