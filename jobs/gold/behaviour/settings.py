"""conf/behaviour_clusters.yaml, which says what each key means."""

from dataclasses import dataclass
from typing import Literal

FEATURES = (
    "discount_share",
    "coupon_share",
    "private_label_share",
    "online_share",
    "evening_share",
    "weekend_share",
    "refund_share",
    "items_per_order",
    "spend_per_order",
    "orders_per_30d",
    "department_count",
)


@dataclass(frozen=True)
class Feature:
    """How a feature counts."""

    weight: float
    scale: Literal["plain", "root", "log"]


@dataclass(frozen=True)
class Settings:
    """All of it."""

    window_days: int
    min_order_count: int
    min_customers: int
    refit_after_days: int
    cluster_counts: tuple[int, ...]
    min_stability: float
    stability_rounds: int
    choose_on_customers: int
    spark_above_customers: int
    same_within: float
    clip_at: float
    online_channels: tuple[str, ...]
    private_label: tuple[str, ...]
    evening_from_hour: int
    evening_to_hour: int
    features: dict[str, Feature]
    words: dict[str, dict[str, float]]

    def __post_init__(self) -> None:
        """Refuse features that do not exist, and numbers of clusters that are none.

        Raises:
            ConfigError: with what was wrong.
        """
        from lakehouse.errors import ConfigError  # here: `lakehouse check` reads the classes of this module alone

        named = {*self.features, *(name for needs in self.words.values() for name in needs)}
        if unknown := named - set(FEATURES):
            raise ConfigError(
                f"there is no feature {', '.join(sorted(unknown))}",
                "behaviour_clusters.yaml",
                f"features are {', '.join(FEATURES)}",
            )
        if not self.cluster_counts or min(self.cluster_counts) < 2:
            raise ConfigError("cluster_counts must name numbers of at least 2", "behaviour_clusters.yaml")
        if any(not needs or 0 in needs.values() for needs in self.words.values()):
            raise ConfigError("a word needs features above or below the average, not at it", "behaviour_clusters.yaml")

    @property
    def smallest(self) -> int:
        """Customers that a fit needs: those asked for, and ten for each cluster of the smallest number."""
        return max(self.min_customers, 10 * min(self.cluster_counts))
