"""conf/compaction.yaml: when a table's files are joined, and how long removed files stay."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    min_files: Annotated[int, Field(ge=2, le=1_000_000_000)] = Field(
        description="a table of so many files has them joined"
    )
    keep_hours: Annotated[float, Field(ge=168, le=876_600)] = Field(
        description="hours that removed files stay for --as-of and replays; Delta Lake needs a week (168) at least"
    )
    checkpoint_after_commits: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="a log with so many commits since its last checkpoint gets one, so that readers start from there"
    )
