"""conf/bronze.yaml: how landed files become rows of text."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Count
from lakehouse.config.model import SettingsModel

Megabytes = Annotated[int, Field(ge=1, le=1024)]  # a block is addressed with 32 bits
SideBySide = Annotated[int, Field(ge=1, le=256)]


class Settings(SettingsModel):
    """All of it; a megabyte has 2^20 bytes."""

    block_megabytes: Megabytes = Field(description="text that a task parses at once")
    task_megabytes: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="text that one task reads; small files share a task"
    )
    max_record_lines: Annotated[int, Field(ge=1, le=1_000_000_000)] = Field(
        description="lines that a quoted value may span; an unclosed quote is given up after them"
    )
    exports_at_once: SideBySide = Field(description="exports loaded side by side")
    max_new_columns: Annotated[int, Field(ge=0, le=100_000)] = Field(
        description="columns that new files may add to one export; more is a broken file"
    )
    max_files_at_once: Count = Field(description="files of one export in one append")
    embedded_megabytes: Annotated[int, Field(ge=0, le=1_000_000_000)] = Field(
        description="up to so much new text an export is loaded in this process; more goes to Spark's workers"
    )
    parts_at_once: SideBySide = Field(description="parts of an export parsed side by side in this process")
