"""What is unusual about a night is kept, named on the page, and costs no look at the business's tables."""

import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.report.page.waiting import waiting
from jobs.report.unusual import finding
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops import tables as ops_tables
from tests.report.test_nightly import facts

FIRST, NIGHTS = date(2024, 1, 1), 60
TONIGHT = FIRST + timedelta(days=NIGHTS - 1)
CONTRACTS = Contracts(Conf())
Rows = list[dict[str, Any]]


def profile(day: date, rng: np.random.Generator, **changed: Any) -> Rows:
    """What landing keeps of one ordinary day's orders, with other figures for one column of it."""
    rows = int(rng.poisson(500 if day.weekday() < 5 else 900))
    own = {"run_id": "r", "run_date": day, "seq": day.toordinal(), "export": "orders", "delivery_date": day}
    made = []
    for column, empty, words, middle in (("price", 0.01, 180, 25.0), ("city", 0.05, 40, 0.0), ("note", 0.6, 90, 0.0)):
        figures = {
            "row_count": changed.get("row_count", rows),
            "looked_at": 250,
            "empty": int(rng.binomial(250, empty)),
            "distinct": int(words * rng.uniform(0.93, 1.07)),
            "deciles": [middle * math.exp(0.8 * z + rng.normal(0, 0.05)) for z in np.linspace(-1.2, 1.2, 9)]
            * (middle > 0),
        }
        figures |= changed.get(column, {})
        made.append({**own, "path": f"{day}/orders.csv", "column": column, **figures})
    return made


def lines(day: date, rng: np.random.Generator, quarantined: int | None = None) -> Rows:
    """Where the lines of one day went."""
    bad = int(rng.binomial(500, 0.01)) if quarantined is None else quarantined
    own = {"run_id": "r", "run_date": day, "table": "silver.orders", "export": "orders"}
    return [{**own, "lines_in": 500, "rows_out": 500 - bad, "lines_in_rows": 500 - bad, "quarantined": bad}]


def found(root: Path, is_missing: bool = False, quarantined: int | None = None, **changed: Any) -> Rows:
    """The anomalies of a night whose file looks so, after ordinary ones."""
    rng = np.random.default_rng(3)
    days = [FIRST + timedelta(days=n) for n in range(NIGHTS)]
    kept = [row for day in days[:-1] for row in profile(day, rng)]
    kept += [] if is_missing else profile(days[-1], rng, **changed)
    moved = [row for day in days[:-1] for row in lines(day, rng)] + lines(days[-1], rng, quarantined)
    ops_tables.append(f"{root}/ops/column_profiles", CONTRACTS["ops.column_profiles"], kept, "r")
    ops_tables.append(f"{root}/ops/lineage", CONTRACTS["ops.lineage"], moved, "r")
    return finding.find(str(root), "r", TONIGHT)


def test_an_ordinary_night_has_no_anomaly(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"row_count": 40}, ("orders", "rows", None)),
        ({"row_count": 9000}, ("orders", "rows", None)),
        ({"row_count": 0}, ("orders", "rows", None)),
        ({"is_missing": True}, ("orders", "missing", None)),
        ({"price": {"empty": 120}}, ("orders", "empty", "price")),
        ({"note": {"empty": 0}}, ("orders", "empty", "note")),
        ({"city": {"distinct": 1}}, ("orders", "different", "city")),
        ({"price": {"deciles": [2500.0] * 9}}, ("orders", "middle", "price")),
        ({"price": {"deciles": [14.0] * 9}}, ("orders", "middle", "price")),
        ({"quarantined": 150}, ("silver.orders from orders", "quarantined", None)),
    ],
    ids=lambda value: str(value)[:40].replace(" ", "_") if isinstance(value, dict) else "",
)
def test_each_of_ten_planted_faults_is_named(tmp_path: Path, fault: dict[str, Any], named: tuple[str, ...]) -> None:
    rows = found(tmp_path, **fault)
    assert named in {(row["subject"], row["measure"], row.get("column")) for row in rows}
    assert all(row["since"] == TONIGHT for row in rows)


def test_an_anomaly_that_goes_on_is_one(tmp_path: Path) -> None:
    before = {"subject": "orders", "measure": "missing", "column": None, "deviations": None, "sentence": "x"}
    night = TONIGHT - timedelta(days=1)
    rows = [{**before, "run_id": "r", "run_date": night, "since": night}]
    ops_tables.append(f"{tmp_path}/ops/anomalies", CONTRACTS["ops.anomalies"], rows, "r")
    (row,) = found(tmp_path, is_missing=True)
    assert row["since"] == night


def test_a_lake_without_history_says_nothing(tmp_path: Path) -> None:
    assert finding.find(str(tmp_path), "r", TONIGHT) == []


def test_the_page_says_what_is_new_and_counts_the_rest() -> None:
    tonight = facts().run_date
    rows = [
        {"subject": "a", "measure": "empty", "sentence": f"a.c{n}: <b>", "since": tonight, "off": 9.0} for n in range(8)
    ]
    old = {"subject": "a", "measure": "rows", "sentence": "goes on", "since": tonight - timedelta(days=2), "off": 9.0}
    texts = [one.text for one in waiting(facts(anomalies=[*rows, old]))]
    assert [text for text in texts if "unusual" in text][-1] == "3 more unusual measures"
    assert not any("goes on" in text for text in texts)
