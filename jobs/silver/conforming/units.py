"""Lines as units: one for each line or element, or one for each group of lines of a file."""

from collections.abc import Callable, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.told_alike import LINES, Alike, together
from lakehouse.config.exports import Target
from lakehouse.sql import expressions
from lakehouse.sql.literal import identifier

JoinParts = Callable[[DataFrame, Column], DataFrame]
REFUND = ":refund:"  # between a sale's number and the instant of its refund
BROKEN = ("line_unreadable", "items_unreadable")  # rules that put a line in quarantine; all others discard it


def flat(lines: DataFrame, columns: dict[str, Column]) -> DataFrame:
    """One unit per line or element."""
    one = {
        "_lines": F.lit(1).cast("bigint"),
        "_first": F.when(F.coalesce(F.col("_item"), F.lit(0)) == 0, 1).otherwise(0).cast("bigint"),
        "_bronze_version": F.col("_version"),
    }
    return renamed(lines.select("*", *temporary({k: v for k, v in (columns | one).items() if k not in OWN})))


def grouped(
    lines: DataFrame,
    target: Target,
    columns: dict[str, Column],
    join_parts: JoinParts | None = None,
    alike: Alike | None = None,
    also: Mapping[str, Column] | None = None,
) -> DataFrame:
    """One unit per group of lines of a file; a line that is broken, or has no group key, is one by itself.

    Args:
        alike: how lines are taken together first; then `columns` are over what they have become.
        also: further aggregates over lines that become one.
    """
    keys = [identifier(key) if key in lines.columns else expressions.expand(key) for key in target.group_by]
    is_apart = F.col("_rule").isin(*BROKEN) | F.expr(" AND ".join(f"({key}) IS NULL" for key in keys))
    if join_parts is not None:
        lines = join_parts(lines, F.concat_ws("|", *[F.expr(f"CAST({key} AS STRING)") for key in keys]))
    ready = lines.withColumn("_apart", F.when(F.coalesce(is_apart, F.lit(False)), F.col("_source_line")))
    if alike is not None:
        ready = together(ready, alike, also or {})
    one = F.lit(1) if alike is None else F.col(LINES)
    counts = {
        "_item": F.min("_item"),
        "_is_joined": F.count_distinct("_own_file") > 1 if join_parts is not None else F.lit(False),
        "_lines": F.sum(one).cast("bigint"),
        "_first": F.sum(F.when(F.coalesce(F.col("_item"), F.lit(0)) == 0, one).otherwise(0)).cast("bigint"),
        "_bronze_version": F.min("_version"),
    }
    by = [F.expr(key) for key in keys] + [
        F.col(c) for c in ("_source_file", "_file_id", "_run_date", "_rule", "_apart")
    ]
    made = {k: v for k, v in (columns | counts).items() if k not in ("_source_file", "_run_date")}
    return renamed(ready.groupBy(*by).agg(*temporary(made)))


OWN = ("_source_file", "_source_line", "_run_date")  # in a flat unit they are the line's own


def temporary(columns: dict[str, Column]) -> list[Column]:
    """The expressions under names that no export has: a target column may be called like an export's."""
    return [column.alias(f"__{name}") for name, column in columns.items()]


def renamed(units: DataFrame) -> DataFrame:
    """Give the expressions their names; an export's column of the same name gives way."""
    made = [name for name in units.columns if name.startswith("__")]
    taken = {name.removeprefix("__").lower() for name in made}
    own = [name for name in units.columns if not name.startswith("__") and name.lower() not in taken]
    kept = [F.col(identifier(name)) for name in own]
    return units.select(*kept, *[F.col(name).alias(name.removeprefix("__")) for name in made])
