"""conf/customer_value.yaml, which says what each key means."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """All of it."""

    cohort_sql: str
    min_cohort_customers: int
    min_repeat_customers: int
    choose_after_days: int
    holdout_days: int
    calibration_customers: int
    recent_days: int
    recent_prior_orders: float
    interval_level: float
    annual_discount_rate: float
    residual_annual_discount_rate: float
    gross_margin_share: float
    gross_margin_by_category: dict[str, float]
    max_groups: int

    def __post_init__(self) -> None:
        """Refuse what no model could use.

        Raises:
            ConfigError: a share or level outside its limits, a count below 1, or a cohort told from other columns.
        """
        from lakehouse.sql.expressions import columns_of

        may = {"first_order_date", "first_channel"}
        if unknown := columns_of(self.cohort_sql) - may:
            raise self.refused(f"cohort_sql names {', '.join(sorted(unknown))}; it may use {', '.join(sorted(may))}")
        if not 0 < self.interval_level < 1:
            raise self.refused("interval_level must lie between 0 and 1")
        if not all(0 <= share <= 1 for share in (self.gross_margin_share, *self.gross_margin_by_category.values())):
            raise self.refused("margins are shares of spend, 0 to 1")
        if self.annual_discount_rate < 0 or self.residual_annual_discount_rate < 0:
            raise self.refused("discount rates must not be negative")
        counts = ("choose_after_days", "holdout_days", "calibration_customers", "recent_days", "max_groups")
        if small := [name for name in counts if getattr(self, name) < 1]:
            raise self.refused(f"{', '.join(small)} must be at least 1")
        if self.recent_prior_orders <= 0:
            raise self.refused("recent_prior_orders must be more than 0")

    @staticmethod
    def refused(what: str) -> Exception:
        """The message for whoever edits the file; `lakehouse check` reads the classes of this module alone."""
        from lakehouse.errors import ConfigError

        return ConfigError(f"customer_value: {what}", "", "correct conf/customer_value.yaml")
