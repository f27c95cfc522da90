"""conf/loyalty.yaml: what earns and costs points, how long they last, which tiers there are (gold.loyalty_ledger)."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, Days, DaysOrZero, Like, Listed, Share, Some, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

LEVELS = ("product_id", "department", "product_category", "product_type", "brand")
Level = Literal["product_id", "department", "product_category", "product_type", "brand"]
Kind = Literal["earn", "burn", "expire", "adjust"]
Rate = Annotated[float, Field(ge=0, le=10_000)]
MOST_TOGETHER = 9 * 10**10  # times 10**8, the thousandths of thousandths of a unit's cents, it is below 2**63
THOUSAND = 1000  # rates and factors are reckoned in whole thousandths
Tier = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as gold_plus")
]


def _too_fine(key: str, value: float, otherwise: str = "") -> Iterator[Conflict]:
    if abs(value * THOUSAND - round(value * THOUSAND)) > 1e-6:
        yield Conflict(key, f"'{key}' has more than three decimals", otherwise or f"write {round(value, 3):g}")


class Multiplier(SettingsModel):
    """Goods that earn more, less or nothing."""

    column: Level = Field(description="column of silver.products")
    values: Some[Word] = Field(description="its values")
    factor: Rate = Field(description="times the usual points, to three decimals; 0: none")

    def conflicts(self) -> Iterator[Conflict]:
        """Thousandths are the least."""
        yield from _too_fine("factor", self.factor)


class Terms(SettingsModel):
    """What orders earn from a day on."""

    from_date: date | None = Field(default=None, description="first order day; without it from the beginning")
    points_per_unit: Rate = Field(description="points for one `unit`, to three decimals")
    unit: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        default=1, description="for so many units of the reporting currency, as 10000 rupiah or dong"
    )
    multipliers: Listed[Multiplier] = Field(default=(), description="of several that fit a line the last counts")

    def conflicts(self) -> Iterator[Conflict]:
        """Thousandths are the least, and unit and rate together fit whole numbers."""
        if self.unit * self.points_per_unit * THOUSAND > MOST_TOGETHER:
            yield Conflict("unit", "so many points for so many units are too many", "divide both by the same number")
        instead = f"write points_per_unit: {self.points_per_unit * THOUSAND:.3g} and unit: {self.unit * THOUSAND}"
        yield from _too_fine("points_per_unit", self.points_per_unit, instead)


class TierRule(SettingsModel):
    """One tier."""

    min_points: Annotated[int, Field(ge=0, le=10**12)] = Field(
        description="points earned in qualify_days that it takes"
    )
    control_share: Share = Field(
        default=0.0, description="share of its customers who get none of its benefits, for comparison"
    )


class Settings(SettingsModel):
    """All of it."""

    earning: Listed[Terms] = Field(description="what orders earn; of several the last that has begun counts")
    burning: dict[Word, Count] = Field(description="interaction type: points that one of it costs")
    given: Listed[Kind] = Field(description="kinds of movements that the company's own export gives")
    starts_on: date | None = Field(description="nothing before this day counts; null: everything does")
    expire_after_days: Days | None = Field(description="days after which points are gone; null: never, or by months")
    expire_after_months: Annotated[int, Field(ge=1, le=1200)] | None = Field(
        default=None,
        description="months after which points are gone, on the same day or the last of a shorter month; null: by days",
    )
    expire_at: Literal["day", "month_end", "year_end"] = Field(description="what this is rounded up to")
    warn_days: Days = Field(description="points gone within so many days are in expiring_points")
    point_value: Annotated[float, Field(ge=0, le=10_000)] = Field(
        description="what a point is worth to its holder, reporting currency"
    )
    qualify_days: Days = Field(description="points earned in so many days count for tiers")
    keep_days: DaysOrZero = Field(description="so long a tier is kept, whatever is earned")
    salt: Word = Field(description="changes who is in a tier's control: never change it while anything is measured")
    tiers: dict[Annotated[Tier, Defines("loyalty tier")], TierRule] = Field(description="name: what it takes")

    @property
    def has_programme(self) -> bool:
        """Whether anything moves points."""
        return bool(self.earning or self.burning or self.given)

    @property
    def ranks(self) -> list[str]:
        """The tiers, lowest first."""
        return sorted(self.tiers, key=lambda name: self.tiers[name].min_points)

    def conflicts(self) -> Iterator[Conflict]:
        """Nothing is counted twice, terms follow one another, points end once, and no two tiers take the same."""
        if self.expire_after_days is not None and self.expire_after_months is not None:
            what = "points are gone after so many days and so many months"
            yield Conflict("expire_after_months", what, "make one of them null")
        if self.earning and "earn" in self.given:
            yield Conflict("given", "orders earn points, and so does the company's export", "keep one of them")
        if self.burning and "burn" in self.given:
            yield Conflict("given", "interactions cost points, and so does the company's export", "keep one of them")
        begins = [one.from_date or date.min for one in self.earning]
        for number, (before, after) in enumerate(pairwise(begins), 1):
            if after <= before:
                yield Conflict(
                    ("earning", number, "from_date"), "it begins before the terms above it", "put them in order"
                )
        takes = [one.min_points for one in self.tiers.values()]
        for number, (name, rule) in enumerate(self.tiers.items()):
            if rule.min_points in takes[:number]:
                yield Conflict(("tiers", name), "another tier takes as many points", "give each its own")
