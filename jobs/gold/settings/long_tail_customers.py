"""conf/long_tail_customers.yaml: customers of the long tail, and what serves them at what cost.

Makes gold.long_tail_customers; costs are in the reporting currency.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from jobs.gold.settings.levels import Channel, Purpose
from lakehouse.config.fields import Listed, Share, Word
from lakehouse.config.model import Conflict, SettingsModel

Cost = Annotated[float, Field(ge=0, le=1_000_000)]


class Mode(SettingsModel):
    """One way to serve customers: whom it reaches, what it costs, and what share of their spend it adds."""

    channels: Listed[Channel] = Field(description="the customer must have an account in one of them; empty: all do")
    needs_consent: bool = Field(description="whether the customer must have agreed to one of the purposes")
    cost_per_contact: Cost = Field(description="in the reporting currency")
    cost_per_year: Cost = Field(description="per customer, in the reporting currency")
    contacts_per_year: Annotated[int, Field(ge=0, le=100_000)] = Field(description="contacts with a customer in a year")
    contacts_per_interval: Annotated[float, Field(gt=0, le=1_000)] | None = Field(
        default=None,
        description="no more contacts than this in each of the company's intervals (gold.life_cycle_rhythm): a receipt "
        "reaches only who orders; empty: contacts_per_year alone",
    )
    uplift_share: Share = Field(description="share of the expected margin that it adds, 0 to 1")

    def contacts(self, interval_days: int | None) -> int:
        """Contacts with a customer in a year of a company of this interval; None where it is not known."""
        if self.contacts_per_interval is None or not interval_days:
            return self.contacts_per_year
        return min(self.contacts_per_year, max(1, round(self.contacts_per_interval * 365 / interval_days)))


class Settings(SettingsModel):
    """All of it."""

    tail_spend_share: Share = Field(
        description="the customers of least expected spend who together bring this share of all of it, 0 to 1"
    )
    gross_margin_share: Share = Field(description="margin in a unit of spend, 0 to 1")
    purposes: Listed[Purpose] = Field(description="a mode that needs consent takes an agreement to one that begins so")
    modes: Annotated[dict[Word, Mode], Field(min_length=1)] = Field(description="name: a way to serve customers")

    def conflicts(self) -> Iterator[Conflict]:
        """A mode that needs consent needs a purpose to be agreed to."""
        if not self.purposes and any(mode.needs_consent for mode in self.modes.values()):
            what = "'purposes' must not be empty while a mode needs consent"
            yield Conflict("purposes", what, "name the purposes that customers agree to, such as [marketing]")
