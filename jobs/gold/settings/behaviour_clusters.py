"""conf/behaviour_clusters.yaml: groups of customers who buy alike (gold.behaviour_clusters)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jobs.gold.settings.levels import Channel
from lakehouse.config.fields import Count, Days, Hour, Listed, OneOf, Some, Word
from lakehouse.config.model import Conflict, SettingsModel

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
FeatureName = Annotated[str, OneOf(FEATURES)]
Deviations = Annotated[float, Field(ge=-10, le=10)]
Distance = Annotated[float, Field(gt=0, le=100)]


class Feature(SettingsModel):
    """How a feature counts."""

    weight: Annotated[float, Field(gt=0, le=1000)] = Field(description="2 counts the feature's differences twice")
    scale: Literal["plain", "root", "log"] = Field(
        description="values as they are, their square roots, or logarithms of 1 + value"
    )


class Settings(SettingsModel):
    """All of it."""

    window_days: Days = Field(description="orders of this many days count, the night's own day included")
    min_order_count: Count = Field(description="orders in the window that a customer needs to show a behaviour")
    min_customers: Count = Field(description="such customers that clusters need")
    refit_after_days: Days = Field(description="days between fits; in between customers are put to the nearest centre")
    cluster_counts: Some[Annotated[int, Field(ge=2, le=100)]] = Field(description="numbers of clusters that are tried")
    min_stability: Annotated[float, Field(ge=-1, le=1)] = Field(
        description="two halves of the customers must agree this well (adjusted Rand index, up to 1)"
    )
    stability_rounds: Annotated[int, Field(ge=1, le=1000)] = Field(description="splits into halves")
    choose_on_customers: Annotated[int, Field(ge=20, le=1_000_000)] = Field(
        description="silhouettes and halves are of no more customers than this"
    )
    spark_above_customers: Count = Field(description="more customers than this are clustered by Spark ML")
    same_within: Annotated[float, Field(ge=0, le=100)] = Field(
        description="a cluster keeps id and name when its centre moved less than so many standard deviations"
    )
    clip_at: Distance = Field(description="features are cut at this many standard deviations")
    online_channels: Listed[Channel] = Field(description="channels that count as online")
    private_label: Listed[Word] = Field(description="brands of products that are the company's own")
    evening_from_hour: Hour = Field(description="first hour of the evening, in the business time zone")
    evening_to_hour: Hour = Field(description="hour that ends the evening, in the business time zone")
    features: Annotated[dict[FeatureName, Feature], Field(min_length=1)] = Field(description="what is clustered")
    words: dict[Word, Annotated[dict[FeatureName, Deviations], Field(min_length=1)]] = Field(
        description="name: how many standard deviations each feature lies above (below: negative) the average customer"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """An evening has hours, and a word says which way its features lie."""
        if self.evening_from_hour >= self.evening_to_hour:
            what = "'evening_from_hour' must be less than 'evening_to_hour'"
            yield Conflict("evening_from_hour", what, f"give less than {self.evening_to_hour}")
        for word, needs in self.words.items():
            for name, deviations in needs.items():
                if deviations == 0:
                    what = "a word needs features above or below the average, not at it"
                    yield Conflict(("words", word, name), what, "give a number above or below 0")

    @property
    def smallest(self) -> int:
        """Customers that a fit needs: those asked for, and ten for each cluster of the smallest number."""
        return max(self.min_customers, 10 * min(self.cluster_counts))
