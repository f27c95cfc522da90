"""conf/china_divisions.yaml: provinces, cities and districts of China."""

from pydantic import Field

from lakehouse.config.fields import Text, Word
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    divisions: dict[Word, dict[Word, Text]] = Field(description="province: city: its districts with spaces")
    former: dict[Word, dict[Word, Word]] = Field(description="city: a district that is no more: what it is part of now")
