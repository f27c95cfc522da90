"""The SQL by which a column is read: keys, texts, amounts, dates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values
from lakehouse.sql.literal import identifier, literal

RESERVED = {
    "date",
    "time",
    "timestamp",
    "order",
    "group",
    "by",
    "table",
    "select",
    "from",
    "to",
    "end",
    "when",
    "case",
    "user",
    "interval",
    "values",
    "key",
    "limit",
    "desc",
    "asc",
    "total",
    "sum",
    "count",
    "index",
    "year",
    "month",
    "day",
    "location",
    "description",
    "client",
    "number",
    "cents",
    "clean",
}


@dataclass(frozen=True)
class Reader:
    """Writes expressions over a sample's columns."""

    sample: Sample
    values: Mapping[str, Values]

    def column(self, name: str) -> str:
        """The column's text."""
        if self.sample.words:
            return rf"try_element_at(split(trim(line), '[ \t]+'), {self.sample.names.index(name) + 1})"
        plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in RESERVED
        return name if plain else identifier(name)

    def text(self, name: str) -> str:
        """Trimmed, NULL where missing."""
        found = f"clean({self.column(name)})"
        for token in self.values[name].missing:
            found = f"nullif({found}, {literal(token)})"
        return found

    def key(self, name: str) -> str:
        """A key as text; 17850.0, as spreadsheets write a number column with gaps, is 17850."""
        return f"split_part({self.text(name)}, '.', 1)" if self.values[name].is_float_id else self.text(name)

    def plain_number(self, name: str) -> str:
        """Decimal text with a point, whatever the file writes."""
        found, style = self.column(name), self.values[name].style
        if "currency" in style:
            found = f"regexp_replace({found}, '[^0-9.,-]', '')"
        if "comma" in style:
            found = f"replace(regexp_replace({found}, '[. \u00a0]', ''), ',', '.')"
        elif style:
            found = f"replace({found}, ',', '')"
        return found

    def cents(self, name: str) -> str:
        """Minor units."""
        return f"cents({self.plain_number(name)})"

    def number(self, name: str) -> str:
        """DECIMAL(18,3)."""
        return f"number({self.plain_number(name)})"

    def moment(self, name: str, time: str | None = None) -> tuple[str, bool]:
        """The instant or day, and whether it has a time of day."""
        found = self.values[name]
        column = self.column(name)
        if found.pattern in ("seconds", "milliseconds"):
            function = "timestamp_seconds" if found.pattern == "seconds" else "timestamp_millis"
            return f"{function}(try_cast({column} AS BIGINT))", True
        if found.kind == "date" and time:
            pattern = f"{found.pattern or 'yyyy-MM-dd'} {self.values[time].pattern}"
            both = f"concat(trim({column}), ' ', trim({self.column(time)}))"
            return f"try_to_timestamp({both}, {quoted(pattern)})", True
        pattern = f", {quoted(found.pattern)}" if found.pattern else ""
        return f"try_to_timestamp(trim({column}){pattern})", found.kind == "datetime"

    def day(self, name: str) -> str:
        """The day alone."""
        return f"CAST({self.moment(name)[0]} AS DATE)"


def quoted(text: str) -> str:
    """A SQL string; double quotes, which need no backslash in YAML, where the pattern has single ones alone."""
    return f'"{text}"' if "'" in text and not {'"', "\\"} & set(text) else literal(text)
