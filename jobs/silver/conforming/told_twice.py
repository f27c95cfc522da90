"""Orders that one file tells twice: all their lines stand once more, further down, with lines of others between.

Two scans of one thing stand together and are two; a block that comes again was written twice. What becomes of it says
the export's `told_twice`: flag (added up, and flagged), once (the repeats are discarded) or quarantine.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from lakehouse.config.exports import Export, Target
from lakehouse.sql import expressions
from lakehouse.sql.literal import identifier

RULE = "told_twice"


@dataclass(frozen=True)
class Repeats:
    """How repeats of an order are found.

    Args:
        columns: the export's columns, all of which are equal in a repeat.
        is_left_out: some lines of an order may stand in no group; they leave gaps, too.
    """

    columns: tuple[str, ...]
    is_left_out: bool

    def found(self, over: WindowSpec | None = None) -> Column:
        """Whether a group of lines is told twice: an aggregate, or one over a window."""
        count = self._over(F.count(F.lit(1)), over)
        return self._judged(count, *(self._over(part, over) for part in self.parts().values()))

    def parts(self) -> dict[str, Column]:
        """What lines that are taken together say for it: aggregates, by name."""
        told = F.xxhash64(*[F.col(identifier(name)) for name in self.columns])
        hashes = {"_told_low": F.min(told), "_told_high": F.max(told), "_told_xor": F.bit_xor(told)}
        return hashes | {"_first_line": F.min("_source_line"), "_last_line": F.max("_source_line")}

    def found_in_parts(self, lines: Column) -> Column:
        """The same over rows with `parts`, each of several lines: an aggregate."""
        whole = {
            "_told_low": F.min,
            "_told_high": F.max,
            "_told_xor": F.bit_xor,
            "_first_line": F.min,
            "_last_line": F.max,
        }
        return self._judged(F.sum(lines), *(aggregate(name) for name, aggregate in whole.items()))

    def _judged(self, count: Column, low: Column, high: Column, xor: Column, first: Column, last: Column) -> Column:
        is_apart = last - first + 1 > count * (2 if self.is_left_out else 1)
        is_even = (xor == 0) & (count % 2 == 0)
        return is_apart & (count > 1) & (is_even | (low == high))

    def _over(self, aggregate: Column, over: WindowSpec | None) -> Column:
        return aggregate if over is None else aggregate.over(over)


def repeats(export: Export, target: Target) -> Repeats | None:
    """How repeats are found in a target; None where its lines are no orders in lines."""
    if target.table != "silver.orders" or not target.group_by or target.explode:
        return None
    return Repeats(tuple(export.columns), bool(target.discard or target.where))


def without_repeats(lines: DataFrame, export: Export) -> DataFrame:
    """Give the second half of an order that is told twice the rule `told_twice`, where the export says `once`.

    Args:
        lines: with `_rule`.
    """
    headers = [(target, found) for target in export.targets if (found := repeats(export, target))]
    if export.told_twice != "once" or not headers:
        return lines
    header, found = headers[0]
    keys = [F.expr(identifier(k) if k in lines.columns else expressions.expand(k)) for k in header.group_by]
    by_order = Window.partitionBy("_source_file", F.col("_rule").isNull(), *keys)
    told = F.xxhash64(*[F.col(identifier(name)) for name in export.columns])
    marked = lines.withColumn("_told", told).withColumn("_is_twice", found.found(by_order))
    same = Window.partitionBy("_source_file", F.col("_rule").isNull(), *keys, "_told")
    place, count = F.row_number().over(same.orderBy("_source_line")), F.count(F.lit(1)).over(same)
    is_repeat = F.col("_rule").isNull() & F.col("_is_twice") & (place > F.greatest(F.floor(count / 2), F.lit(1)))
    is_order = F.concat(*[key.cast("string") for key in keys]).isNotNull()
    rule = F.when(is_repeat & is_order, RULE).otherwise(F.col("_rule"))
    return marked.withColumn("_rule", rule).drop("_told", "_is_twice")
