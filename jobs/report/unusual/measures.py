"""Measures of files and tables by day, as the ops tables keep them: rows, empty values, different values, middles.

One query of DuckDB per kind, over what was recorded in the last thirteen months; no table of the business is read.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from lakehouse.ops import tables as ops_tables
from lakehouse.quality.unusual import Series
from lakehouse.sql import duckdb_engine

HISTORY_DAYS = 400  # for volumes: last year's season
COLUMN_DAYS = 90  # for all else
WEEKS_BACK = 6
FACTOR = 1.6  # rows, or different values, that matter
MIDDLE_FACTOR = 1.3  # of a middle
SHARE = 0.15  # on the scale of arc sines: 0 to 2 %, 50 to 65 %
FILES = """SELECT export AS subject, '' AS "column", day, sum(row_count) AS rows FROM (
             SELECT export, delivery_date AS day, path, max(row_count) AS row_count FROM files
             WHERE delivery_date IS NOT NULL GROUP BY ALL) GROUP BY ALL"""
COLUMNS = """SELECT export AS subject, "column", delivery_date AS day, sum(looked_at) AS rows, sum(empty) AS empty,
               sum("distinct") AS different, median(deciles[5]) AS middle,
               median(ln(greatest(deciles[9], 1e-9) / greatest(deciles[1], 1e-9))) AS spread
             FROM (SELECT * FROM columns WHERE delivery_date IS NOT NULL
                   QUALIFY row_number() OVER (PARTITION BY path, "column" ORDER BY seq DESC) = 1)
             GROUP BY ALL"""
LINES = """SELECT "table" || ' from ' || export AS subject, '' AS "column", run_date AS day,
             arg_max(lines_in, run_id) AS rows, arg_max(quarantined, run_id) AS bad
           FROM lines GROUP BY ALL"""
CHECKS = """SELECT "table" AS subject, expectation AS "column", run_date AS day,
              arg_max(try_cast(observed['element_count'] AS BIGINT), run_id) AS rows,
              arg_max(try_cast(observed['unexpected_count'] AS BIGINT), run_id) AS bad
            FROM checks GROUP BY ALL HAVING rows > 0 AND bad IS NOT NULL"""


class Row(NamedTuple):
    """One measure's figures on one day."""

    day: date
    rows: float
    figures: dict[str, Any]


Grouped = dict[tuple[str, str], list[Row]]


def all_of(root: str, tonight: date) -> tuple[list[Series], list[str]]:
    """Every series that has a value tonight, and the exports that delivered nothing although their weekday always did.

    Args:
        root: the lake's root.
    """
    since, long_ago = tonight - timedelta(days=COLUMN_DAYS), tonight - timedelta(days=HISTORY_DAYS)
    profiles, lineage, quality = f"{root}/ops/column_profiles", f"{root}/ops/lineage", f"{root}/ops/quality"
    names = ["export", "delivery_date", "path", "row_count"]
    own = [*names, "seq", "column", "looked_at", "empty", "distinct", "deciles"]
    read = {
        "files": ops_tables.arrow(profiles, names, _between("delivery_date", long_ago, tonight)),
        "columns": ops_tables.arrow(profiles, own, _between("delivery_date", since, tonight)),
        "lines": ops_tables.arrow(
            lineage,
            ["run_id", "table", "export", "run_date", "lines_in", "quarantined"],
            _between("run_date", since, tonight),
        ),
        "checks": ops_tables.arrow(
            quality, ["run_id", "table", "expectation", "run_date", "observed"], _between("run_date", since, tonight)
        ),
    }
    with duckdb_engine.connect(duckdb_engine.ONE_THREAD) as engine:
        by_kind = {
            name: _grouped(engine, name, table, query)
            for (name, table), query in zip(read.items(), (FILES, COLUMNS, LINES, CHECKS), strict=True)
        }
    series = [*volumes(by_kind["files"]), *of_columns(by_kind["columns"])]
    series += [*shares(by_kind["lines"], "quarantined"), *shares(by_kind["checks"], "unexpected")]
    return [one for one in series if one.days[-1] == tonight], missing(by_kind["files"], tonight)


def _between(column: str, first: date, last: date) -> list[tuple[str, str, Any]]:
    return [(column, ">=", first), (column, "<=", last)]


def _grouped(engine: duckdb.DuckDBPyConnection, name: str, table: pa.Table | None, query: str) -> Grouped:
    """Subject and column -> its days, ascending."""
    if table is None or not table.num_rows:
        return {}
    engine.register(name, table)
    found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    answer = engine.execute(query)
    columns = [column[0] for column in answer.description or ()]
    for values in answer.fetchall():
        row = dict(zip(columns, values, strict=True))
        found[row["subject"], row["column"]].append(Row(row["day"], row["rows"] or 0, row))
    return {key: sorted(rows, key=lambda row: row.day) for key, rows in found.items()}


def volumes(files: Grouped) -> Iterator[Series]:
    """Rows that an export delivers."""
    for (export, _), rows in files.items():
        values = [math.log1p(row.rows) for row in rows]
        noise = 1 / math.sqrt(max(rows[-1].rows, 1))
        yield Series((export, "", "rows"), [r.day for r in rows], values, noise, math.log(FACTOR), has_trend=True)


def of_columns(columns: Grouped) -> Iterator[Series]:
    """Empty and different values of a column, and its middle number."""
    for (export, column), rows in columns.items():
        now = rows[-1]
        shares_of = [(row, row.figures["empty"]) for row in rows if row.rows]
        yield from _share((export, column, "empty"), shares_of)
        alike = [row for row in rows if _is_filled(row) and 0.6 < _filled(row) / max(_filled(now), 1) < 1.7]
        if alike and alike[-1] is now:
            values = [math.log(row.figures["different"]) for row in alike]
            noise = 1 / math.sqrt(now.figures["different"])
            yield Series((export, column, "different"), [r.day for r in alike], values, noise, math.log(FACTOR))
        with_middle = [row for row in rows if _has_size(row)]
        if with_middle and with_middle[-1] is now:
            values = [math.log(row.figures["middle"]) for row in with_middle]
            noise = 0.5 * (now.figures["spread"] or 0.0) / math.sqrt(max(_filled(now), 1))
            days = [row.day for row in with_middle]
            yield Series((export, column, "middle"), days, values, noise, math.log(MIDDLE_FACTOR))


def _has_size(row: Row) -> bool:
    """Whether the numbers are sizes; those of eight digits and those that hardly repeat and are whole name things."""
    middle = row.figures["middle"] or 0.0
    is_name = middle.is_integer() and (middle >= 1e7 or row.figures["different"] > 0.9 * _filled(row))
    return middle > 0 and not is_name


def _filled(row: Row) -> float:
    return float(row.rows - row.figures["empty"])


def _is_filled(row: Row) -> bool:
    return _filled(row) >= 20 and row.figures["different"] > 0


def shares(grouped: Grouped, measure: str) -> Iterator[Series]:
    """The share of bad lines or rows."""
    for (subject, column), rows in grouped.items():
        yield from _share((subject, column, measure), [(row, row.figures["bad"] or 0) for row in rows if row.rows])


def _share(name: tuple[str, ...], counted: Iterable[tuple[Row, float]]) -> Iterator[Series]:
    kept = list(counted)
    if kept:
        values = [math.asin(math.sqrt(min(1.0, count / row.rows))) for row, count in kept]
        noise = 0.75 / math.sqrt(kept[-1][0].rows)
        yield Series(name, [row.day for row, _ in kept], values, noise, SHARE)


def missing(files: Grouped, tonight: date) -> list[str]:
    """Exports that delivered on this weekday in each of the last weeks, and not tonight."""
    before = [tonight - timedelta(weeks=ago) for ago in range(1, WEEKS_BACK + 1)]
    by_export = {export: {row.day for row in rows} for (export, _), rows in files.items()}
    return sorted(name for name, days in by_export.items() if tonight not in days and days.issuperset(before))
