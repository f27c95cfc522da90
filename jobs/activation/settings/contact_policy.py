"""conf/contact_policy.yaml: who may be contacted, for what, how often, and who is left alone on purpose."""

import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from lakehouse.config.fields import Count, CountOrZero, Days, DaysOrZero, Hour, Like, Listed, OneOf, Share, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines, Reference
from lakehouse.config.time_zones import mistaken, zones_of

Name = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as direct_mail")
]
Zone = Annotated[Word, OneOf(tuple(sorted(zoneinfo.available_timezones())))]
Amount = Annotated[float, Field(ge=0, le=1e9)]
ConsentName = Annotated[Word, Reference("purpose", "silver.consents.purpose")]
ContactChannel = Annotated[Word, Reference("contact channel", "contact_policy")]
ContactPurpose = Annotated[Word, Reference("purpose of contact", "contact_policy")]


class Holdout(SettingsModel):
    """Customers who are left alone on purpose, so that the others can be compared with them."""

    universal_share: Share = Field(description="share of all customers who get no message that needs consent, for ever")
    default_share: Share = Field(description="share of an audience or trigger that is its control where it says none")
    salt: Word = Field(description="changes who is held out: never change it while anything is measured")


class Channel(SettingsModel):
    """A way to reach customers."""

    reached_by: Literal["email", "phone", "address", "account"] = Field(
        description="what it takes: e-mail address, phone number, street address, or an account of account_channels"
    )
    account_channels: Listed[Annotated[Word, Reference("channel", "exports")]] = Field(
        default=(), description="of reached_by account: the channels of such accounts"
    )
    capacity_per_night: CountOrZero = Field(description="messages that can go out in a night; 0: none")
    cost: Amount = Field(description="cost of one message, reporting currency")
    bounced_by: Listed[Word] = Field(
        default=(), description="interaction types that say that the address does not work"
    )
    bounced_days: Days = Field(default=365, description="so long after the last bounce nothing is sent")
    refused_by: Listed[Word] = Field(
        default=(),
        description="interaction types that say no to messages that need consent, until a consent of a later day",
    )
    contacted_by: Listed[Word] = Field(
        default=(), description="interaction types that are a contact by us, counted by the caps like our own messages"
    )
    quiet_from_hour: Hour = Field(default=21, description="quiet from this hour of the customer's day on, 0 to 24")
    quiet_to_hour: Hour = Field(default=8, description="until this hour, 0 to 24")

    def conflicts(self) -> Iterator[Conflict]:
        """Accounts are named where they are what it takes, and some hour of the day is left."""
        if (self.reached_by == "account") != bool(self.account_channels):
            yield Conflict("account_channels", "reached_by: account and account_channels go together", "name both")
        if (self.quiet_to_hour - self.quiet_from_hour) % 24 == 0 and self.quiet_from_hour != self.quiet_to_hour:
            yield Conflict("quiet_to_hour", "every hour is quiet", "leave an hour of the day")


class Purpose(SettingsModel):
    """What a message is for."""

    description: Word = Field(description="what it is for, in words")
    needs_consent: bool = Field(description="false: a message that the customer's own business with us calls for")
    consents: dict[ConsentName, Listed[ContactChannel]] = Field(
        default={}, description="consent as exports say it: the channels that it is for, [] for every channel"
    )
    min_age_years: Annotated[int, Field(ge=0, le=120)] = Field(
        default=0, description="nobody younger, where the birth date is known; 0: no limit"
    )
    stops_at_open_complaint: bool = Field(default=False, description="nothing while a complaint is open")

    def conflicts(self) -> Iterator[Conflict]:
        """Consent is named where it is needed."""
        if self.needs_consent and not self.consents:
            yield Conflict("consents", "a purpose that needs consent names none", "name a consent")


class Cap(SettingsModel):
    """No more than so many messages in so many days."""

    days: Days = Field(description="days up to and with the night's own")
    most: Count = Field(description="messages to one customer in these days")
    channel: ContactChannel | None = Field(default=None, description="only messages by this channel; all without it")
    purpose: ContactPurpose | None = Field(default=None, description="only messages for this purpose; all without it")


class Complaints(SettingsModel):
    """What is a complaint, and what answers it."""

    max_rating: Annotated[float, Field(ge=-1e6, le=1e6)] = Field(
        description="feedback with this rating or less is one, in the scale of the channel"
    )
    interaction_types: Listed[Word] = Field(default=(), description="interactions that are one")
    answered_by: Listed[Word] = Field(default=(), description="interactions that answer it")
    open_days: Days = Field(description="without an answer it is open so long")


class Fatigue(SettingsModel):
    """Less for who does not respond."""

    after_unanswered: Count = Field(description="messages in a row without an order or click since")
    days_between: DaysOrZero = Field(description="then no message until so many days after the last one")


class Preferences(SettingsModel):
    """What is learned from answers: by which channel of a message's, and at which hour, a customer is reached best."""

    answer_days: DaysOrZero = Field(default=7, description="an order or response so soon after a message is its answer")
    history_days: Days = Field(default=730, description="messages of so many days count")
    min_reliability: Share = Field(
        default=0.5, description="share of what is known of a customer that must be their own, 0 to 1; 1: never"
    )


class Settings(SettingsModel):
    """All of it."""

    holdout: Holdout = Field(description="who is left alone on purpose")
    channels: dict[Annotated[Name, Defines("contact channel")], Channel] = Field(description="name: channel")
    purposes: dict[Annotated[Name, Defines("purpose of contact")], Purpose] = Field(description="name: purpose")
    caps: Listed[Cap] = Field(description="none of them is passed; messages that need no consent count and always go")
    days_between: DaysOrZero = Field(description="fewest days from one message to the next; 0: no least")
    fatigue: Fatigue = Field(description="less for who does not respond")
    responses: Listed[Word] = Field(default=(), description="interaction types that are a response, beside orders")
    complaints: Complaints = Field(description="what is a complaint")
    suppressed_by: Listed[ConsentName] = Field(
        default=(), description="consents whose refusal by one account stops every message: suppression lists"
    )
    excluded_segments: Listed[Annotated[Word, Reference("segment", "segments")]] = Field(
        default=(), description="segments that get no message that needs consent, such as employees"
    )
    zones: dict[Word, Zone] = Field(
        default={},
        description="country, or country/state, as addresses write them: its time zone; else the company's",
    )
    preferences: Preferences = Field(default=Preferences(), description="what is learned from answers")
    margin_share: Share = Field(description="share of an order's value that is ours to earn")
    max_candidates: Count = Field(
        description="more candidates than this in a night are refused: the caps are elsewhere"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """Channels and purposes that caps and consents name are declared here; a country has a zone of its own."""
        for place, zone in self.zones.items():
            if code := mistaken(place, zone):
                what = f"{place} is a country ({code}), and {zone} is none of its zones"
                own = f"give a zone of {code}, as {zones[0]}" if (zones := zones_of(code)) else "give one of its own"
                yield Conflict(("zones", place), what, f"{own}; a state of another is written as COUNTRY/{place}")
        for number, cap in enumerate(self.caps):
            yield from _declared(cap.channel, self.channels, ("caps", number, "channel"))
            yield from _declared(cap.purpose, self.purposes, ("caps", number, "purpose"))
        for name, purpose in self.purposes.items():
            for consent, channels in purpose.consents.items():
                for channel in channels:
                    yield from _declared(channel, self.channels, ("purposes", name, "consents", consent))


def _declared(name: str | None, known: Iterable[str], at: tuple[Any, ...]) -> Iterator[Conflict]:
    if name is not None and name not in known:
        yield Conflict(at, f"'{name}' is not declared in this file", nearest(name, known))
