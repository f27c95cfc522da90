"""What a channel export's YAML says: conf/exports/<name>.yaml."""

import codecs
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lakehouse.config.drift import Drift
from lakehouse.config.fields import DaysOrZero, Listed, Repeating, Some, Text, Word, refusal
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.files.spec import ColumnSpec, FileSpec

NAME = re.compile(r"[a-z][a-z0-9_]*")
ENCODINGS = ("auto", "utf-8", "utf-16", "gb18030", "gbk", "big5", "latin-1", "cp1252")


def _plain_name(name: str) -> str:
    if not NAME.fullmatch(name):
        better = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "a_name"
        raise refusal(f"'{name}' is no plain name", f"write {better}")
    return name


def _encoding(name: str) -> str:
    try:
        _ = name == "auto" or codecs.lookup(name)
    except LookupError:
        raise refusal(f"'{name}' is no encoding", nearest(name, ENCODINGS)) from None
    return name


def _one_character(sign: str) -> str:
    if len(sign) != 1:
        raise refusal("the delimiter must be one character", 'a tab is "\\t"')
    return sign


def _at_most_one_character(sign: str) -> str:
    if len(sign) > 1:
        raise refusal("the quote must be one character, or empty for none")
    return sign


def _names_its_file(marker: str) -> str:
    if marker and not re.search(r"\{(file|stem)\}", marker):
        raise refusal("the marker does not name its file", 'write "{file}.done"')
    return marker


Width = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[Text, AfterValidator(_plain_name)]
SilverTable = Annotated[Word, Field(json_schema_extra={"pattern": r"^silver\.[a-z_]+$"})]


class ExportColumn(SettingsModel):
    """One column of an export's file."""

    required: bool = Field(default=True, description="false: a file without it is taken")
    personal: bool = Field(default=False, description="a value about a person")
    purpose: Text = Field(default="", description="what a personal value is used for")
    description: Text = ""
    also: Listed[Text] = Field(
        default=(), description="other names that files use for it; one of them at most per file"
    )


class Account(SettingsModel):
    """How a line names its account: SQL expressions over the export's columns."""

    key: Word = Field(description="SQL expression; NULL or empty: a guest")
    personal: bool = Field(default=False, description="true: account_id has a keyed hash in place of the key")
    channel: Text | None = Field(default=None, description="SQL expression, where it is not the export's channel")


class Explode(SettingsModel):
    """A JSON text column turned into one row per element, read as `as`."""

    column: Word = Field(description="a column with JSON text")
    path: Text = Field(default="", description="keys to the list inside the column's object: data, or order_row")
    schema_: Word = Field(alias="schema", description="ARRAY<STRUCT<name: STRING, ...>>")
    as_: Word = Field(default="item", alias="as", description="name of the element in expressions")

    @property
    def json_path(self) -> str:
        """The list's place in the column, as get_json_object takes it; '' where the column is the list."""
        return f"$.{self.path}" if self.path else ""


class Target(SettingsModel):
    """A silver table that an export fills, and one read-only SQL expression per column of it."""

    table: SilverTable = Field(description="a silver table")
    columns: dict[Text, Text] = Field(
        description="column of the table: Spark SQL expression; cents(x), clean(x) and number(x) are ours"
    )
    where: Text = Field(default="", description="lines that this target is for")
    deleted: Text = Field(
        default="", description="condition; a thing whose newest line fulfils it is gone, with all its older lines"
    )
    discard: dict[Text, Text] = Field(default={}, description="rule: condition; such lines are counted and left out")
    explode: Explode | None = Field(default=None, description="one row per element of a JSON list")
    group_by: Listed[Text] = Field(default=(), description="one row per group; columns are aggregates then")
    flags: dict[Text, Text] = Field(default={}, description="flag: condition; added to quality_flags")
    account: Account | None = Field(default=None, description="how account_id is made here")


class Export(SettingsModel):
    """One channel export: where it lands, its format, its columns, and what it fills.

    Patterns of `files` are also tried on the names of an archive's members; gzip and zip are recognised by content.
    `header: true` means that the header is the line that holds the columns' names, whatever stands before it.
    """

    export: Name = Field(description="name of the export: the file's name, and bronze.<name>")
    channel: Name = Field(description="prefix of account_id and order_id")
    files: Some[Word] = Field(description="pattern of file names inside drop/<YYYY-MM-DD>/, or a list of them")
    format: Literal["csv", "json_lines", "parquet", "json", "xml", "spreadsheet", "html", "fixed"] = Field(
        description="gzip and zip are recognised by content"
    )
    columns: dict[Text, ExportColumn] = Field(
        description="all columns of the file; in the file's order where it has no header"
    )
    targets: Listed[Target] = Field(description="silver tables that the export fills")
    description: Text = ""
    encoding: Annotated[Text, AfterValidator(_encoding)] = Field(
        default="auto", description="auto: byte order mark, UTF-8, then the fallbacks of landing.yaml"
    )
    delimiter: Annotated[Text, AfterValidator(_one_character)] = Field(
        default=",", description="one character; a tab is \\t"
    )
    quote: Annotated[Text, AfterValidator(_at_most_one_character)] = Field(
        default='"', description="one character; empty: quotes are plain text"
    )
    header: bool = Field(default=True, description="false: names come from columns")
    comment: Text = Field(default="", description="lines that begin with this are no rows; counted")
    skip_lines: dict[Text, Text] = Field(
        default={}, description="rule: regular expression; lines in which it is found are no rows; counted by rule"
    )
    rows: Text = Field(default="", description="where the rows of json or xml stand: data.orders, or orders/order")
    sheet: Text = Field(default="", description="name of a workbook's sheet, or a page's table; empty: the first")
    widths: Repeating[Width] = Field(default=(), description="characters of each column of a fixed-width file")
    zone: Text = Field(
        default="",
        description="zone of times without offset: Asia/Shanghai, or a column; empty: the business time zone",
    )
    snapshot: bool = Field(
        default=False, description="true: every delivery is the whole list; what is not in the newest one is gone"
    )
    version: Text = Field(
        default="", description="column or expression; the row with the highest counts; empty: the newest delivery's"
    )
    told_twice: Literal["flag", "once", "quarantine"] = Field(
        default="flag",
        description="an order whose lines all stand once more, further down in one file: added up and flagged "
        "told_twice, counted once, or set aside",
    )
    fill_down: Listed[Text] = Field(
        default=(),
        description="columns whose empty cells have the last value above them in the file, as merged cells do",
    )
    done_marker: Annotated[Text, AfterValidator(_names_its_file)] | None = Field(
        default=None, description="the file waits until this exists, e.g. {file}.done"
    )
    late_after_days: DaysOrZero | None = Field(default=None, description="days without a file before it is called late")
    account: Account | None = Field(default=None, description="how account_id is made; a target may have its own")
    drift: Drift = Field(default=Drift(), description="what happens to a file that differs from those before it")

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

    @property
    def texts(self) -> str:
        """Every expression of it, for looking whether a column is used at all."""
        accounts = [self.account, *(target.account for target in self.targets)]
        parts = [self.zone, self.version, *(f"{a.key} {a.channel}" for a in accounts if a)]
        for target in self.targets:
            parts += [*target.columns.values(), target.where, target.deleted, *target.discard.values()]
            parts += [*target.group_by, *target.flags.values(), target.explode.column if target.explode else ""]
        return "\n".join(parts)

    def conflicts(self) -> Iterator[Conflict]:
        """Names that mean two columns, rules and widths that cannot be used."""
        yield from self._doubled_names()
        for name in set(self.drift.ignore) - set(self.columns):
            yield Conflict(("drift", "ignore"), f"'{name}' is no column", nearest(name, list(self.columns)))
        for name in set(self.fill_down) - set(self.columns):
            yield Conflict("fill_down", f"'{name}' is no column", nearest(name, list(self.columns)))
        for rule, pattern in self.skip_lines.items():
            try:
                re.compile(pattern)
            except re.error as error:
                yield Conflict(("skip_lines", rule), f"this is no regular expression: {error.msg}", "correct it")
        if self.format == "fixed" and len(self.widths) != len(self.columns):
            what = f"{len(self.columns)} columns and {len(self.widths)} widths"
            yield Conflict("widths", what, "write one width per column, in characters")

    def _doubled_names(self) -> Iterator[Conflict]:
        """Columns that only case tells apart, which Spark reads as one; other names that are another column's."""
        seen: dict[str, str] = {}
        for name in self.columns:
            if (other := seen.setdefault(name.casefold(), name)) != name:
                what = f"'{name}' and '{other}' differ by case alone"
                yield Conflict(("columns", name), what, "rename one of them")
        for name, column in self.columns.items():
            for alias in column.also:
                if (other := seen.setdefault(alias.casefold(), name)) != name:
                    what = f"'{alias}' is another name of '{name}' and of '{other}'"
                    yield Conflict(("columns", name, "also"), what, "a name in a file must mean one column")
