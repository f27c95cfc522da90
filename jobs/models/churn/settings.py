"""What conf/churn.yaml says, and the columns a churn model sees."""

from dataclasses import dataclass
from datetime import date, timedelta

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
    "shopping_days_14d",
    "shopping_days_28d",
    "shopping_days_56d",
    "shopping_days_84d",
)


@dataclass(frozen=True)
class Settings:
    """conf/churn.yaml, which says what each key means."""

    horizon_days: int
    history_days: int
    min_history_days: int
    as_of_every_days: int
    as_of_anchor: date
    max_as_of_dates: int
    min_examples: int
    min_of_each_kind: int
    max_training_rows: int
    l2_penalty: float
    bootstrap_rounds: int
    promotion_tolerance_auc: float

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
