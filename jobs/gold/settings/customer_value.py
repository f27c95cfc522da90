"""conf/customer_value.yaml: customer value by models of repeat buying and of spend per order (gold.customer_value)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Count, Days, OpenShare, Share, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.errors import ConfigError

COHORT_COLUMNS = ("first_order_date", "first_channel")
Rate = Annotated[float, Field(ge=0, le=10)]


class Settings(SettingsModel):
    """All of it."""

    cohort_sql: Word = Field(description="cohort of a customer, over first_order_date and first_channel")
    min_cohort_customers: Count = Field(description="a smaller cohort has everybody's model")
    min_repeat_customers: Count = Field(description="with fewer customers who came back no model is fitted")
    choose_after_days: Days = Field(description="days after which models are chosen anew, and a holdout looked at")
    holdout_days: Days = Field(description="the last so many days choose models, and teach how wide ranges are")
    calibration_customers: Count = Field(description="most customers that this is learned on")
    season_after_days: Days = Field(description="a shop seen for fewer days has no known seasons")
    recent_days: Days = Field(description="orders of the last so many days count beyond the whole history")
    recent_prior_orders: Annotated[float, Field(gt=0, le=1_000_000)] = Field(
        description="as many orders at the customer's own long-run rate are added"
    )
    interval_level: OpenShare = Field(description="share of outcomes between _low and _high, between 0 and 1")
    annual_discount_rate: Rate = Field(description="0.10: an order in a year is worth 1 / 1.10 of one today")
    residual_annual_discount_rate: Rate = Field(description="the same, for residual_value")
    gross_margin_share: Share = Field(description="share of spend that clv_365d and residual_value count, 0 to 1")
    gross_margin_by_category: dict[Word, Share] = Field(description="product_category: its share, 0 to 1")
    max_groups: Count = Field(description="most groups of like customers sent to the driver (32 bytes each)")

    def conflicts(self) -> Iterator[Conflict]:
        """A cohort is told from what a first order says."""
        from lakehouse.sql.expressions import columns_of  # here: models are imported without the SQL parser

        try:
            unknown = sorted(columns_of(self.cohort_sql) - {*COHORT_COLUMNS})
        except ConfigError as error:
            yield Conflict("cohort_sql", f"'cohort_sql': {error.what}", error.remedy)
            return
        for name in unknown:
            what = f"cohort_sql names {name}; it may use {', '.join(COHORT_COLUMNS)}"
            yield Conflict("cohort_sql", what, nearest(name, COHORT_COLUMNS))
