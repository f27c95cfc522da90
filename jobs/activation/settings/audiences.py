"""conf/audiences.yaml: groups of customers that are written to while they are in some segments."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from jobs.activation.settings.contact_policy import Amount, ContactChannel, ContactPurpose, Name
from lakehouse.config.fields import Count, DaysOrZero, Listed, Share, Some, Text, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines, Reference

ITEM = "{item}"
SegmentName = Annotated[Word, Reference("segment", "segments")]


class Message(SettingsModel):
    """What audiences and triggers have in common: to whom, what for, how, and on whose account."""

    version: Word = Field(description="raised with every change of the definition")
    description: Word = Field(description="whom it is for, and why")
    owner: Word = Field(description="who answers for it")
    purpose: ContactPurpose = Field(default="marketing", description="a purpose of contact_policy.yaml")
    channels: Some[ContactChannel] = Field(description="channels of contact_policy.yaml that it may use")
    content: Word = Field(description="what is said, by the name of a template; {item} is the item that it is about")
    when: Text = Field(
        default="", description="Spark SQL condition over gold.customer_profile; run_date is the day the night closes"
    )
    not_in: Listed[SegmentName] = Field(default=(), description="segments whose customers are left out")
    priority: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=100, description="of two of equal value the higher goes"
    )
    expected_lift: Share = Field(
        description="orders that one message brings beyond those that come anyway, as assumed until measured; 0 to 1"
    )
    added_cost: Amount = Field(default=0, description="cost of one message beside the channel's, such as a coupon's")
    capacity_per_night: Count | None = Field(default=None, description="messages in a night; no limit without it")
    cool_down_days: DaysOrZero = Field(default=28, description="the same customer not again within so many days")
    holdout_share: Share | None = Field(default=None, description="its control; holdout.default_share without it")
    expires_on: date | None = Field(default=None, description="from this day on it is over")


def content_conflicts(content: str, has_item: bool) -> Iterator[Conflict]:
    """A content asks for {item} alone, and only where a message is about one."""
    if any(brace in content.replace(ITEM, "") for brace in "{}"):
        remedy = "write {item}, with a brace on each side; other fields stand in templates"
        yield Conflict("content", f"a content has no field but {ITEM}", remedy)
    elif ITEM in content and not has_item:
        yield Conflict("content", "the message is about no item", f"leave {ITEM} out")


class Audience(Message):
    """Customers of some segments."""

    in_segments: Some[SegmentName] = Field(description="segments of segments.yaml; a customer of any of them is in it")

    def conflicts(self) -> Iterator[Conflict]:
        """Nobody is left out whom it is made of, and it is about no item."""
        yield from content_conflicts(self.content, has_item=False)
        for name in self.not_in:
            if name in self.in_segments:
                yield Conflict("not_in", f"'{name}' is in in_segments, too", "keep one of them")


class Settings(SettingsModel):
    """All of it; a layer above adds audiences, or changes one by its name."""

    audiences: dict[Annotated[Name, Defines("audience")], Audience] = Field(description="name: audience")
