"""From bronze lines to units of a silver table: one target of an export, applied as its YAML says.

A unit is what becomes one silver row: a line, an element of an exploded column, or a group of lines. Beside
the contract's columns a unit carries
    _rule            why it cannot become a row (one of BROKEN), or is not meant to (a discard rule), or NULL
    _flags           ARRAY<STRING>, the target's own flags that hold
    _own_flags       ARRAY<STRING>, names of all flags that the target judges itself, in place of the table's
    _item            position of the element in its line, from 0; NULL without explode
    _lines           how many lines (elements, where the target explodes) the unit is made of
    _first           how many bronze lines have their first element in it: over all units, each line once
    _bronze_version  version of the bronze table that brought the line
"""

from collections.abc import Callable

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.silver.conforming import lasting_names, told_alike
from jobs.silver.conforming.engine_columns import defaults, version_columns
from jobs.silver.conforming.filled_down import filled_down
from jobs.silver.conforming.sources import Source
from jobs.silver.conforming.told_twice import RULE, repeats, without_repeats
from jobs.silver.conforming.units import JoinParts, flat, grouped
from lakehouse.config.exports import Explode, Target
from lakehouse.contracts.contract import Contract
from lakehouse.errors import ConfigError
from lakehouse.quality.row_rules import labels
from lakehouse.sql import expressions, zones
from lakehouse.sql.literal import identifier

ENGINE = ("quality_flags", "_export", "_source_file", "_source_line", "_run_date")
UNIT = ("_rule", "_flags", "_own_flags", "_item", "_lines", "_first", "_bronze_version")
# columns that a target may map although the table does not keep them: its day and amounts follow from them
HELPERS = {"silver.order_lines": {"ordered_at": "TIMESTAMP", "currency": "STRING"}}


def mapped(
    lines: DataFrame,
    source: Source,
    contract: Contract,
    secret: Callable[[], str],
    time_zone: str = "UTC",
    join_parts: JoinParts | None = None,
) -> DataFrame:
    """Units of a target.

    Args:
        lines: rows of bronze.<export>, with `_version`, the bronze version that brought each.
        secret: gives the key of the hash; asked only where the account key is personal.
        time_zone: of times without an offset, where the export does not say one.
        join_parts: puts lines of one group in two parts of a file together, given the lines and the group's key.

    Returns:
        the contract's columns (typed; NULL where not mapped), HELPERS of the table, and UNIT's columns.

    Raises:
        ConfigError: an expression that Spark cannot use; names the export, target and column.
    """
    try:
        lines = filled_down(lines, source.export)
        listed = newest_delivery(lines) if source.export.snapshot else lines.withColumn("_has_left", F.lit(False))
        listed = with_deletions(listed, source, contract)
        ruled = without_repeats(with_rule(exploded(listed, source.target.explode), source.target), source.export)
        zone = zones.of(source.export.zone, source.export.columns, time_zone)
        is_grouped = bool(source.target.group_by)
        columns, units = (_grouped if is_grouped else _flat)(ruled, source, contract, secret, zone, join_parts)
        own_flags = {name: F.expr(expressions.expand(sql)) for name, sql in source.target.flags.items()}
        seen = {"joined_from_parts": F.col("_is_joined"), RULE: F.col("_is_told_twice")} if is_grouped else {}
        flags = labels(own_flags | seen)
        own = F.array(*[F.lit(name) for name in source.target.flags]).cast("array<string>")
        return units.withColumn("_flags", flags).withColumn("_own_flags", own).select(*columns, *UNIT)
    except AnalysisException as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"an expression cannot be used: {reason}",
            source.where,
            "correct it; `lakehouse check` previews rows",
        ) from None


Made = tuple[dict[str, Column], DataFrame]


def _flat(
    lines: DataFrame, source: Source, contract: Contract, secret: Callable[[], str], zone: str, _: JoinParts | None
) -> Made:
    """The target's columns, and one unit for each line or element."""
    columns = unit_columns(source, contract, secret, plain_columns(source, contract, zone))
    return columns, flat(lines, columns)


def _grouped(
    lines: DataFrame,
    source: Source,
    contract: Contract,
    secret: Callable[[], str],
    zone: str,
    join_parts: JoinParts | None,
) -> Made:
    """The target's columns, and one unit for each group; lines that are alike are taken together first."""
    names, written = told_names(source, contract), plain_columns(source, contract, zone)
    kept = {column.name for column in contract.columns}
    alike = None if join_parts else told_alike.alike(source.export, source.target, written, names, kept, zone)
    written = alike.of_types(lines).written if alike else written
    columns = unit_columns(source, contract, secret, written, names, alike is not None)
    twice, found = repeats(source.export, source.target), F.lit(False)
    if twice:
        found = twice.found_in_parts(F.col(told_alike.LINES)) if alike else twice.found()
    made = columns | {"_is_told_twice": found}
    units = grouped(lines, source.target, made, join_parts, alike, twice.parts() if twice else None)
    return columns, lasting_names.named(units, tuple(names)) if names else units


def exploded(lines: DataFrame, explode: Explode | None) -> DataFrame:
    """One row per element of a JSON text column; a line without elements stays, with a NULL `_item`."""
    if explode is None:
        return lines.withColumn("_item", F.lit(None).cast("int")).withColumn("_items", F.lit(None).cast("string"))
    column, parsed = F.col(identifier(explode.column)), F.col("_parsed")
    text = F.get_json_object(column, explode.json_path) if explode.path else column
    kept = [identifier(name) for name in lines.columns if name.lower() != explode.as_.lower()]
    is_unreadable = (F.length(F.trim(text)) > 0) & parsed.isNull()
    if explode.path:  # an object without the key has no elements; a broken one is none
        is_unreadable |= (F.length(F.trim(column)) > 0) & F.get_json_object(column, "$").isNull()
    state = F.when(is_unreadable, "items_unreadable").when(F.coalesce(F.size(parsed), F.lit(0)) < 1, "no_items")
    with_state = lines.withColumn("_parsed", F.from_json(text, explode.schema_)).withColumn("_items", state)
    return with_state.select(*kept, "_items", F.posexplode_outer(parsed).alias("_item", explode.as_))


def newest_delivery(lines: DataFrame) -> DataFrame:
    """Add `_has_left`: whether a line is of an older delivery than the newest, for exports that are whole lists."""
    newest = lines.agg(F.max(delivery_day()).alias("_newest_delivery"))
    marked = lines.crossJoin(F.broadcast(newest)).withColumn("_has_left", delivery_day() < F.col("_newest_delivery"))
    return marked.drop("_newest_delivery")


def with_deletions(lines: DataFrame, source: Source, contract: Contract) -> DataFrame:
    """Add `_is_deleted`: whether the newest line of the same thing says that it is deleted."""
    target = source.target
    if not target.deleted:
        return lines.withColumn("_is_deleted", F.lit(False))
    account = target.account or source.export.account
    written = target.columns.get(contract.key[0]) or (account.key if account else "NULL")
    key = F.expr(f"CAST(({expressions.expand(written)}) AS STRING)")
    newest_first = [delivery_day().desc(), F.desc("_run_date"), F.desc("_source_file"), F.desc("_source_line")]
    number = version_columns(source).get("version_number")
    by_key = Window.partitionBy(key).orderBy(*([] if number is None else [number.desc_nulls_last()]), *newest_first)
    deleted = F.first(holds(target.deleted)).over(by_key)
    return lines.withColumn("_is_deleted", key.isNotNull() & deleted)


def delivery_day(file: str = "_source_file") -> Column:
    """The day of the dated folder that a file was delivered in, as text; empty outside one."""
    return F.regexp_extract(file, r"^(\d{4}-\d{2}-\d{2})/", 1)


def with_rule(lines: DataFrame, target: Target) -> DataFrame:
    """Add `_rule`: the first rule that a line falls under, NULL where it goes on."""
    rule = (
        F.when(F.col("_has_left"), "older_snapshot")
        .when(F.col("_is_deleted"), "deleted")
        .when(F.col("_malformed").isNotNull(), "line_unreadable")
        .when(F.col("_items") == "items_unreadable", "items_unreadable")
    )
    if target.where:
        rule = rule.when(~holds(target.where), "not_for_target")
    for name, sql in target.discard.items():
        rule = rule.when(holds(sql), name)
    return lines.withColumn("_rule", rule.when(F.col("_items") == "no_items", "no_items"))


def holds(sql: str) -> Column:
    """The condition as true or false: NULL is false."""
    return F.coalesce(F.expr(f"({expressions.expand(sql)})").cast("boolean"), F.lit(False))


def plain_columns(source: Source, contract: Contract, zone: str = "UTC") -> dict[str, str]:
    """Target column -> what is written for it, as Spark SQL without our macros.

    Args:
        zone: of times without an offset: a name, a column or an expression.
    """
    types = types_of(contract)
    return {name: _spark(name, sql, types[name], source, zone) for name, sql in known(source, types).items()}


def types_of(contract: Contract) -> dict[str, str]:
    """Column -> Spark SQL type, of all that a target may map."""
    own = {column.name: column.type for column in contract.columns if column.name not in ENGINE}
    return own | HELPERS.get(contract.table, {})


def unit_columns(
    source: Source,
    contract: Contract,
    secret: Callable[[], str],
    plain: dict[str, str],
    names: dict[str, str] | None = None,
    are_alike: bool = False,
) -> dict[str, Column]:
    """Target column -> expression, in the contract's type; aggregates where the target groups.

    Args:
        plain: as `plain_columns` gives them, or over lines that were taken together.
        names: as `told_names` gives them: their columns are NULL here, `name_counts` holds all that is said.
        are_alike: lines were taken together, and say how many they are.
    """
    names, lines = names or {}, F.col(told_alike.LINES) if are_alike else F.lit(1)
    types = types_of(contract)
    written = {name: F.expr(f"try_cast(({sql}) AS {types[name]})") for name, sql in plain.items() if name not in names}
    given = defaults(source, contract, secret, lines)
    columns = {name: written.get(name, given.get(name, F.lit(None)).try_cast(of)) for name, of in types.items()}
    if names:
        parts = {name: F.expr(f"CAST(({told}) AS STRING)") for name, told in names.items()}
        columns["name_counts"] = lasting_names.collected(lasting_names.told_name(parts), lines)
    line = F.min("_source_line") if source.target.group_by else F.col("_source_line")
    return columns | {
        "_export": F.lit(source.export.name),
        "_source_file": F.col("_source_file"),
        "_source_line": line,
        "_run_date": F.col("_run_date"),
    }


NAMES = ("product_name", "full_name", "given_name", "surname")


def _spark(name: str, sql: str, type_: str, source: Source, zone: str) -> str:
    """A written expression as plain Spark SQL: a sum of amounts is whole or NULL, a local time is of its zone."""
    plain = expressions.expand(sql)
    if name in expressions.AMOUNTS and source.target.group_by:
        plain = expressions.strict(plain)
    if name in NAMES and source.target.group_by and (told := expressions.named(plain)):
        return f"mode({told}, true)"  # the name is what most lines say, not the highest in the alphabet
    return zones.localized(plain, zone) if type_ == "TIMESTAMP" else plain


def known(source: Source, types: dict[str, str]) -> dict[str, str]:
    """The target's columns, checked against the table's."""
    strange = [name for name in source.target.columns if name not in types]
    if strange:
        raise ConfigError(
            f"{source.target.table} has no column {', '.join(strange)}",
            source.where,
            f"its columns are: {', '.join(types)}",
        )
    return source.target.columns


def told_names(source: Source, contract: Contract) -> dict[str, str]:
    """Column of a name -> what a line says of it, where a target groups lines that each tell the thing's name.

    Nothing where a name is no pick of what one of them says, or the table keeps no counts.
    """
    if not source.target.group_by or "name_counts" not in {column.name for column in contract.columns}:
        return {}
    given = source.target.columns
    written = {name: given[name] for name in lasting_names.NAMES[source.target.table] if name in given}
    picked = {name: expressions.named(expressions.expand(sql)) for name, sql in written.items()}
    return {name: told for name, told in picked.items() if told} if all(picked.values()) else {}
