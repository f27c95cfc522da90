"""conf/audiences.yaml: which segments become audiences, and the consent that it takes."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Some, Word
from lakehouse.config.model import SettingsModel
from lakehouse.config.references import Reference


class Settings(SettingsModel):
    """All of it."""

    purpose: Annotated[Word, Reference("purpose", "silver.consents.purpose")] = Field(
        description="the purpose that a consent must be given for, as exports say it"
    )
    segments: Some[Annotated[Word, Reference("segment", "segments")]] = Field(
        description="segments of gold.segments that become audiences"
    )
