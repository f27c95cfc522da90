"""What a channel export's YAML says: conf/exports/<name>.yaml."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class ExportColumn:
    """One column of an export's file."""

    required: bool = True
    personal: bool = False
    purpose: str = ""
    description: str = ""


@dataclass(frozen=True)
class Account:
    """How a line names its account: SQL expressions over the export's columns."""

    key: str
    personal: bool = False
    channel: str | None = None


@dataclass(frozen=True)
class Explode:
    """A JSON text column turned into one row per element, read as `as`."""

    column: str
    schema: str
    as_: str = "item"


@dataclass(frozen=True)
class Target:
    """A silver table that an export fills, and one read-only SQL expression per column of it."""

    table: str
    columns: dict[str, str]
    where: str = ""
    discard: dict[str, str] = field(default_factory=dict)
    explode: Explode | None = None
    group_by: tuple[str, ...] = ()
    flags: dict[str, str] = field(default_factory=dict)
    account: Account | None = None


@dataclass(frozen=True)
class Export:
    """One channel export: where it lands, its format, its columns, and what it fills."""

    export: str
    channel: str
    files: tuple[str, ...]
    format: Literal["csv", "json_lines", "parquet"]
    columns: dict[str, ExportColumn]
    targets: tuple[Target, ...]
    description: str = ""
    encoding: str = "auto"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    done_marker: str | None = None
    late_after_days: int | None = None
    account: Account | None = None

    @property
    def name(self) -> str:
        """The export's name, which is also its bronze table's."""
        return self.export
