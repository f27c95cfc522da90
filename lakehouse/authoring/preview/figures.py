"""Figures of mapped rows, by which a stranger sees a fault before the night does."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.authoring.preview.mapping import NEEDS_SPARK, Preview
from lakehouse.authoring.preview.reading import decoded
from lakehouse.config.exports import Export
from lakehouse.files.text_rules import TOTALS

AMOUNTS = ("total_original_cents", "total_cents", "sales_cents")
DAYS = ("ordered_at", "order_date", "occurred_at", "occurred_date", "given_at", "given_date", "recorded_at")
SUMMARY = re.compile(r"(收入|支出|合计|总计|共)[^\d]{0,4}\d[\d,.]*")
LOOKED_AT = 60  # lines at each end of a file, where totals stand


@dataclass(frozen=True)
class Figures:
    """What the rows of one target add up to.

    Args:
        sums: currency ('' where no column says it) -> hundredths.
        smallest, largest: amounts in hundredths; None without amounts.
        accounts: different ones; None where the target names none.
        guests: rows without an account.
    """

    rows: int
    sums: dict[str, int]
    smallest: int | None = None
    largest: int | None = None
    first_day: str = ""
    last_day: str = ""
    accounts: int | None = None
    guests: int = 0
    without_amount: int = 0
    without_day: int = 0


def figures(made: Preview) -> Figures:
    """Add up a target's rows."""
    rows = made.rows
    amount = next((name for name in AMOUNTS if _has(rows, name)), "")
    day = next((name for name in DAYS if _has(rows, name)), "")
    accounts = rows["account_id"] if "account_id" in rows.column_names else None
    days = [str(value)[:10] for value in rows[day].to_pylist() if value is not None] if day else []
    amounts = _numbers(rows[amount]) if amount else None
    return Figures(
        rows.num_rows,
        _sums(rows, amounts) if amounts is not None else {},
        pc.min(amounts).as_py() if amounts is not None else None,
        pc.max(amounts).as_py() if amounts is not None else None,
        min(days, default=""),
        max(days, default=""),
        pc.count_distinct(accounts).as_py() if accounts is not None else None,
        accounts.null_count if accounts is not None else 0,
        amounts.null_count if amounts is not None else 0,
        rows.num_rows - len(days) if day else 0,
    )


def _has(rows: pa.Table, name: str) -> bool:
    """Whether a column holds values, and not the remark that only Spark can compute it."""
    if name not in rows.column_names:
        return False
    column = rows[name]
    return not (pa.types.is_string(column.type) and NEEDS_SPARK in column.slice(0, 1).to_pylist())


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if pa.types.is_integer(column.type) else column.cast(pa.float64()).cast(pa.int64(), safe=False)


def _sums(rows: pa.Table, amounts: pa.ChunkedArray) -> dict[str, int]:
    codes = rows["currency"].to_pylist() if "currency" in rows.column_names else [None] * rows.num_rows
    sums: dict[str, int] = {}
    for code, value in zip(codes, amounts.to_pylist(), strict=True):
        sums[code or ""] = sums.get(code or "", 0) + (value or 0)
    return sums


def own_totals(path: Path, export: Export) -> list[str]:
    """What the file itself says of its totals: its totals row, and summaries above the header or below the rows."""
    if export.format != "csv":
        return []
    try:
        lines = decoded(path, export.encoding).splitlines()
    except ValueError:
        return []
    ends = lines[:LOOKED_AT] + lines[LOOKED_AT:][-LOOKED_AT:]
    found = [text for line in ends if (text := _total(line, export.delimiter))]
    return list(dict.fromkeys(found))[:5]


def _total(line: str, delimiter: str) -> str:
    """A line's values where it is one of totals, else ''."""
    values = next(csv.reader([line], delimiter=delimiter), [])
    filled = [value.strip() for value in values if value.strip()]
    is_row = any(value.casefold().rstrip(":： ") in TOTALS for value in filled[:3]) and any(
        re.search(r"\d", value) for value in filled
    )
    return ", ".join(filled)[:120] if filled and (is_row or SUMMARY.match(filled[0])) else ""
