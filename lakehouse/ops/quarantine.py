"""What lies in quarantine: per table and reason how many lines, of which exports, and for how long. Without a JVM."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path

PLACE = ["_export", "_source_file", "_source_line"]
SCHEMA = pa.schema(
    [
        ("reasons", pa.list_(pa.string())),
        ("line_count", pa.int64()),
        ("rule_version", pa.string()),
        ("_export", pa.string()),
        ("_source_file", pa.string()),
        ("_source_line", pa.int64()),
        ("_run_date", pa.date32()),
    ]
)


@dataclass(frozen=True)
class Pile:
    """The quarantined lines of a table that have one reason.

    Args:
        tonight: how many of them one given night brought.
        oldest: the business day of the night that brought the first of them.
        rule_version: the last of the versions of code and configuration that judged them.
    """

    table: str
    reason: str
    lines: int
    tonight: int
    exports: tuple[str, ...]
    files: int
    oldest: date
    rule_version: str

    def age_days(self, on: date) -> int:
        """Days that the oldest line has waited."""
        return (on - self.oldest).days


class Difference(NamedTuple):
    """Lines of two versions of a quarantine, and how many of the first are not in the second, by their reasons."""

    before: int
    after: int
    cured: int
    cured_by_reason: dict[str, int]


def beside(table: str) -> str:
    """The quarantine of a table of silver."""
    return f"quarantine.{table.split('.', 1)[1]}"


def piles(root: str, table_names: Iterable[str], night: date | None = None) -> list[Pile]:
    """Per table and reason, the largest first; a line with several reasons counts under each.

    Args:
        table_names: of quarantine.
        night: whose lines count as tonight's.
    """
    found = [pile for table in table_names for pile in _piles(table, read(root, table), night)]
    return sorted(found, key=lambda pile: (-pile.lines, pile.table, pile.reason))


def read(root: str, table: str, version: int | None = -1) -> pa.Table:
    """The rows of a quarantine table; a row of an earlier version of ours counts as one line.

    Args:
        version: None where it was not there then, -1 for the newest.
    """
    path = table_path(root, table)
    if version is None or delta_log.latest_version(path) is None:
        return SCHEMA.empty_table()
    opened = DeltaTable(path, version=None if version == -1 else version)
    present = [field.name for field in opened.schema().fields if field.name in SCHEMA.names]
    rows = opened.to_pyarrow_table(columns=present)
    columns = [rows[f.name].cast(f.type) if f.name in present else pa.nulls(rows.num_rows, f.type) for f in SCHEMA]
    whole = pa.table(columns, schema=SCHEMA)
    return whole.set_column(1, "line_count", pc.fill_null(whole["line_count"], 1))


def difference(before: pa.Table, after: pa.Table) -> Difference:
    """What left a quarantine between two versions of it; a line is known by its export, file and number."""
    here, there = (rows.group_by(PLACE).aggregate([("line_count", "sum")]) for rows in (before, after))
    joined = here.join(there.rename_columns([*PLACE, "still"]), PLACE, join_type="left outer")
    gone = pc.max_element_wise(pc.subtract(joined["line_count_sum"], pc.fill_null(joined["still"], 0)), 0)
    of_place = pa.table([*(joined[name] for name in PLACE), gone], names=[*PLACE, "gone"])
    rows = before.select([*PLACE, "line_count"]).append_column("row", pa.array(range(before.num_rows)))
    cured = rows.join(of_place, PLACE, join_type="left outer").sort_by("row")
    counts = pc.min_element_wise(cured["line_count"], cured["gone"])
    by_reason = _by_reason(before, counts)
    before_count, after_count, cured_count = (
        int(pc.sum(counts_of).as_py() or 0) for counts_of in (before["line_count"], after["line_count"], gone)
    )
    return Difference(before_count, after_count, cured_count, by_reason)


def _by_reason(rows: pa.Table, counts: pa.ChunkedArray) -> dict[str, int]:
    lists = rows["reasons"].combine_chunks()
    of_row = pc.list_parent_indices(lists)
    table = pa.table({"reason": pc.list_flatten(lists), "count": counts.combine_chunks().take(of_row)})
    sums: list[dict[str, Any]] = table.group_by("reason").aggregate([("count", "sum")]).to_pylist()
    return {row["reason"]: row["count_sum"] for row in sums if row["count_sum"]}


def _piles(table: str, rows: pa.Table, night: date | None) -> list[Pile]:
    lists = rows["reasons"].combine_chunks()
    by_line = rows.drop_columns("reasons").take(pc.list_parent_indices(lists))
    flat = by_line.append_column("reason", pc.list_flatten(lists))
    is_new = pc.equal(flat["_run_date"], pa.scalar(night, pa.date32()))
    tonight = pc.if_else(pc.fill_null(is_new, fill_value=False), flat["line_count"], 0)
    sums = {"line_count": "sum", "tonight": "sum", "_export": "distinct", "_source_file": "count_distinct"}
    ends = {"_run_date": "min", "rule_version": "max"}
    grouped = flat.append_column("tonight", tonight).group_by("reason").aggregate(list((sums | ends).items()))
    return [_pile(table, row) for row in grouped.to_pylist()]


def _pile(table: str, row: dict[str, Any]) -> Pile:
    exports = tuple(sorted(row["_export_distinct"]))
    numbers = row["line_count_sum"], row["tonight_sum"]
    ends = row["_run_date_min"], row["rule_version_max"] or ""
    return Pile(table, row["reason"], *numbers, exports, row["_source_file_count_distinct"], *ends)
