"""Spark's types as a qualified query has them, and whether a value of one fits a column of another."""

from collections.abc import Mapping

from sqlglot import exp

from lakehouse.contracts.contract import spark_type, split_top

WIDER = {"smallint": ("int", "bigint"), "int": ("bigint",), "float": ("double",)}  # publishing loses nothing of these
HANDED_ON = (exp.ArraySort, exp.Filter, exp.ArrayDistinct, exp.Paren)  # of the type of their argument


def type_of(node: exp.Expr) -> str:
    """The type of an annotated expression, in Spark's words; "" where it is not known."""
    inner = node.unalias()
    kind = inner.type
    if kind is not None and not kind.is_type("unknown", "null"):
        return in_spark(kind)
    if isinstance(inner, HANDED_ON):
        return type_of(inner.this)
    if isinstance(inner, exp.Coalesce):
        return next(filter(None, map(type_of, (inner.this, *inner.expressions))), "")
    if isinstance(inner, (exp.ArrayAgg, exp.ArrayUniqueAgg)):
        element = type_of(inner.this)
        return f"ARRAY<{element}>" if element else ""
    return type_of(inner.this) if isinstance(inner, (exp.ArgMin, exp.ArgMax)) else ""


def in_spark(kind: exp.DataType) -> str:
    """A type in Spark's words; "" for one with a part that is not known."""
    text = kind.sql(dialect="spark")
    return "" if "UNKNOWN" in text.upper() or "NULL" in text.upper() else text.replace(": ", " ")


def columns_in(text: str) -> dict[str, str]:
    """Column -> type of "customer_id STRING, spend DECIMAL(18,2)".

    Raises:
        ValueError: a type that Spark does not have.
    """
    parts = [part.strip().partition(" ") for part in split_top(text)]
    for _, _, kind in parts:
        spark_type(kind)
    return {name: kind for name, _, kind in parts}


def fits(answered: str, declared: str) -> bool:
    """Whether every value of the answer has its like in the declared type; so it is of a type that is not known."""
    one, other = plain(answered), plain(declared)
    if not one or not other or one == other:
        return True
    if one.startswith("decimal") and other.startswith("decimal"):
        return "decimal" in (one, other)  # the digits of what is computed are not always known
    return other in WIDER.get(one, ())


def plain(text: str) -> str:
    """A type in one spelling."""
    try:
        return spark_type(text).simpleString() if text else ""
    except ValueError:
        return text.lower()


def misfits(answered: Mapping[str, str], declared: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Columns of both whose types do not fit: the answer's type, and the declared one."""
    both = [name for name in declared if name in answered]
    return {name: (answered[name], declared[name]) for name in both if not fits(answered[name], declared[name])}
