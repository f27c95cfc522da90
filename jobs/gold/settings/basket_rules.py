"""conf/basket_rules.yaml: what is bought together (gold.basket_days, gold.basket_itemsets, gold.basket_rules)."""

from collections.abc import Iterator
from math import ceil, floor
from typing import Annotated, Literal

from pydantic import Field

from jobs.gold.settings.levels import ONE_OF, Level, Lift
from lakehouse.config.fields import Count, DaysOrZero, Listed, OpenShare, Share, ShareAboveZero, Some, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

ROUNDING = 1e-9  # 0.07 * 100 is 7.000000000000001: a support on the line counts as reached


def least_count(min_support: float, basket_count: int) -> int:
    """The fewest baskets that are `min_support` (0 to 1) of `basket_count` or more; never below 1.

    Raises:
        ValueError: min_support is outside 0 to 1.
    """
    if not 0 <= min_support <= 1:
        raise ValueError(f"min_support is {min_support}: give a share of baskets between 0 and 1")
    return max(1, ceil(min_support * basket_count - ROUNDING))


class Settings(SettingsModel):
    """All of it; shares are of all baskets with at least one known item, 0 to 1."""

    levels: Some[Annotated[Level, Defines("level")]] = Field(description=f"one or more of {ONE_OF}")
    excluded_items: Listed[Word] = Field(description="items that are no goods, by their name at that level")
    min_support: ShareAboveZero = Field(description="smallest share of baskets that hold all items of a rule")
    min_confidence: Share = Field(description="smallest share of the antecedent's baskets that hold the consequent")
    min_lift: Lift = Field(description="smallest ratio of that share to the consequent's own; 1 is chance")
    max_items_per_rule: Annotated[int, Field(ge=2, le=1000)] | None = Field(
        description="most items in a rule, both sides together; null for any"
    )
    half_life_days: Annotated[float, Field(gt=0, le=36_525)] | None = Field(
        description="a basket this many days old counts half, twice as old a quarter; null: all count alike"
    )
    redundant_rules: Literal["flag", "drop"] = Field(
        description="a rule is redundant where one with fewer antecedent items is as sure"
    )
    false_discovery: Literal["benjamini_hochberg", "benjamini_yekutieli"] = Field(
        description="how q_value is made; benjamini_yekutieli holds for any dependence"
    )
    max_q_value: Share = Field(description="rules of a larger q_value are left out; 1 keeps all")
    check_days: DaysOrZero = Field(
        description="rules found on baskets older than so many days are held against the baskets since"
    )
    check_confidence: OpenShare = Field(description="confidence of the interval around the later lift, 0 to 1")
    min_baskets: Count = Field(description="fewer baskets in all give no rules")
    min_baskets_per_rule: Count = Field(description="smallest number of baskets that hold all items of a rule")
    tracked_share: ShareAboveZero = Field(description="itemsets of this share of the support are counted by day, too")
    max_driver_mebibytes: Annotated[int, Field(ge=1, le=16_777_216)] = Field(
        description="counting that may need more memory than this (MiB) runs on the executors"
    )
    max_itemsets: Count = Field(description="more tracked itemsets than this double the support")
    max_items: Count = Field(description="more different items than this stop the job")

    def conflicts(self) -> Iterator[Conflict]:
        """A rule has no more baskets than there are."""
        if self.min_baskets_per_rule > self.min_baskets:
            what = "'min_baskets_per_rule' must be at most 'min_baskets'"
            yield Conflict("min_baskets_per_rule", what, f"give at most {self.min_baskets}")

    def least(self, basket_count: float, min_support: float | None = None) -> float:
        """What the baskets of a rule must be worth: their number, or with a half-life the sum of their weights."""
        share = self.min_support if min_support is None else min_support
        if self.half_life_days is not None:
            return share * basket_count
        return max(self.min_baskets_per_rule, least_count(share, int(basket_count)))

    def tracked_least(self, least: float) -> float:
        """What the baskets of an itemset must be worth to be counted every night: less, for it may rise."""
        return self.tracked_share * least if self.half_life_days else max(1, floor(self.tracked_share * least))
