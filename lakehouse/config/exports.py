"""What a channel export's YAML says: conf/exports/<name>.yaml."""

from dataclasses import dataclass, field
from typing import Literal

from lakehouse.files.spec import ColumnSpec, FileSpec


@dataclass(frozen=True)
class ExportColumn:
    """One column of an export's file.

    Args:
        also: other names that files use for it, e.g. after the sender renamed it; one of them at most per file.
    """

    required: bool = True
    personal: bool = False
    purpose: str = ""
    description: str = ""
    also: tuple[str, ...] = ()


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
    """One channel export: where it lands, its format, its columns, and what it fills.

    Args:
        files: patterns of file names; they are also tried on the names of an archive's members.
        format: csv; json_lines; json (one array, or a list under the key `rows`); xml (elements at the path `rows`);
            spreadsheet (xlsx, xls, ods: the sheet `sheet`, else the first); html (the first table, or the `sheet`th);
            fixed (columns of fixed `widths`); parquet. Gzip and zip are recognised by content.
        rows: where the rows of json or xml stand: `data.orders` or `orders/order`; empty: found where it is one only.
        sheet: name of the sheet; several exports may share one workbook, each with a sheet of its own.
        widths: characters of each column, in the order of `columns`, for `fixed`.
        header: true: the header is the line that holds the columns' names, whatever stands before it; false: none.
        comment: lines that begin with this are no rows; they are counted.
        skip_lines: rule: regular expression; lines in which it is found are no rows; counted by rule.
        zone: the zone of times without offset: a name (Asia/Shanghai), or a column or SQL expression that gives a name,
            an offset (+08:00) or an abbreviation (PST) per line; empty: the profile's business_time_zone.
        snapshot: true: every delivery is the whole list, and what is not in the newest one is gone.
        version: column or SQL expression (a time or a number): of several versions of a row the highest counts; empty:
            the newest delivery's.
    """

    export: str
    channel: str
    files: tuple[str, ...]
    format: Literal["csv", "json_lines", "parquet", "json", "xml", "spreadsheet", "html", "fixed"]
    columns: dict[str, ExportColumn]
    targets: tuple[Target, ...]
    description: str = ""
    encoding: str = "auto"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    comment: str = ""
    skip_lines: dict[str, str] = field(default_factory=dict)
    rows: str = ""
    sheet: str = ""
    widths: tuple[int, ...] = ()
    zone: str = ""
    snapshot: bool = False
    version: str = ""
    done_marker: str | None = None
    late_after_days: int | None = None
    account: Account | None = None

    @property
    def name(self) -> str:
        """The export's name, which is also its bronze table's."""
        return self.export

    @property
    def file_spec(self) -> FileSpec:
        """How its files are read."""
        columns = tuple(ColumnSpec(name, column.required, column.also) for name, column in self.columns.items())
        return FileSpec(
            self.format,
            columns,
            self.encoding,
            self.delimiter,
            self.quote,
            self.header,
            self.comment,
            tuple(self.skip_lines.items()),
            self.rows,
            self.sheet,
            self.widths,
        )
