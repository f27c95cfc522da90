"""conf/tags.yaml: tags of customers with their governance (gold.customer_tags, gold.tag_rules)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Days, Like, Listed, ShareAboveZero, Text, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

Name = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as several_channels")
]


class FirstPurchase(SettingsModel):
    """A customer's first purchase of some products, so many days after their launch."""

    within_days: Days = Field(description="days after the launch, which is the first of them")
    product: Listed[Word] = Field(default=(), description="product ids; any of them counts")
    category: Listed[Word] = Field(default=(), description="product categories; any of them counts")
    of_launch: Literal["first_sale"] | date = Field(
        default="first_sale",
        description="the day, or first_sale for the first day on which any customer bought one of them",
    )

    def conflicts(self) -> Iterator[Conflict]:
        """Something is bought."""
        if not any(name.strip() for name in (*self.product, *self.category)):
            yield Conflict("", "it names no product and no category", "write product: or category:")


class Tag(SettingsModel):
    """One tag."""

    version: Word = Field(description="raised with every change of the definition: old periods end, new ones begin")
    description: Word = Field(description="what its customers have in common")
    owner: Word = Field(description="who answers for the tag")
    purpose: Word = Field(description="what it may be used for: one of purposes")
    when: Text = Field(
        default="",
        description="Spark SQL condition over gold.customer_profile and the tables beside it; or first_purchase_of",
    )
    first_purchase_of: FirstPurchase | None = Field(default=None, description="an event in place of a condition")
    evidence: Text = Field(default="", description="Spark SQL text expression of what the rule saw when the tag began")
    begins_anew_with_evidence: bool = Field(
        default=False, description="true: the period ends when it sees something else"
    )
    expires_on: date | None = Field(default=None, description="from this day on nobody has the tag")
    valid_days: Days | None = Field(default=None, description="nobody keeps it longer without a break of the rule")
    labels: Text = Field(default="", description="a CSV beside this file: customer_id or account_id, and truth")
    min_precision: ShareAboveZero | None = Field(
        default=None, description="share of labelled customers with the tag that must have it rightly, 0 to 1"
    )
    below_min_precision: Literal["warn", "refuse"] = Field(
        default="warn", description="what happens below min_precision"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """A condition or an event, its evidence, labels for a precision, and an end after the launch."""
        event = self.first_purchase_of
        if bool(self.when.strip()) == (event is not None):
            remedy = "write one of when and first_purchase_of"
            yield Conflict("", "a tag has either a condition or an event", remedy)
        if event is not None and self.evidence:
            yield Conflict("evidence", "first_purchase_of gives its own evidence", "drop the key")
        if self.min_precision is not None and not self.labels:
            yield Conflict("min_precision", "min_precision without labels", "name a file under labels:")
        launch = event.of_launch if event is not None else None
        if isinstance(launch, date) and self.expires_on is not None and self.expires_on <= launch:
            what = f"'expires_on' must be after 'of_launch', which is {launch}"
            yield Conflict("expires_on", what, "give a later day")


class Settings(SettingsModel):
    """All of it; a layer above adds tags, or changes one by its name."""

    purposes: dict[Word, Word] = Field(description="purposes that a tag may have, with a description of each")
    tags: dict[Annotated[Name, Defines("tag")], Tag] = Field(description="name: tag")

    def conflicts(self) -> Iterator[Conflict]:
        """A tag's purpose is one of the declared ones."""
        for name, tag in self.tags.items():
            if tag.purpose not in self.purposes:
                what = f"{name}: the purpose '{tag.purpose}' is not declared under purposes"
                remedy = nearest(tag.purpose, self.purposes) or "declare it under purposes"
                yield Conflict(("tags", name, "purpose"), what, remedy)
