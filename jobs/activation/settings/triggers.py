"""conf/triggers.yaml: occasions in customers' behaviour that call for a message."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jobs.activation.settings.audiences import Message, content_conflicts
from jobs.activation.settings.contact_policy import Name
from lakehouse.config.fields import Count, Days, DaysOrZero, Listed, Share, Text, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

KINDS = ("sequence", "silence", "item_due", "life_cycle_move", "complaint_unanswered", "points_expire")
OWN_EVENTS = ("order", "refund", "feedback")  # beside what exports call their interactions
OF_ITEMS = ("item_due", "points_expire")
States = Literal["lead", "prospect", "first_time", "repeat", "loyal", "dormant", "lost", "won_back"]


class Event(SettingsModel):
    """Something that a customer did, or that was done to them."""

    event: Word = Field(
        description="order, refund, feedback, or an interaction type as exports say it, e.g. email_sent"
    )
    channel: Text = Field(default="", description="only by this channel; any without it")


class Sequence(SettingsModel):
    """Did one thing, and then not another."""

    did: Event = Field(description="what begins it")
    then_did: Event | None = Field(default=None, description="what must follow within the days, too")
    then_not: Event = Field(description="what must not have followed when the days are over")
    from_days: DaysOrZero = Field(
        default=0, description="what follows counts from so many days after the beginning on; 0: from the same day"
    )
    within_days: Days = Field(description="until so many days after the beginning, with that day")

    def conflicts(self) -> Iterator[Conflict]:
        """Some day is left for what follows."""
        if self.from_days > self.within_days:
            yield Conflict("from_days", "'from_days' is after 'within_days'", f"give at most {self.within_days}")


class Silence(SettingsModel):
    """No order for so many of the customer's own intervals."""

    own_intervals: Annotated[float, Field(gt=0, le=1000)] = Field(
        description="multiple of the customer's usual gap between order days"
    )
    at_least_days: Days = Field(default=1, description="but never sooner than this after the last order")


class ItemDue(SettingsModel):
    """An item falls due for the customer (gold.due_now)."""

    kinds: Listed[Literal["follow_on", "repurchase"]] = Field(default=(), description="kinds of due items; all without")
    min_probability: Share = Field(description="less probable ones do not count, 0 to 1")
    items: Listed[Word] = Field(default=(), description="only these items; all without")


class LifeCycleMove(SettingsModel):
    """The customer came into a state (gold.life_cycle_history)."""

    to: Listed[States] = Field(description="states that they came to")
    came_from: Listed[States] = Field(default=(), description="states that they came from; any without")


class ComplaintUnanswered(SettingsModel):
    """A complaint, as contact_policy.yaml says it, has waited."""

    after_days: Days = Field(description="days without an answer")


class PointsExpire(SettingsModel):
    """Loyalty points are about to go (expiring_points of gold.loyalty_balances, within warn_days of loyalty.yaml)."""

    min_points: Count = Field(description="fewer are not worth a message")


class Trigger(Message):
    """One kind of occasion, and what it calls for."""

    valid_days: Days = Field(
        default=3, description="an occasion so many days old is still acted upon, its own included"
    )
    sequence: Sequence | None = Field(default=None, description="did one thing, and then not another")
    silence: Silence | None = Field(default=None, description="no order for so many of their own intervals")
    item_due: ItemDue | None = Field(default=None, description="an item falls due")
    life_cycle_move: LifeCycleMove | None = Field(default=None, description="came into a state")
    complaint_unanswered: ComplaintUnanswered | None = Field(default=None, description="a complaint has waited")
    points_expire: PointsExpire | None = Field(default=None, description="loyalty points are about to go")

    @property
    def kind(self) -> str:
        """Which kind of occasion it is."""
        return next(name for name in KINDS if getattr(self, name, None) is not None)

    @property
    def events(self) -> tuple[str, ...]:
        """What its sequence asks for."""
        what = self.sequence
        return tuple(one.event for one in (what.did, what.then_did, what.then_not) if one) if what else ()

    def conflicts(self) -> Iterator[Conflict]:
        """It is of one kind, and speaks of an item where it has one."""
        named = [name for name in KINDS if getattr(self, name, None) is not None]
        if len(named) != 1:
            yield Conflict("", f"a trigger is of one kind, not of {len(named)}", f"write one of {', '.join(KINDS)}")
        else:
            yield from content_conflicts(self.content, has_item=self.kind in OF_ITEMS)


class Settings(SettingsModel):
    """All of it; a layer above adds triggers, or changes one by its name."""

    triggers: dict[Annotated[Name, Defines("trigger")], Trigger] = Field(description="name: trigger")
