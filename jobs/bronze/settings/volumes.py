"""conf/volumes.yaml: when an export's volume is so unusual that a night stops before identity and gold."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it; volumes are bytes of landed text per delivered day."""

    lowest_share: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="share of the usual volume up to which a delivery is far too small; 0 holds none for that"
    )
    highest_times: Annotated[float, Field(gt=1, le=1_000_000)] = Field(
        description="times the usual volume from which a delivery is far too large"
    )
    beyond_all_others: Annotated[float, Field(ge=1, le=1000)] = Field(
        description="how many times smaller or larger than every night before it must be, too"
    )
    nights_needed: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="earlier nights with a delivery of the export; with fewer nothing is usual yet"
    )
    nights_back: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="how many of them the usual volume, their median, is taken from"
    )
    smallest_kilobytes: Annotated[float, Field(ge=0, le=1_000_000)] = Field(
        description="deliveries below it, tonight and usually, say nothing"
    )
