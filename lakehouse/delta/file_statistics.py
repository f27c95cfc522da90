"""Statistics of a Parquet file for a Delta log, by which readers pass over files; from the file's footer alone."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lakehouse.contracts.contract import Contract

COLUMNS = 32  # Delta's own number where a table does not say
TEXT_LENGTH = 32  # characters of the log's least and largest texts
LAST = "\U0010ffff"  # follows every other character


def columns(configuration: Mapping[str, str | None], contract: Contract) -> list[str]:
    """The columns whose statistics a table's log has: those that the table names, or its first but personal ones."""
    if named := configuration.get("delta.dataSkippingStatsColumns"):
        return [name.strip().strip("`") for name in named.split(",")]
    first = contract.columns[: int(configuration.get("delta.dataSkippingNumIndexedCols") or COLUMNS)]
    return [column.name for column in first if not column.personal]


def of(file: Path, names: list[str]) -> dict[str, Any]:
    """Row count, and of each column least and largest value and how many are NULL, as far as the footer knows."""
    footer = pq.read_metadata(file)
    stats: dict[str, Any] = {"numRecords": footer.num_rows, "minValues": {}, "maxValues": {}, "nullCount": {}}
    places = {footer.schema.column(i).path: i for i in range(footer.num_columns)}
    for name in names:
        groups = (
            [footer.row_group(g).column(places[name]) for g in range(footer.num_row_groups)] if name in places else []
        )
        known = [group.statistics for group in groups if group.statistics is not None]
        if not groups or len(known) < len(groups):
            continue
        if all(one.has_null_count for one in known):
            stats["nullCount"][name] = sum(one.null_count for one in known)
        _add_bounds(stats, name, [one for one in known if one.has_min_max], len(known))
    return stats


def _add_bounds(stats: dict[str, Any], name: str, bounded: list[Any], groups: int) -> None:
    """Only where each group has bounds, and of types whose order all readers share."""
    if not bounded or len(bounded) < groups:
        return
    low, high = min(one.min for one in bounded), max(one.max for one in bounded)
    if isinstance(low, str):
        stats["minValues"][name] = low[:TEXT_LENGTH]
        stats["maxValues"][name] = high if len(high) <= TEXT_LENGTH else high[:TEXT_LENGTH] + LAST
    elif isinstance(low, date) and not isinstance(low, datetime):
        stats["minValues"][name], stats["maxValues"][name] = low.isoformat(), high.isoformat()
    elif isinstance(low, int) and not isinstance(low, bool):
        stats["minValues"][name], stats["maxValues"][name] = low, high
