"""Rows of a table without its contract's NOT NULL."""

from typing import Any

import pyarrow as pa

from tests.gold.small_rows import rows


def nullable(table: str, given: list[dict[str, Any]]) -> pa.Table:
    """What is not said is NULL."""
    made = rows(table, given)
    return made.cast(pa.schema([field.with_nullable(True) for field in made.schema]))
