"""conf/currency.yaml: rates of amounts in another currency than the profile's reporting_currency."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Like, Word
from lakehouse.config.model import SettingsModel

Code = Annotated[Word, Like("[A-Z]{3}", "this is no ISO 4217 code", "write three capital letters, such as EUR")]
Rate = Annotated[float, Field(gt=0, le=1_000_000_000)]  # DECIMAL(18,8)
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


class Settings(SettingsModel):
    """All of it."""

    max_age_days: Annotated[int, Field(ge=0, le=36_525)] = Field(
        description="an earlier day's rate serves this long (weekends, holidays); after that rows wait in quarantine"
    )
    incomplete_orders: Literal["flag", "quarantine"] = Field(
        default="flag",
        description="an order that lost a line which did not parse: flag (order_incomplete), or quarantine",
    )
    rates: dict[Day, dict[Code, Rate]] = Field(
        default={},
        description="day: ISO 4217 code: units of the reporting currency that one unit of that currency buys",
    )
