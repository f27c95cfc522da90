"""What conf/golden_customers.yaml declares: rules of survival, trust in channels, values that follow from others."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, Listed, Share, Some, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import EXPORTS, Reference

Rule = Literal["verified", "most_frequent", "most_common", "most_trusted", "most_recent", "longest"]
PARTS = ("street_number", "address_1", "address_2", "suburb", "city", "postcode", "state", "country")  # of an address
ALONE = ("given_name", "surname", "birth_date", "sex", "email", "phone")
ATTRIBUTES = (*ALONE, *PARTS)
Channel = Annotated[Word, Reference("channel", EXPORTS)]
PLACE, DEFAULT = "place", "default"  # a whole address; every attribute that is not named


class Trust(SettingsModel):
    """How often a channel's values are right."""

    channels: dict[Channel, Share] = Field(
        description="channel: share of its values that are right; else it is measured"
    )
    unmeasured: Share = Field(description="share where nothing is declared, and before anything could be measured")
    unmeasured_accounts: Count = Field(description="measuring starts as if so many accounts had been seen")


class Fill(SettingsModel):
    """Values that follow from others: attribute -> the attribute that tells it."""

    from_: dict[Word, Word] = Field(alias="from", description="attribute: the attribute that tells it")
    least_customers: Count = Field(description="customers that tell both values")
    least_share: Share = Field(description="share of them that agree, 0 to 1")

    def conflicts(self) -> Iterator[Conflict]:
        """Both are attributes of a customer, and not the same one."""
        for name, source in self.from_.items():
            for word in sorted({name, source} - {*ATTRIBUTES}):
                yield Conflict(("from", name), f"there is no attribute '{word}'", nearest(word, ATTRIBUTES))
            if name == source:
                yield Conflict(("from", name), f"'{name}' cannot follow from itself", "name another attribute")


class Settings(SettingsModel):
    """conf/golden_customers.yaml: which of a customer's values survives, attribute by attribute."""

    rules: dict[Word, Some[Rule]] = Field(description="attribute, place or default: rules in the order they are asked")
    verified: dict[Word, Listed[Channel]] = Field(description="attribute or place: channels that check it")
    trust: Trust
    same_place_share: Annotated[float, Field(gt=0, le=1)] = Field(
        description="accounts describe one place when this share of the address parts that both tell is alike"
    )
    fill: Fill

    def conflicts(self) -> Iterator[Conflict]:
        """Rules and checks are of attributes that there are, and the default ones are there."""
        if DEFAULT not in self.rules:
            yield Conflict("rules", "the rules of 'default' are missing", "add `default: [most_frequent, longest]`")
        for key, named in (("rules", self.rules), ("verified", self.verified)):
            for name in named:
                known = (*ATTRIBUTES, PLACE, *((DEFAULT,) if key == "rules" else ()))
                if name not in known:
                    yield Conflict((key, name), f"there is no attribute '{name}'", nearest(name, known))

    def rules_of(self, attribute: str) -> tuple[Rule, ...]:
        """The rules of an attribute, or the default ones."""
        return self.rules.get(attribute, self.rules[DEFAULT])
