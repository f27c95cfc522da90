"""conf/segments.yaml: segments of customers (gold.segments, gold.segment_history)."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Like, Word
from lakehouse.config.model import SettingsModel
from lakehouse.config.references import Defines

Name = Annotated[
    Word, Like(r"[a-z][a-z0-9_]*", "a name is of small letters, digits and underscores", "write it as several_channels")
]


class Segment(SettingsModel):
    """One segment: what it is for, and the SQL condition."""

    description: Word = Field(description="what its customers have in common")
    when: Word = Field(
        description="Spark SQL condition over gold.customer_profile; columns of customer_rfm, customer_value, "
        "life_cycle and behaviour_clusters as customer_rfm.spend; run_date is the day that the night closes"
    )


class Settings(SettingsModel):
    """All of it; a layer above adds segments, or changes one by its name."""

    segments: dict[Annotated[Name, Defines("segment")], Segment] = Field(
        description="name: segment; a customer may be in several"
    )
