"""One target of an export over the first lines of a file: the rows it gives, and what it leaves out."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from lakehouse.authoring.preview import told_twice
from lakehouse.config.exports import Explode, Export, Target
from lakehouse.errors import ConfigError
from lakehouse.sql import dialect, duckdb_engine, expressions, zones
from lakehouse.sql.literal import identifier, literal

NEEDS_SPARK = "(needs Spark)"
CALENDAR = {  # the days that a night knows
    "DATE": "DATE '0001-01-01' AND DATE '9999-12-31'",
    "TIMESTAMP": "TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'",
}
HELPERS = {"ordered_at": "TIMESTAMP"}  # mapped for order_lines, too, whose contract does not keep it


@dataclass(frozen=True)
class Preview:
    """What a target makes of some lines.

    Args:
        rows: the target's columns, `account_id` and `_source_line`; a column that DuckDB cannot compute says so.
        left_out: rule -> lines, for `not_for_target` and the target's own discard rules.
        flags: flag -> rows.
        needs_spark: columns, rules and flags that only Spark can compute.
    """

    rows: pa.Table
    left_out: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    needs_spark: tuple[str, ...] = ()


def mapped(
    source: pa.Table,
    export: Export,
    target: Target,
    types: Mapping[str, str] | None = None,
    opened: duckdb.DuckDBPyConnection | None = None,
    time_zone: str = "UTC",
) -> Preview:
    """All rows that the target makes of the lines.

    Args:
        source: columns of the export as text, as `reading.lines` gives them.
        types: target column -> Spark SQL type; values are cast as the night casts them.
        opened: a connection to use again, with our functions; opening one takes as long as a preview.
        time_zone: of times without an offset, where the export does not say one: the business time zone.

    Raises:
        ConfigError: the lines cannot be exploded or grouped.
    """
    with nullcontext(opened) if opened is not None else duckdb_engine.with_our_functions() as engine:
        engine.register("delivered", _with_run_date(source))
        engine.execute(f"CREATE OR REPLACE TEMP VIEW lines AS SELECT * {_filled_down(export)} FROM delivered")
        return _Mapping(engine, export, target, dict(types or {}), time_zone).preview()


@dataclass
class _Mapping:
    opened: duckdb.DuckDBPyConnection
    export: Export
    target: Target
    types: dict[str, str]
    time_zone: str = "UTC"
    needs_spark: list[str] = field(default_factory=list)

    def preview(self) -> Preview:
        self._materialize("items", f"SELECT * FROM {_exploded(self.target.explode)}")
        left_out = self._rules()
        rows = self._rows()
        flags = self._flags()
        return Preview(rows, left_out, flags, tuple(self.needs_spark))

    def _materialize(self, name: str, query: str) -> None:
        try:
            self.opened.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
        except duckdb.Error as error:
            raise ConfigError(f"the lines cannot be read so: {_first_line(error)}", "", "correct `explode`") from error

    def _rules(self) -> dict[str, int]:
        """Leave out what `where`, `deleted` and `discard` say, rule by rule."""
        rules = {"not_for_target": f"NOT ({self.target.where})"} if self.target.where else {}
        rules |= {"deleted": self.target.deleted} if self.target.deleted else {}
        counts = {}
        for rule, sql in {**rules, **self.target.discard, **self._once()}.items():
            try:
                is_ours = rule == told_twice.RULE
                where = (
                    sql if is_ours else f"coalesce(({dialect.translated(sql)})::BOOLEAN, {rule == 'not_for_target'})"
                )
                judged = f"SELECT *, {where} AS _is_out FROM items"  # a rule may look at the rows beside it
                counts[rule] = self._number(f"SELECT count_if(_is_out) FROM ({judged})")
                kept = f"SELECT * EXCLUDE (_is_out) FROM ({judged}) WHERE NOT _is_out"
                self.opened.execute(f"CREATE OR REPLACE TEMP TABLE items AS {kept}")
            except (duckdb.Error, ValueError):
                self.needs_spark.append(rule)
        return counts

    def _once(self) -> dict[str, str]:
        """The rule for lines of orders that are told twice, where the export counts them once."""
        header = told_twice.header(self.export)
        if header is None or self.export.told_twice != "once":
            return {}
        return {told_twice.RULE: told_twice.repeat(self.export, header, [self._key(key) for key in header.group_by])}

    def _number(self, query: str) -> int:
        return int(self.opened.execute(query).fetchall()[0][0])

    def _rows(self) -> pa.Table:
        columns = self._columns()
        try:
            return self._select(columns)
        except duckdb.Error:
            usable = {name: sql if self._works(sql) else literal(NEEDS_SPARK) for name, sql in columns.items()}
            self.needs_spark += [name for name in columns if usable[name] != columns[name]]
        try:
            return self._select(usable)
        except duckdb.Error as error:
            raise ConfigError(f"the lines cannot be grouped: {_first_line(error)}", "", "see `group_by`") from error

    def _works(self, sql: str) -> bool:
        try:
            self._select({"one": sql})
        except duckdb.Error:
            return False
        return True

    def _select(self, columns: dict[str, str]) -> pa.Table:
        chosen = ", ".join(f"{sql} AS {identifier(name, 'duckdb')}" for name, sql in columns.items())
        query = f"SELECT {chosen} FROM items {self._grouping()} ORDER BY "
        order = "min(_source_line)" if self.target.group_by else "_source_line"
        return self.opened.sql(query + order).to_arrow_table()

    def _grouping(self) -> str:
        if not self.target.group_by:
            return ""
        keys = [self._key(key) for key in self.target.group_by]
        return f"WHERE {' AND '.join(f'({key}) IS NOT NULL' for key in keys)} GROUP BY {', '.join(keys)}"

    def _key(self, key: str) -> str:
        known = self.opened.table("items").columns
        return identifier(key, "duckdb") if key in known else dialect.translated(key)

    def _columns(self) -> dict[str, str]:
        """Target column -> DuckDB SQL in the contract's type; what cannot be translated says so."""
        columns: dict[str, str] = {}
        for name, sql in {**account_columns(self.export, self.target), **self.target.columns}.items():
            try:
                columns[name] = self._typed(name, dialect.translated(self._as_a_night(name, sql)))
            except ValueError:
                columns[name] = literal(NEEDS_SPARK)
                self.needs_spark.append(name)
        line = "min(_source_line)" if self.target.group_by else "_source_line"
        return {**columns, "_source_line": line}

    def _as_a_night(self, name: str, sql: str) -> str:
        """An expression as silver reads it: a sum of amounts is whole or NULL, a local time is of its zone."""
        if name in expressions.AMOUNTS and self.target.group_by:
            sql = expressions.strict(sql)
        plain = expressions.expand(sql)
        is_instant = self.types.get(name, HELPERS.get(name, "")) == "TIMESTAMP"
        zone = zones.of(self.export.zone, self.export.columns, self.time_zone)
        return zones.localized(plain, zone) if is_instant else plain

    def _typed(self, name: str, sql: str) -> str:
        if name not in self.types:
            return sql
        cast = f"TRY_CAST(({sql}) AS {dialect.duck_type(self.types[name])})"
        first_and_last = CALENDAR.get(self.types[name].upper())  # to DuckDB 'infinity' and '44 BC' are days, too
        return f"CASE WHEN {cast} BETWEEN {first_and_last} THEN {cast} END" if first_and_last else cast

    def _flags(self) -> dict[str, int]:
        """How many rows each flag of the target marks."""
        by_reason = self._told_twice()
        for name, sql in self.target.flags.items():
            try:
                condition = dialect.translated(sql, self.target.columns)
                judged = f"SELECT ({condition})::BOOLEAN AS flag FROM items {self._grouping()}"
                by_reason[name] = self._number(f"SELECT count_if(flag) FROM ({judged})")
            except (duckdb.Error, ValueError):
                self.needs_spark.append(name)
        return by_reason

    def _told_twice(self) -> dict[str, int]:
        """How many orders the file tells twice."""
        if told_twice.header(self.export) is not self.target:
            return {}
        judged = f"SELECT {told_twice.condition(self.export, self.target)} AS flag FROM items {self._grouping()}"
        try:
            return {told_twice.RULE: self._number(f"SELECT count_if(flag) FROM ({judged})")}
        except duckdb.Error:  # a group key that only Spark can compute
            return {}


def _filled_down(export: Export) -> str:
    """Empty cells of `fill_down` with the last value above them in their file, as a clause behind `*`."""
    over = "OVER (PARTITION BY _source_file ORDER BY _source_line ROWS UNBOUNDED PRECEDING)"
    columns = [identifier(name, "duckdb") for name in export.fill_down]
    filled = [f"last_value(CASE WHEN trim({c}) <> '' THEN {c} END IGNORE NULLS) {over} AS {c}" for c in columns]
    return f"REPLACE ({', '.join(filled)})" if filled else ""


def _with_run_date(source: pa.Table) -> pa.Table:
    """The lines with the day of a night, which expressions may use: today."""
    if "_run_date" in source.column_names:
        return source
    return source.append_column("_run_date", pa.repeat(pa.scalar(date.today()), source.num_rows))


def account_columns(export: Export, target: Target) -> dict[str, str]:
    """account_id as Spark SQL; a personal key is hashed without the lake's secret, so only its form is shown."""
    account = target.account or export.account
    if account is None:
        return {}
    key = f"nullif(trim(CAST({account.key} AS STRING)), '')"
    channel = account.channel or literal(export.channel)
    if target.group_by:
        key, channel = f"min({key})", f"min({channel})"
    return {"account_id": f"concat({channel}, ':', {f'left(sha2({key}, 256), 32)' if account.personal else key})"}


def _exploded(explode: Explode | None) -> str:
    if explode is None:
        return "lines"
    column = identifier(explode.column)
    text = f"get_json_object({column}, {literal(explode.json_path)})" if explode.path else column
    listed = (
        f"CASE WHEN trim({text}) LIKE '{{%' THEN concat('[', {text}, ']') ELSE {text} END"  # one element, as in XML
    )
    items = dialect.translated(f"from_json({listed}, {literal(explode.schema_)})")
    return f"(SELECT *, unnest({items}) AS {identifier(explode.as_, 'duckdb')} FROM lines)"


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0][:200]
