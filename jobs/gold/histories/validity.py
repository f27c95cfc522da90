"""The one pair of dates of every history: valid_from, the first day, and valid_to, the first day no longer.

valid_to is NULL while a row is valid. Where it is valid_from itself, the row was taken back and is valid on no day: a
night was repeated with other facts, and a merge by key removes no row. What a night does it does to the history as the
night before left it, so that it can be repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

FROM, TO = "valid_from", "valid_to"
FORMERLY = {FROM: "since", TO: "until"}  # what the dates were called; `until` was the first day no longer, too


def valid_on_sql(day: date, alias: str = "") -> str:
    """Whether a row is valid on a day."""
    at = f"{alias}." if alias else ""
    return f"{at}{FROM} <= DATE '{day}' AND ({at}{TO} IS NULL OR {at}{TO} > DATE '{day}')"


def stood_sql(night: date, alias: str = "") -> str:
    """Whether a row was valid when a night began, whatever that night has done to it since."""
    at = f"{alias}." if alias else ""
    return f"{at}{FROM} < DATE '{night}' AND ({at}{TO} IS NULL OR {at}{TO} >= DATE '{night}')"


def as_left_sql(night: date, columns: Sequence[str], ends: Mapping[str, str]) -> str:
    """The rows of {history} as the night before left them.

    Args:
        ends: column -> the date by which it came to be; it is NULL again where that is this night's or a later one's.
    """
    undone = (f"CASE WHEN {ends[c]} < DATE '{night}' THEN {c} END AS {c}" if c in ends else c for c in columns)
    return f"SELECT {', '.join(undone)} FROM {{history}} WHERE {FROM} < DATE '{night}'"


def rows_as_left(rows: Iterable[dict[str, Any]], night: date) -> list[dict[str, Any]]:
    """The same of rows in memory."""
    earlier = (row for row in rows if row[FROM] < night)
    return [{**row, TO: row[TO] if row[TO] and row[TO] < night else None} for row in earlier]


def changed_sql(key: Sequence[str], kept: Sequence[str]) -> str:
    """The rows of {state} that {history} does not have so: what a night writes.

    Args:
        kept: the columns, beside the key, that the history's table has.
    """
    own = " AND ".join(f"s.{name} IS NOT DISTINCT FROM h.{name}" for name in dict.fromkeys((*key, *kept)))
    same_key = " AND ".join(f"s.{name} = h.{name}" for name in key)
    return f"SELECT s.* FROM {{state}} s LEFT JOIN {{history}} h ON {same_key} WHERE NOT coalesce({own}, false)"


def repeated_sql(night: date, *dates: str) -> str:
    """How many rows of {history} say something of this night or a later one, by these dates."""
    later = " OR ".join(f"{name} >= DATE '{night}'" for name in dates)
    return f"SELECT count(*) AS row_count FROM {{history}} WHERE {later}"


def in_present_names(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of an older contract under the dates' present names."""
    names = {old: new for new, old in FORMERLY.items() if new not in row}
    return {names.get(name, name): value for name, value in row.items()}
