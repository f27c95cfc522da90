"""What conf/golden_customers.yaml declares: rules of survival, trust in channels, values that follow from others."""

from dataclasses import dataclass
from typing import Literal

from jobs.identity.golden.places import PARTS

Rule = Literal["verified", "most_frequent", "most_common", "most_trusted", "most_recent", "longest"]
ALONE = ("given_name", "surname", "birth_date", "sex", "email", "phone")
ATTRIBUTES = (*ALONE, *PARTS)


@dataclass(frozen=True)
class Trust:
    """How often a channel's values are right."""

    channels: dict[str, float]
    unmeasured: float
    unmeasured_accounts: int


@dataclass(frozen=True)
class Fill:
    """Values that follow from others: attribute -> the attribute that tells it."""

    from_: dict[str, str]
    least_customers: int
    least_share: float


@dataclass(frozen=True)
class Settings:
    """conf/golden_customers.yaml, which says what each key means."""

    rules: dict[str, tuple[Rule, ...]]
    verified: dict[str, tuple[str, ...]]
    trust: Trust
    same_place_share: float
    fill: Fill

    def rules_of(self, attribute: str) -> tuple[Rule, ...]:
        """The rules of an attribute, or the default ones."""
        return self.rules.get(attribute, self.rules["default"])
