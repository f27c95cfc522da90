"""conf/basket_rules.yaml, which says what each key means."""

from dataclasses import dataclass
from math import floor
from typing import Literal

from jobs.gold.baskets.itemsets import least_count
from jobs.gold.product_levels.levels import Level


@dataclass(frozen=True)
class Settings:
    """What a basket and an item are, which rules are worth keeping, how they are judged, and what it may cost."""

    levels: tuple[Level, ...]
    excluded_items: tuple[str, ...]
    min_support: float
    min_confidence: float
    min_lift: float
    max_items_per_rule: int | None
    half_life_days: float | None
    redundant_rules: Literal["flag", "drop"]
    false_discovery: Literal["benjamini_hochberg", "benjamini_yekutieli"]
    max_q_value: float
    check_days: int
    check_confidence: float
    min_baskets: int
    min_baskets_per_rule: int
    tracked_share: float
    max_driver_mebibytes: int
    max_itemsets: int
    max_items: int

    def __post_init__(self) -> None:
        """Refuse what would give rules that mean nothing."""
        if not 0 < self.tracked_share <= 1:
            raise ValueError(f"tracked_share is {self.tracked_share}: give a share above 0 and up to 1")
        if self.half_life_days is not None and self.half_life_days <= 0:
            raise ValueError(f"half_life_days is {self.half_life_days}: give days above 0, or null for equal weights")

    def least(self, basket_count: float, min_support: float | None = None) -> float:
        """What the baskets of a rule must be worth: their number, or with a half-life the sum of their weights."""
        share = self.min_support if min_support is None else min_support
        if self.half_life_days is not None:
            return share * basket_count
        return max(self.min_baskets_per_rule, least_count(share, int(basket_count)))

    def tracked_least(self, least: float) -> float:
        """What the baskets of an itemset must be worth to be counted every night: less, for it may rise."""
        return self.tracked_share * least if self.half_life_days else max(1, floor(self.tracked_share * least))
