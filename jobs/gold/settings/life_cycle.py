"""conf/life_cycle.yaml: where customers stand (gold.life_cycle)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Count, Days, Listed, OneOf, OpenShare, Some
from lakehouse.config.model import Conflict, SettingsModel

STATES = ("lead", "prospect", "first_time", "repeat", "loyal", "dormant", "lost", "won_back")
State = Annotated[str, OneOf(STATES)]
OrderDays = Annotated[int, Field(ge=2, le=36_525)]


class Inactivity(SettingsModel):
    """How long a silence makes a state.

    It outlasts a share of the customer's own gaps, within limits that the company's customers give by the longest gap
    that each of them came back from, and within days that hold for any company.
    """

    longer_than_share_of_gaps: OpenShare = Field(description="share of the customer's gaps between order days")
    from_share_of_returns: OpenShare = Field(
        description="never sooner than after the longest gap of this share of the customers who came back"
    )
    to_share_of_returns: OpenShare = Field(
        description="never later than after the longest gap of this share of the customers who came back"
    )
    at_least_days: Days = Field(description="never sooner than this, whatever the company")
    at_most_days: Days = Field(description="never later than this, whatever the company")

    def conflicts(self) -> Iterator[Conflict]:
        """The limits are in order."""
        if self.from_share_of_returns > self.to_share_of_returns:
            what = "'from_share_of_returns' must be at most 'to_share_of_returns'"
            yield Conflict("from_share_of_returns", what, f"give at most {self.to_share_of_returns:g}")
        if self.at_least_days > self.at_most_days:
            what = "'at_least_days' must be at most 'at_most_days'"
            yield Conflict("at_least_days", what, f"give at most {self.at_most_days}")


class RhythmSettings(SettingsModel):
    """When and on how many customers the population's rhythm is fitted."""

    refit_after_days: Days = Field(description="days between fits of all customers' rhythm")
    min_customers: Count = Field(description="customers with two order days or more that a fit needs")
    fit_customers: Count = Field(description="of more customers this many are fitted")
    longest_gap_days: Days = Field(description="a longer gap counts as this long in a rhythm")
    assumed_gap_days: Annotated[float, Field(gt=0, le=36_525)] = Field(
        description="usual gap between orders until a fit is possible; what has been seen counts beside it"
    )
    intervals_days: Some[Days] = Field(
        description="the company's interval is one of these: the nearest to the longest gap of half of the customers "
        "who came back"
    )


class Settings(SettingsModel):
    """All of it; `moves` names the states that may follow each state within a day."""

    dormant: Inactivity
    lost: Inactivity
    rhythm: RhythmSettings
    won_back_order_days: OrderDays = Field(
        description="an order after having been lost makes won_back, until this many order days since"
    )
    loyal_share_of_customers: OpenShare = Field(
        description="loyal is who has more order days than this share of the customers who came back"
    )
    loyal_at_least_order_days: OrderDays = Field(description="but never with fewer days with an order, of all time")
    loyal_order_days: OrderDays = Field(description="and always with so many days with an order, of all time")
    moves: dict[State, Listed[State]] = Field(description="state: states that may follow it within a day")

    def conflicts(self) -> Iterator[Conflict]:
        """A customer is dormant before being lost."""
        if self.dormant.longer_than_share_of_gaps >= self.lost.longer_than_share_of_gaps:
            what = "'lost' must outlast a larger share of gaps than 'dormant'"
            remedy = f"give more than {self.dormant.longer_than_share_of_gaps:g}"
            yield Conflict(("lost", "longer_than_share_of_gaps"), what, remedy)
        for key in ("from_share_of_returns", "to_share_of_returns", "at_least_days", "at_most_days"):
            if getattr(self.dormant, key) > getattr(self.lost, key):
                what = f"'{key}' of lost must be at least that of dormant"
                yield Conflict(("lost", key), what, f"give at least {getattr(self.dormant, key):g}")
