"""conf/due_now.yaml: what falls due for each customer (gold.due_now)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from jobs.gold.settings.levels import ListLength
from lakehouse.config.fields import Days, Share
from lakehouse.config.model import Conflict, SettingsModel

GapShare = Annotated[float, Field(ge=0, le=1000)]


class Settings(SettingsModel):
    """All of it; which items there are is said in follow_on_rules.yaml."""

    horizon_days: Days = Field(description="what is due by then, and is not overdue")
    min_probability: Share = Field(description="less probable purchases are left out, 0 to 1")
    rules_that_fail_later: bool = Field(description="whether rules count that did not hold after they were found")
    rhythm_days: Days = Field(description="a customer's own rhythm with an item is that of the last so many days")
    min_gaps: Annotated[int, Field(ge=1, le=36_525)] = Field(
        description="fewest gaps between days with the item that make a rhythm"
    )
    due_from_gap_share: GapShare = Field(description="after this share of the mean gap the next purchase is due")
    due_to_gap_share: GapShare = Field(description="until this share of the mean gap; then it is overdue")
    max_per_customer_and_kind: ListLength = Field(description="of more the most probable are kept")

    def conflicts(self) -> Iterator[Conflict]:
        """What is due begins before it ends, and a rhythm fits into its days."""
        if self.due_from_gap_share >= self.due_to_gap_share:
            what = "'due_from_gap_share' must be less than 'due_to_gap_share'"
            yield Conflict("due_from_gap_share", what, f"give less than {self.due_to_gap_share:g}")
        if self.min_gaps >= self.rhythm_days:
            what = "'min_gaps' must be less than 'rhythm_days': no customer could have so many gaps"
            yield Conflict("min_gaps", what, f"give less than {self.rhythm_days}")
