"""conf/follow_on_rules.yaml: what is first bought after something else (gold.follow_on_rules)."""

from typing import Annotated

from pydantic import Field

from jobs.gold.settings.levels import ONE_OF, Items, Level, Lift
from lakehouse.config.fields import Count, Days, DaysOrZero, Listed, Share, Some, Word
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it; shares are 0 to 1."""

    level: Level = Field(description=ONE_OF)
    excluded_items: Listed[Word] = Field(description="items that are no goods, by their name at that level")
    windows_days: Some[Days] = Field(description="within how many days the second purchase follows; the best is found")
    unseen_days: DaysOrZero = Field(description="first days of all data, in which everything looks new: not counted")
    check_days: DaysOrZero = Field(
        description="last days that the search leaves out, to see whether a rule holds there; 0: search all days"
    )
    min_buyers: Count = Field(description="items that fewer customers ever bought are left out")
    min_followers: Count = Field(description="smallest number of customers who followed a rule")
    min_lift: Lift = Field(description="smallest ratio to the share of comparable customers")
    max_q_value: Share = Field(description="share of rules that may be chance, 0 to 1")
    max_items: Annotated[Items, Field(ge=2)] = Field(description="of more items the most bought are looked at")
    max_rules: Items = Field(description="of more rules the surest are kept")
    max_customers: Count = Field(description="of more customers a sample by their ids is looked at")
    search_again_after_days: DaysOrZero = Field(
        description="days that rules stay unless code or configuration changes; 0: searched every night"
    )
