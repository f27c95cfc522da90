"""conf/recommendations.yaml: what to recommend to whom (gold.recommendations, gold.recommendation_models)."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jobs.gold.settings.levels import Items, ListLength, Purpose
from lakehouse.config.fields import Count, Days, Listed, OneOf, Share, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Reference

KINDS = ("new", "due", "repurchase")
Kind = Annotated[str, OneOf(KINDS)]
Penalty = Annotated[float, Field(ge=0, le=1_000_000)]
Places = Annotated[int, Field(ge=0, le=1000)]
GapRatio = Annotated[float, Field(ge=0, le=1000)]


class Catalogue(SettingsModel):
    """Which products may be recommended, and what one item is."""

    level: Literal["product_category", "product_type", "product_id"] = Field(
        description="what one item is; product_id where products do not say"
    )
    excluded_items: Listed[Word] = Field(description="no goods: departments, categories, types or product_ids by name")
    forbidden_words: Listed[Word] = Field(
        description="of what the products table says of a product no word may begin so"
    )
    min_buyers: Count = Field(description="customers who must have bought an item")
    max_items: Items = Field(description="the most bought so many")
    spoken_names: dict[Word, Word] = Field(description="category, type or product_id: how a shop assistant says it")


class Factors(SettingsModel):
    """The implicit alternating least squares."""

    count: Annotated[int, Field(ge=1, le=1000)] = Field(description="factors of a customer and of an item")
    rounds: Annotated[int, Field(ge=1, le=1000)] = Field(description="rounds of alternating least squares")
    regularisation: Penalty = Field(description="times the number of purchases of a customer or an item")
    confidence_per_log_count: Penalty = Field(
        description="confidence in a purchase above 1, per log(1 + order days with the item)"
    )


class Learning(SettingsModel):
    """When and how the ranker is learned."""

    refit_after_days: Days = Field(description="days after which factors and ranker are fitted anew")
    horizon_days: Days = Field(description="a recommendation was right if the item was bought within so many days")
    min_customers: Count = Field(description="with fewer customers two horizons ago declared weights are used")
    candidates_per_source: Annotated[int, Field(ge=1, le=100_000)] = Field(
        description="new items per customer that taste, and that take-up, bring"
    )
    l2_penalty: Penalty = Field(description="ridge penalty of the regressions per example, on standardised features")
    max_lines_learned: Count = Field(
        description="order lines that are learned from: of more, those of a share of the customers"
    )
    max_lines_here: Count = Field(description="order lines worked on at once; of more, Spark fits the factors")


class Choice(SettingsModel):
    """How a customer's list is put together from the ranked candidates."""

    items_per_customer: ListLength = Field(description="most rows per customer")
    slots: dict[Kind, Places] = Field(description="most of each kind, while the others can fill the list")
    at_most_per_category: ListLength = Field(description="items of one category in a list")
    at_most_per_department: ListLength = Field(description="items of one department in a list")
    relevance_share: Share = Field(
        description="1: the likeliest only; lower: items unlike those above them (maximal marginal relevance)"
    )
    long_tail_share: Share = Field(description="least share of a list from the long tail, where there is any, 0 to 1")
    head_share: Share = Field(
        description="the most bought items that together have this share of all customer-item pairs, 0 to 1"
    )
    due_from_ratio: GapRatio = Field(
        description="due: days since the last purchase are at least this share of the customer's own mean interval"
    )
    due_to_ratio: GapRatio = Field(description="and at most this share")
    repurchase_from_ratio: GapRatio = Field(
        description="what was bought less than this share of the mean interval ago is not yet said again"
    )
    min_times_for_rhythm: Annotated[int, Field(ge=2, le=36_525)] = Field(
        description="days with the item that make a rhythm"
    )
    newcomer_items: Places = Field(description="rows for a customer without an order; 0: none")

    def conflicts(self) -> Iterator[Conflict]:
        """What is due begins before it ends, and a kind has no more places than the list."""
        if self.due_from_ratio >= self.due_to_ratio:
            what = "'due_from_ratio' must be less than 'due_to_ratio'"
            yield Conflict("due_from_ratio", what, f"give less than {self.due_to_ratio:g}")
        if self.slots and not sum(self.slots.values()):
            yield Conflict("slots", "'slots' must leave a place to some kind", "give one of them 1 or more")


class Consent(SettingsModel):
    """Who gets no recommendations."""

    refusals_of: Listed[Purpose] = Field(description="a refusal of a purpose that begins so, by any account: no row")
    needs_agreement: bool = Field(description="true: only customers of whom an account agreed to such a purpose")
    excluded_segments: Listed[Annotated[Word, Reference("segment", "segments")]] = Field(
        description="segments of gold.segments whose customers get no row"
    )
    excluded_tags: Listed[Annotated[Word, Reference("tag", "tags")]] = Field(
        description="tags of gold.customer_tags whose customers get no row"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """An agreement is to a purpose."""
        if self.needs_agreement and not self.refusals_of:
            what = "'refusals_of' must not be empty while an agreement is needed: nobody would get a row"
            yield Conflict("refusals_of", what, "name the purposes, such as [marketing]")


class Settings(SettingsModel):
    """All of it."""

    catalogue: Catalogue
    factors: Factors
    learning: Learning
    choice: Choice
    consent: Consent

    def fit_hash(self) -> str:
        """What a fit depends on besides the data: a fit of other settings is made anew."""
        catalogue = self.catalogue.model_dump() | {"spoken_names": None}
        parts = (catalogue, self.factors.model_dump(), self.learning.model_dump())
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
