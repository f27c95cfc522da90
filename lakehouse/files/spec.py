"""How the files of one export are read, and the limits within which any file is."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

AS_TABLE = ("spreadsheet", "html", "fixed")  # they land as CSV with commas
AS_DOCUMENT = ("json", "xml")  # they land as JSON lines


@dataclass(frozen=True)
class ColumnSpec:
    """A column of the files: its name, other names that files use for it, and whether a file may lack it."""

    name: str
    required: bool = True
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileSpec:
    """How files are read; lakehouse/config/exports.py says what each field means.

    Args:
        skip_lines: pairs of rule and regular expression.
    """

    format: str
    columns: tuple[ColumnSpec, ...]
    encoding: str = "auto"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    comment: str = ""
    skip_lines: tuple[tuple[str, str], ...] = ()
    rows: str = ""
    sheet: str = ""
    widths: tuple[int, ...] = ()

    @cached_property
    def digest(self) -> str:
        """A hash of all that decides how bytes become lines."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    @property
    def landed_format(self) -> str:
        """What the landed copy is: csv, json_lines or parquet."""
        if self.format in AS_TABLE:
            return "csv"
        return "json_lines" if self.format in AS_DOCUMENT else self.format

    @property
    def landed_delimiter(self) -> str:
        """The delimiter of the landed copy."""
        return "," if self.format in AS_TABLE else self.delimiter

    @property
    def landed_quote(self) -> str:
        """The quote of the landed copy."""
        return '"' if self.format in AS_TABLE else self.quote

    @property
    def names(self) -> dict[str, str]:
        """Every name that a file may use for a column, casefolded, to the column's own."""
        also = {name.strip().casefold(): column.name for column in self.columns for name in column.also}
        return also | {column.name.casefold(): column.name for column in self.columns}


class Limits(Protocol):
    """What a file may cost; conf/landing.yaml says what each means."""

    @property
    def fallback_encodings(self) -> tuple[str, ...]:
        """What a text that is not UTF-8 may be in."""

    @property
    def max_file_megabytes(self) -> int:
        """Size as delivered."""

    @property
    def max_expanded_megabytes(self) -> int:
        """Size unpacked."""

    @property
    def max_expansion_ratio(self) -> int:
        """Unpacked to packed."""

    @property
    def ratio_counts_from_megabytes(self) -> float:
        """Smaller is harmless whatever its ratio."""

    @property
    def max_line_megabytes(self) -> float:
        """A longer line is no text."""

    @property
    def split_megabytes(self) -> float:
        """Parts of large files."""

    @property
    def header_megabytes(self) -> float:
        """Where a header may stand."""

    @property
    def max_document_megabytes(self) -> float:
        """A workbook or document in memory."""

    @property
    def max_members(self) -> int:
        """Files in one archive."""


@dataclass(frozen=True)
class UsualLimits:
    """The limits of conf/landing.yaml, for callers without a configuration."""

    fallback_encodings: tuple[str, ...] = ()
    max_file_megabytes: int = 20_000
    max_expanded_megabytes: int = 60_000
    max_expansion_ratio: int = 200
    ratio_counts_from_megabytes: float = 64
    max_line_megabytes: float = 64
    split_megabytes: float = 64
    header_megabytes: float = 4
    max_document_megabytes: float = 512
    max_members: int = 1000


def in_bytes(megabytes: float) -> int:
    """Bytes in so many megabytes of 2^20."""
    return int(megabytes * (1 << 20))
