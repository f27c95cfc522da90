"""conf/landing.yaml: which delivered files are taken, and how they are read."""

import codecs
from typing import Annotated

from pydantic import AfterValidator, Field

from lakehouse.config.exports import ENCODINGS
from lakehouse.config.fields import Count, Listed, Word, refusal
from lakehouse.config.findings import nearest
from lakehouse.config.model import SettingsModel

Megabytes = Annotated[float, Field(gt=0, le=1_000_000_000)]
WholeMegabytes = Annotated[int, Field(ge=1, le=1_000_000_000)]


def _is_known(encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise refusal(f"'{encoding}' is no encoding", nearest(encoding, ENCODINGS[1:])) from None
    return encoding


class Settings(SettingsModel):
    """All of it; a megabyte has 2^20 bytes."""

    stable_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        description="a file must be unchanged for so long; a night waits that long once where one is younger"
    )
    ignored: Listed[Word] = Field(description="patterns of names that are never files of an export")
    unfinished: Listed[Word] = Field(description="patterns of names of files that are still being written")
    fallback_encodings: Listed[Annotated[Word, AfterValidator(_is_known)]] = Field(
        description="encoding auto, where a text is not UTF-8: what it may be in; its letters decide, or nobody does"
    )
    max_files: Count = Field(description="files in the drop zone that one night looks at")
    max_depth: Annotated[int, Field(ge=0, le=1000)] = Field(description="folders below a dated folder")
    max_file_megabytes: WholeMegabytes = Field(description="size of a file as delivered")
    max_expanded_megabytes: WholeMegabytes = Field(description="size of a file unpacked")
    max_expansion_ratio: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="unpacked to packed; ordinary exports stay below 50"
    )
    ratio_counts_from_megabytes: Annotated[float, Field(ge=0, le=1_000_000_000)] = Field(
        description="smaller than this unpacked is harmless whatever its ratio"
    )
    max_line_megabytes: Megabytes = Field(description="a text file with a longer line is no export")
    split_megabytes: Megabytes = Field(description="big text files are read side by side in parts of this size")
    header_megabytes: Megabytes = Field(description="the header of a CSV file, the first lines of a JSON one")
    max_document_megabytes: Megabytes = Field(
        description="a workbook, one JSON document or XML: read in memory, which may take four times that"
    )
    max_members: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="files in one archive")
    threads: Annotated[int, Field(ge=1, le=256)] = Field(description="files landed side by side")


def in_bytes(megabytes: float) -> int:
    """Bytes in so many megabytes of 2^20."""
    return int(megabytes * (1 << 20))
