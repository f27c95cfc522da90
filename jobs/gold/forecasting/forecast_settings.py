"""What conf/sales_forecast.yaml says, for both tables that are made by it."""

from dataclasses import dataclass

TOTAL = "total"
UNKNOWN, OTHER = "(unknown)", "(other)"


@dataclass(frozen=True)
class Settings:
    """conf/sales_forecast.yaml, which says what each key means."""

    level: str
    parent_level: str | None
    history_weeks: int
    horizon_weeks: int
    season_weeks: int
    min_weeks: int
    backtest_weeks: int
    interval_share: float
    max_items: int
    at_hand_up_to_items: int
