"""The unusual measures of a night as rows of ops.anomalies, each with a sentence."""

import math
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from jobs.report.unusual.measures import all_of
from lakehouse.ops import tables as ops_tables
from lakehouse.quality.unusual import Unusual, unusual

TABLE = "ops.anomalies"
GOES_ON_DAYS = 7  # the same measure off to the same side so lately: one anomaly that goes on
SENTENCES = {
    "rows": "{subject}: {value} rows, usually {usual}",
    "empty": "{subject}.{column}: {value} empty, usually {usual}",
    "different": "{subject}.{column}: {value} different values in the rows looked at, usually {usual}",
    "middle": "{subject}.{column}: its middle value is {factor} times the usual one",
    "quarantined": "{subject}: {value} of the lines in quarantine, usually {usual}",
    "unexpected": "{subject}, {column}: {value} of the rows fail, usually {usual}",
    "missing": "{subject}: no delivery, although every one of the last weeks had one on this weekday",
}
SHARES = ("empty", "quarantined", "unexpected")


def find(root: str, run_id: str, tonight: date) -> list[dict[str, Any]]:
    """The rows of ops.anomalies for a night.

    Args:
        root: the lake's root.
    """
    series, missing = all_of(root, tonight)
    rows = [_row(one) for one in unusual(series)]
    rows += [{"subject": name, "measure": "missing", "sentence": _said("missing", subject=name)} for name in missing]
    before = ops_tables.read(
        f"{root}/{TABLE.replace('.', '/')}",
        ["run_date", "subject", "measure", "column", "deviations", "since"],
        [("run_date", ">=", tonight - timedelta(days=GOES_ON_DAYS)), ("run_date", "<", tonight)],
    )
    return [{"run_id": run_id, "run_date": tonight, **row, "since": _since(row, before, tonight)} for row in rows]


def _row(one: Unusual) -> dict[str, Any]:
    subject, column, measure = one.series.name
    value, usual = (plain(measure, x) for x in (one.value, one.expected))
    return {
        "subject": subject,
        "column": column or None,
        "measure": measure,
        "value": value,
        "usual": usual,
        "deviations": one.deviations,
        "chance": one.chance,
        "sentence": _said(
            measure,
            subject=subject,
            column=column,
            value=_shown(measure, value),
            usual=_shown(measure, usual),
            factor=f"{math.exp(one.value - one.expected):.2g}",
        ),
    }


def plain(measure: str, value: float) -> float:
    """A value as people read it: a share from 0 to 1, rows, different values."""
    if measure in SHARES:
        return math.sin(min(max(value, 0.0), math.pi / 2)) ** 2
    return math.expm1(value) if measure == "rows" else math.exp(value)


def _shown(measure: str, value: float) -> str:
    return f"{value:.1%}" if measure in SHARES else f"{value:,.0f}"


def _said(measure: str, **words: str) -> str:
    return SENTENCES[measure].format(**words)


def _since(row: dict[str, Any], before: Iterable[dict[str, Any]], tonight: date) -> date:
    """The first of the nights on which the same measure was off to the same side."""
    side = (row.get("deviations") or 0.0) > 0
    same = [
        b["since"]
        for b in before
        if (b["subject"], b["measure"], b["column"]) == (row["subject"], row["measure"], row.get("column"))
        and ((b["deviations"] or 0.0) > 0) == side
    ]
    return min(same, default=tonight)
