"""Products by their names where a row says their numbers: people read names."""

from collections.abc import Callable, Iterable
from typing import Any

from lakehouse.sql.literal import literal

Rows = list[dict[str, Any]]

BY_NUMBER = "product_id"  # the level whose items are numbers; those of the other levels are names
ITEMS = ("item", "antecedent", "consequent")


def named(rows: dict[str, Rows], ask: Callable[[str], Rows]) -> dict[str, Rows]:
    """The same rows with names for product numbers; a number without a name stays.

    Args:
        rows: those with `level` product_id are looked at: their item, antecedent and consequent.
        ask: answers a query over the lake.
    """
    numbers = {number for part in rows.values() for row in part for number in _numbers(row)}
    if not numbers:
        return rows
    wanted = ", ".join(map(literal, sorted(numbers)))
    found = ask(f"SELECT product_id, product_name FROM silver.products WHERE product_id IN ({wanted})")
    names = {row["product_id"]: row["product_name"] for row in found if row["product_name"]}
    return {part: [_with_names(row, names) for row in those] for part, those in rows.items()}


def _numbers(row: dict[str, Any]) -> Iterable[str]:
    if row.get("level") == BY_NUMBER:
        for key in ITEMS:
            value = row.get(key)
            yield from value if isinstance(value, list) else [value] if value else []


def _with_names(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if row.get("level") != BY_NUMBER:
        return row
    return row | {key: _name(row[key], names) for key in ITEMS if row.get(key)}


def _name(value: Any, names: dict[str, str]) -> Any:
    return [names.get(one, one) for one in value] if isinstance(value, list) else names.get(value, value)
