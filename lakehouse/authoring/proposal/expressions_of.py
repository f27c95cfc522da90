"""The SQL by which a column is read: keys, texts, amounts, dates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakehouse.authoring.proposal.column_forms import scale_of
from lakehouse.authoring.proposal.meanings import MEANINGS
from lakehouse.authoring.proposal.roles import currency_in, is_minor
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import CENTURY, HOURS, Values
from lakehouse.sql.literal import identifier as literal_name
from lakehouse.sql.literal import literal

RESERVED = frozenset(
    [
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
        "yes",
        "somebody",
        "type",
        "language",
        "right",
        "left",
        "full",
        "cross",
        "using",
        "natural",
        "rank",
        "window",
        "row",
        "rows",
        "range",
        "first",
        "last",
        "zone",
        "comment",
        "column",
        "current",
        "in",
        "on",
        "as",
        "at",
        "is",
        "not",
        "and",
        "or",
        "like",
        "all",
        "any",
        "some",
        "distinct",
    ]
)
TYPED = ("parquet", "json_lines", "json")
NO_ZERO = tuple(str(code) for code in MEANINGS["zero_decimals"])


@dataclass(frozen=True)
class Reader:
    """Writes expressions over a sample's columns."""

    sample: Sample
    values: Mapping[str, Values]
    minor: frozenset[str] = frozenset()

    def column(self, name: str) -> str:
        """The column's text."""
        if name in self.sample.made:
            return self.sample.made[name]
        if self.sample.words:
            return rf"try_element_at(split(trim(line), '[ \t]+'), {self.sample.names.index(name) + 1})"
        if name in self.sample.paths:
            column, path = self.sample.paths[name]
            inner = f"{self.sample.item}.{identifier(column)}" if self.sample.item else identifier(column)
            return self._with_digits(f"get_json_object({inner}, {quoted(path)})", name)
        column = f"{self.sample.item}.{identifier(name)}" if self.sample.item else identifier(name)
        around = self.sample.around.get(name)
        return self._with_digits(f"regexp_replace({column}, {quoted(around)}, '')" if around else column, name)

    def _with_digits(self, column: str, name: str) -> str:
        return f"plain_digits({column})" if name in self.sample.digits else column

    def text(self, name: str) -> str:
        """Trimmed, NULL where missing, without the apostrophe that keeps spreadsheets from counting."""
        column = self.column(name)
        if self.values[name].has_apostrophe:
            column = f"regexp_replace({column}, {QUOTE}, '')"
        text = f"clean({column})"
        for token in self.values[name].missing:
            text = f"nullif({text}, {quoted(token)})"
        return text

    def key(self, name: str) -> str:
        """A key as text; 17850.0, as spreadsheets write a number column with gaps, is 17850."""
        return f"split_part({self.text(name)}, '.', 1)" if self.values[name].is_float_id else self.text(name)

    def account(self, name: str, is_email: bool) -> str:
        """A customer's key; NULL for words that mean nobody; addresses in small letters."""
        values = self.values[name]
        column = self.column(name)
        if values.has_apostrophe:
            column = f"regexp_replace({column}, {QUOTE}, '')"
        if values.is_float_id:
            column = f"split_part({column}, '.', 1)"
        if {"0", "1"} <= set(values.seen):  # numbered from 0: an id like the others
            return f"coalesce(somebody({column}), CASE WHEN trim({column}) = '0' THEN '0' END)"
        if is_email and any(NO_ADDRESS.match(text.strip().lower()) for text in values.seen):
            is_none = f"coalesce(trim(lower({column})) RLIKE {quoted(NO_ADDRESS.pattern)}, false)"
            return f"CASE WHEN NOT {is_none} THEN somebody(lower({column})) END"
        return f"somebody(lower({column}))" if is_email else f"somebody({column})"

    def mark(self, name: str) -> str | None:
        """The decimal mark that `cents` and `number` are told; None where a program wrote plain numbers."""
        amounts = self.values[name].amounts
        is_plain = amounts is not None and not amounts.is_odd and amounts.mark in ("", ".")
        if amounts is None or (self.sample.format in TYPED and is_plain):
            return None
        return amounts.mark or ("," if self.comma_file else ".")

    @property
    def comma_file(self) -> bool:
        """Whether other numbers of the file, or its delimiter, speak for decimal commas."""
        marks = [v.amounts.mark[:1] for v in self.values.values() if v.amounts and v.amounts.mark]
        return marks.count(",") > marks.count(".") or (not marks and self.sample.delimiter == ";")

    def _numeric(self, function: str, name: str) -> str:
        mark = self.mark(name)
        if mark is not None and function == "number" and not mark.endswith("3"):
            mark += "3"  # pieces and weights have three decimals: 0.125, 1.500
        return f"{function}({self.column(name)}{'' if mark is None else f', {quoted(mark)}'})"

    def cents(self, name: str, currency: str = "") -> str:
        """Minor units; a column that counts them already is taken as it is, times 100 where the currency has none."""
        if name in self.sample.differences:
            plus, minus = (self._cents_or_nothing(part, currency) for part in self.sample.differences[name])
            return f"({plus} - abs({minus}))"
        if name in self.sample.sums:
            return f"({' + '.join(self._cents_or_nothing(part, currency) for part in self.sample.sums[name])})"
        if (scale := scale_of(name)) > 1:
            return f"CAST(round({self.number(name)} * {scale * 100}) AS BIGINT)"
        if not self.is_minor(name):
            return self._free(name, self._numeric("cents", name))
        whole = f"try_cast(trim({self.column(name)}) AS BIGINT)"
        codes = ", ".join(quoted(code) for code in NO_ZERO)
        return f"{whole} * CASE WHEN {currency} IN ({codes}) THEN 100 ELSE 1 END" if currency else whole

    def _cents_or_nothing(self, name: str, currency: str) -> str:
        """0 for an empty cell; an amount that cannot be read is none, and no 0."""
        return f"CASE WHEN {self.text(name)} IS NULL THEN 0 ELSE {self.cents(name, currency)} END"

    def is_minor(self, name: str) -> bool:
        """Whether a column counts minor units, by its name or by the file's other columns."""
        return name in self.minor or is_minor(name)

    def number(self, name: str) -> str:
        """DECIMAL(18,3)."""
        return self._free(name, self._numeric("number", name))

    def _free(self, name: str, sql: str) -> str:
        """The number, or 0 for a word that says that nothing is to be paid."""
        words = ", ".join(quoted(word) for word in self.values[name].free)
        return f"CASE WHEN lower(trim({self.column(name)})) IN ({words}) THEN 0 ELSE {sql} END" if words else sql

    def moment(self, name: str, time: str | None = None) -> tuple[str, bool]:
        """The instant or day, and whether it has a time of day."""
        values, column = self.values[name], self.column(name)
        if values.pattern in EPOCHS:
            return EPOCHS[values.pattern].format(self._plain(name)), values.kind == "datetime"
        dates = values.dates
        if dates is None:
            return f"try_to_timestamp(trim({column}))", False
        language, clock = dates.language, ""
        if values.kind == "date" and time:
            pattern, text_ = self.clock(time)
            clock = f" {pattern}"
            if any(":" in text for text in values.seen):  # midnight behind each day
                column = f"split_part(replace(trim({column}), 'T', ' '), ' ', 1)"
                dates = replace(dates, patterns=tuple(p.partition(" ")[0] for p in dates.patterns))
            column = f"concat(trim({column}), ' ', {text_})"
            if any("\u202f" in text or "\u00a0" in text for text in self.values[time].seen):
                language = language or "en"
        for name_, offset in dates.offsets:
            column = f"regexp_replace({column}, {quoted(f' {name_}$')}, {quoted(f' {offset}')})"
        text = f"plain_date({column}, {quoted(language)})" if language else f"trim({column})"
        patterns = [(p or "yyyy-MM-dd") + clock if clock else p for p in dates.patterns]
        read = [f"try_to_timestamp({text}{f', {quoted(p)}' if p else ''})" for p in patterns]
        made = read[0] if len(read) == 1 else f"coalesce({', '.join(read)})"
        if clock and time and self.values[time].past_midnight:  # 25:30 is half past one of the next day
            made = f"CASE WHEN {self._hour(time)} >= {HOURS} THEN {made} + INTERVAL 1 DAY ELSE {made} END"
        return made, bool(clock) or values.kind == "datetime"

    def _hour(self, name: str) -> str:
        return f"try_cast(split_part(trim({self.column(name)}), ':', 1) AS INT)"

    def clock(self, name: str) -> tuple[str, str]:
        """The pattern of a time of day, and its text: 930 is 0930, 1899-12-30 09:30:00 is 09:30:00."""
        values, text = self.values[name], f"trim({self.column(name)})"
        if values.first_day:
            return values.pattern, f"right({text}, 8)"
        if values.kind == "integer":
            width = 6 if values.high > LAST_MINUTE else 4
            return "HHmmss"[:width], f"lpad({text}, {width}, '0')"
        if values.past_midnight:
            rest = "".join(
                f", ':', split_part({text}, ':', {part})" for part in range(2, values.pattern.count(":") + 2)
            )
            return values.pattern, f"concat(CAST({self._hour(name)} % {HOURS} AS STRING){rest})"
        if values.pattern[-1:] == "a" and not any(re.search("[Mm]", seen) for seen in values.seen):  # 03:05P
            return values.pattern, f"concat({text}, 'M')"
        return values.pattern, text

    def _plain(self, name: str) -> str:
        """A number as its text, with a point."""
        amounts = self.values[name].amounts
        return f"replace({self.column(name)}, ',', '.')" if amounts and amounts.mark[:1] == "," else self.column(name)

    def day(self, name: str) -> str:
        """The day alone; two-digit years never give people younger than ten."""
        day = f"CAST({self.moment(name)[0]} AS DATE)"
        dates = self.values[name].dates
        if dates and dates.is_two_digit:
            return f"CASE WHEN {day} > add_months(_run_date, -120) THEN add_months({day}, -1200) ELSE {day} END"
        return day

    def currency(self, name: str) -> str:
        """The currency that an amount's sign or letters, or its column's name, tells; '' where nothing does."""
        amounts = self.values[name].amounts
        if amounts is None or not amounts.signs:
            code = currency_in(name)
            return quoted(code) if code else ""
        return ""


LAST_MINUTE = 2359
NO_ADDRESS = re.compile(  # what shops write where a customer gave no address
    "^(no|kein|keine|ohne|sans|sin|senza|sem|geen|ingen|brak)[._-]?(e?mail|mail|address|adresse|correo|customer)[0-9]*@"
    "|^(anonymi[sz]ed|anonymisiert|anonymise|deleted|redacted|removed|erased|gdpr|forgotten|geloescht|supprime|eliminado"
    "|borrado|verwijderd|usuniety)([._-]?(user|customer|account|person|kunde|client|cliente|address|email|mail))?[._-]?[0-9]*@|[.]invalid$"
    "|^(none|null|guest|guests|gast|invite|invitado|ospite|convidado|anonymous|anonym|anonimo|unknown|nobody|walk[._-]?in)[0-9]*@"
)
QUOTE = '"^\'"'
EPOCHS = {
    "seconds": "timestamp_millis(CAST(round(try_cast({0} AS DOUBLE) * 1000) AS BIGINT))",
    "milliseconds": "timestamp_millis(CAST(try_cast({0} AS DOUBLE) AS BIGINT))",
    "microseconds": "timestamp_millis(CAST(try_cast({0} AS DOUBLE) / 1000 AS BIGINT))",
    "nanoseconds": "timestamp_millis(CAST(try_cast({0} AS DOUBLE) / 1000000 AS BIGINT))",
    CENTURY: "try_to_timestamp(CAST(19000000 + try_cast({0} AS BIGINT) AS STRING), 'yyyyMMdd')",
    "spreadsheet_days": "timestamp_millis(CAST(round((try_cast({0} AS DOUBLE) - 25569) * 86400) * 1000 AS BIGINT))",
}


def identifier(name: str) -> str:
    """A column's name in SQL."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in RESERVED
    return name if plain else literal_name(name)


def quoted(text: str) -> str:
    """A SQL string; double quotes, which need no backslash in YAML, where the text has single ones alone."""
    return f'"{text}"' if "'" in text and not {'"', "\\"} & set(text) else literal(text)
