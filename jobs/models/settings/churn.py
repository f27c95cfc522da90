"""conf/churn.yaml: who is about to leave (models.churn_examples, models.churn_scores), and what a churn model sees."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field

from lakehouse.config.fields import CENTURY_DAYS, Count, Days, Listed, Word
from lakehouse.config.model import Conflict, SettingsModel

FEATURES = (
    "recency_days",
    "tenure_days",
    "shopping_days_per_28d",
    "spend_per_28d",
    "lines_per_shopping_day",
    "mean_gap_days",
    "longest_gap_days",
    "gap_deviation_days",
    "recent_gap_days",
    "long_gaps_per_28d",
    "recency_to_mean_gap",
    "recency_to_longest_gap",
    "active_week_share",
    "shopping_days_7d",
    "shopping_days_14d",
    "shopping_days_28d",
    "shopping_days_56d",
    "shopping_days_84d",
    "shopping_days_168d",
    "visit_trend",
    "visit_trend_half_year",
    "visit_change_28d",
    "visit_acceleration_28d",
    "spend_trend",
    "spend_change_28d",
    "spend_acceleration_28d",
    "lines_trend",
    "active_weeks_12",
    "spend_28d",
    "spend_84d",
    "spend_per_shopping_day",
    "spend_deviation",
    "biggest_day_share",
    "orders_per_shopping_day",
    "last_gap_days",
    "last_gap_to_mean_gap",
    "gap_variation",
    "recency_to_recent_gap",
    "silence_deviations",
    "alive_index",
    "channel_count",
    "channel_switch_share",
    "many_channel_day_share",
    "last_channel",
    "weekend_share",
    "refund_days",
    "refund_days_84d",
    "refund_share",
    "refund_recency_days",
    "contacts_84d",
    "responses_84d",
    "response_share_84d",
    "response_recency_days",
    "complaints_84d",
    "complaint_recency_days",
    "rating_mean",
    "rating_last",
    "redemptions_84d",
    "redemptions_per_shopping_day",
    "segment_moves_84d",
    "category_count_84d",
    "categories_lost_84d",
    "regular_categories_lost_84d",
    "lost_category_spend_share",
)


class Settings(SettingsModel):
    """All of it."""

    horizon_days: Days | Literal["auto"] = Field(
        description="a churner buys nothing on the as-of date and the days after, so many in all; auto: the company's "
        "interval, by gold.life_cycle_rhythm"
    )
    assumed_horizon_days: Days = Field(description="with auto, until the company's interval is known")
    retrain_after_days: Days = Field(
        description="a night trains anew when labels are known of as-of dates so much later than the champion's"
    )
    history_days: Days = Field(description="features look back this many days from the as-of date, no further")
    min_history_days: Days = Field(description="an as-of date needs this many days of purchases before it")
    as_of_every_days: Days = Field(description="days between as-of dates; no multiple of 7 lets every weekday come up")
    as_of_anchor: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))] = Field(
        description="any day: the as-of dates lie whole steps before and after it, the same every night"
    )
    max_as_of_dates: Annotated[int, Field(ge=1, le=36_525)] = Field(description="the latest so many make the table")
    max_past_examples: Count = Field(
        description="of more customers times past dates a half, a quarter, ... of the customers is kept, by a hash"
    )
    contact_types: Listed[Word] = Field(description="interaction types by which the company contacted somebody")
    response_types: Listed[Word] = Field(description="interaction types by which somebody answered")
    complaint_types: Listed[Word] = Field(description="interaction types that are a complaint")
    excluded_items: Listed[Word] = Field(
        description="no goods, and no kind of things that somebody buys: departments, categories, types or product_ids "
        "by name"
    )
    min_examples: Count = Field(description="examples that training needs, and as many held out")
    min_of_each_kind: Count = Field(description="churners, and as many stayers, that training needs, and held out")
    max_training_rows: Count = Field(description="more examples than this are thinned to a share of the customers")

    def conflicts(self) -> Iterator[Conflict]:
        """Training has room for the examples that it needs."""
        if self.min_examples > self.max_training_rows:
            what = "'min_examples' must be at most 'max_training_rows': training could never begin"
            yield Conflict("min_examples", what, f"give at most {self.max_training_rows}")

    def past_share(self, customers: int, dates: int) -> float:
        """Of the customers whose examples as of past dates are kept: all, half, a quarter, ... each within the last."""
        share = 1.0
        while customers * (dates - 1) * share > self.max_past_examples:
            share /= 2
        return share

    def most_examples(self, customers: int, dates: int) -> int:
        """No more rows than these are made, unless the hash is far from even."""
        return customers + min(customers * (dates - 1), self.max_past_examples + self.max_past_examples // 10)

    @property
    def interaction_types(self) -> dict[str, tuple[str, ...]]:
        """contact, response and complaint -> the interaction types that are one."""
        kinds = (self.contact_types, self.response_types, self.complaint_types)
        return dict(zip(("contact", "response", "complaint"), kinds, strict=True))

    @property
    def horizon(self) -> int:
        """horizon_days as a number; with auto the assumed one, unless `looking` put a company's in its place."""
        return self.assumed_horizon_days if self.horizon_days == "auto" else int(self.horizon_days)

    def looking(self, interval_days: int | None) -> Self:
        """These settings for a company of a known interval; a horizon in days stays what it is."""
        is_given = self.horizon_days != "auto" or interval_days is None
        return self.model_copy(update={"horizon_days": self.horizon if is_given else interval_days})

    def newest_matured(self, as_of: date) -> date:
        """The newest as-of date on the grid whose labels are known on a morning."""
        matured = as_of - timedelta(days=self.horizon)
        return matured - timedelta(days=(matured - self.as_of_anchor).days % self.as_of_every_days)

    def earliest(self, as_of: date) -> date:
        """No as-of date of a table whose last one is `as_of` is before this day."""
        return as_of - timedelta(days=min(self.as_of_every_days * self.max_as_of_dates, CENTURY_DAYS))

    def as_of_dates(self, first_purchase: date, as_of: date) -> list[date]:
        """The as-of dates with enough history, ascending; the last one is `as_of` itself, whose labels lie ahead."""
        step = self.as_of_every_days
        latest = as_of - timedelta(days=(as_of - self.as_of_anchor).days % step)
        earliest = first_purchase + timedelta(days=self.min_history_days)
        on_grid = [latest - timedelta(days=step * back) for back in reversed(range(self.max_as_of_dates))]
        return sorted({day for day in on_grid if day >= earliest} | {as_of})


def as_of_morning(run_date: date) -> date:
    """The as-of date of a night: the morning after the business day that it closes.

    As of 2017-10-01 means: purchases up to the end of 2017-09-30 are known, and the label's days begin on 2017-10-01.
    """
    return run_date + timedelta(days=1)
