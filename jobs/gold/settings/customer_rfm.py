"""conf/customer_rfm.yaml: recency, frequency and monetary value (gold.customer_rfm)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Days, Listed, Word
from lakehouse.config.model import Conflict, SettingsModel

DayCut = Annotated[float, Field(ge=0, le=36_525)]
OrderCut = Annotated[float, Field(ge=0, le=1_000_000)]
SpendCut = Annotated[float, Field(ge=-1e15, le=1e15)]  # refunds may outweigh orders
CUTS = ("recency_cuts_days", "order_count_cuts", "spend_cuts")


class NamedSegment(SettingsModel):
    """A segment's name and the SQL condition over the scores that makes it."""

    segment: Word = Field(description="name")
    when: Word = Field(
        description="Spark SQL condition over recency_days, order_count, spend, r_score, f_score and m_score"
    )


class Settings(SettingsModel):
    """All of it."""

    window_days: Days = Field(description="orders of this many days count, the night's own day included")
    score_count: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="scores run from 1 to this, by equal shares of the night's customers; the best have the highest"
    )
    recency_cuts_days: Listed[DayCut] = Field(
        description="days since the last order, ascending: four cuts make five scores; empty: by equal shares"
    )
    order_count_cuts: Listed[OrderCut] = Field(description="orders in the window, ascending; empty: by equal shares")
    spend_cuts: Listed[SpendCut] = Field(
        description="spend in the window in the reporting currency, ascending; empty: by equal shares"
    )
    segments: Listed[NamedSegment] = Field(description="the first condition that holds names the segment")
    other_segment: Word = Field(description="name of the segment of customers for whom no condition holds")

    def conflicts(self) -> Iterator[Conflict]:
        """Cuts ascend, and a segment is named once."""
        for key in CUTS:
            cuts = getattr(self, key)
            if list(cuts) != sorted(cuts):
                yield Conflict(key, f"'{key}' must ascend", f"write [{', '.join(f'{cut:g}' for cut in sorted(cuts))}]")
        names = [one.segment for one in self.segments]
        for number, name in enumerate(names):
            if name in names[:number]:
                yield Conflict(("segments", number, "segment"), f"the segment '{name}' stands twice", "rename one")
