"""Orders that one file tells twice, found over the preview's lines as a night finds them."""

from collections.abc import Sequence

from lakehouse.config.exports import Export, Target
from lakehouse.sql.literal import identifier

RULE = "told_twice"


def header(export: Export) -> Target | None:
    """The target whose groups of lines are orders; None where lines make none."""
    orders = (target for target in export.targets if target.table == "silver.orders")
    return next((target for target in orders if target.group_by and not target.explode), None)


def condition(export: Export, target: Target, keys: Sequence[str] = ()) -> str:
    """Whether a group's lines all stand once more, apart: an aggregate in DuckDB's SQL, over a window with keys."""
    over = f" OVER (PARTITION BY {', '.join(keys)})" if keys else ""
    told = told_by(export)
    span = f"max(_source_line){over} - min(_source_line){over} + 1"
    gap = 2 if target.discard or target.where else 1
    is_even = f"bit_xor({told}){over} = 0 AND count(*){over} % 2 = 0"
    is_equal = f"min({told}){over} = max({told}){over}"
    return f"({span} > count(*){over} * {gap} AND count(*){over} > 1 AND ({is_even} OR {is_equal}))"


def repeat(export: Export, target: Target, keys: Sequence[str]) -> str:
    """Whether a line is a repeat of one that stands further up in an order that is told twice."""
    same = f"PARTITION BY {', '.join([*keys, told_by(export)])}"
    place = f"row_number() OVER ({same} ORDER BY _source_line)"
    is_order = " AND ".join(f"({key}) IS NOT NULL" for key in keys)
    half = f"greatest(count(*) OVER ({same}) // 2, 1)"
    return f"coalesce({is_order} AND {condition(export, target, keys)} AND {place} > {half}, false)"


def told_by(export: Export) -> str:
    """A hash of what a line says."""
    return f"hash({', '.join(identifier(name, 'duckdb') for name in export.columns)})"
