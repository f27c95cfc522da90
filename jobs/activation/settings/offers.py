"""conf/offers.yaml: what gold proposes for each customer, as candidates for a message (activation.decisions)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jobs.activation.settings.audiences import Message, content_conflicts
from jobs.activation.settings.contact_policy import Name
from lakehouse.config.fields import Listed, Share, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

KINDS = {
    "recommendations": ("new", "due", "repurchase"),
    "due_items": ("follow_on", "repurchase"),
    "retention": ("dissatisfied", "price", "need_ended", "silent"),
}


class Offer(Message):
    """One proposal a customer, out of a table of gold."""

    source: Literal["recommendations", "due_items", "retention"] = Field(
        description="gold.recommendations, gold.due_now or gold.retention_actions"
    )
    kinds: Listed[Word] = Field(default=(), description="only of these kinds, as the table names them; all without")
    min_probability: Share = Field(
        default=0.0, description="less probable items do not count, 0 to 1; not asked of retention"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """The table has such kinds, and the content a place for what it proposes."""
        yield from content_conflicts(self.content, has_item=True)
        for name in self.kinds:
            if name not in KINDS[self.source]:
                yield Conflict("kinds", f"'{name}' is no kind of {self.source}", f"use {', '.join(KINDS[self.source])}")


class Settings(SettingsModel):
    """All of it; a layer above adds offers, or changes one by its name."""

    offers: dict[Annotated[Name, Defines("offer")], Offer] = Field(description="name: offer")
