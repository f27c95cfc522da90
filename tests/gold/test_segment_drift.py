"""gold.segment_drift."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from jobs.gold import segment_drift
from jobs.gold.segment_drift import Settings, counts_sql, drift, warnings
from tests.both_engines import answers

NIGHT = date(2026, 6, 30)
SETTINGS = Settings(reference_days_back=28, smallest_share=0.0001, warn_above=0.1, alarm_above=0.25)


def counted(dimension, **groups):
    base = sum(groups.values())
    return [{"dimension": dimension, "name": n, "customer_count": c, "base": base} for n, c in groups.items()]


def kept(rows, days_ago=28):
    return [{**row, "run_date": NIGHT - timedelta(days=days_ago)} for row in rows.to_pylist()]


def test_the_index_is_the_published_formula_and_its_verdict_that_of_the_thresholds():
    before = drift(counted("state", loyal=50, lost=50), [], NIGHT, SETTINGS)

    rows = drift(counted("state", loyal=80, lost=20), kept(before), NIGHT, SETTINGS).to_pylist()

    # 0.3 ln(0.8 / 0.5) - 0.3 ln(0.2 / 0.5) by hand
    assert [row["psi"] for row in rows] == pytest.approx([0.41589, 0.41589], abs=1e-5)
    assert {row["verdict"] for row in rows} == {"drifted"}
    assert warnings(rows)[0].startswith("state has drifted since 2026-06-02: PSI 0.42, above all lost, 50.0 to 20.0 %")


def test_the_first_night_has_shares_and_no_index():
    rows = drift(counted("cluster", a=1, b=3), [], NIGHT, SETTINGS).to_pylist()

    assert [(r["share"], r["psi"], r["verdict"]) for r in rows] == [(0.25, None, "unknown"), (0.75, None, "unknown")]


def test_a_group_that_came_or_went_counts_with_the_smallest_share():
    before = drift(counted("state", loyal=50, lost=50), [], NIGHT, SETTINGS)

    rows = drift(counted("state", loyal=50, dormant=50), kept(before), NIGHT, SETTINGS).to_pylist()

    assert {r["name"]: r["customer_count"] for r in rows} == {"dormant": 50, "lost": 0, "loyal": 50}
    assert rows[0]["psi"] == pytest.approx(2 * (0.5 - 0.0001) * 8.517193, abs=1e-4)


def test_segments_overlap_and_are_judged_one_by_one_in_or_out():
    before = drift(
        [{"dimension": "segment", "name": n, "customer_count": c, "base": 100} for n, c in (("a", 50), ("b", 10))],
        [],
        NIGHT,
        SETTINGS,
    )
    tonight = [{"dimension": "segment", "name": n, "customer_count": c, "base": 100} for n, c in (("a", 80), ("b", 10))]

    rows = {r["name"]: r for r in drift(tonight, kept(before), NIGHT, SETTINGS).to_pylist()}

    assert rows["a"]["psi"] == pytest.approx(0.41589, abs=1e-5)
    assert (rows["b"]["psi"], rows["b"]["verdict"]) == (0.0, "stable")


def test_a_repeated_night_leaves_no_group_of_its_first_run_behind():
    first = drift(counted("state", loyal=1, lost=1), [], NIGHT, SETTINGS)

    rows = drift(counted("state", loyal=2), kept(first, days_ago=0), NIGHT, SETTINGS).to_pylist()

    assert {r["name"]: r["customer_count"] for r in rows} == {"loyal": 2, "lost": 0}
    assert {r["verdict"] for r in rows} == {"unknown"}  # its own first run is no reference


def test_without_customers_there_are_no_rows():
    assert drift([], [], NIGHT, SETTINGS).num_rows == 0


def test_both_engines_count_alike_and_segments_are_shares_of_all_customers(spark):
    found = answers(
        spark,
        counts_sql(),
        customer_rfm=pa.table({"rfm_segment": ["champions", "lost", "lost"]}),
        life_cycle=pa.table({"state": ["loyal", "loyal", "lost", "lead"]}),
        behaviour_clusters=pa.table({"cluster": ["top-up"]}),
        segments=pa.table({"segment": ["a", "b", "b"]}),
    )

    assert ("segment", "b", 2, 4) in found
    assert ("rfm_segment", "lost", 2, 3) in found
    assert len(found) == 8


def test_the_reference_is_the_night_so_many_days_before_or_the_first_one(spark, lake):
    life = pa.table({"customer_id": ["c1"], "state": ["lead"], "reason": ["no order yet"]})
    for column, kind in (
        ("since", pa.date32()),
        ("dwell_days", pa.int32()),
        ("usual_gap_days", pa.float64()),
        ("dormant_after_days", pa.int32()),
        ("lost_after_days", pa.int32()),
        ("loyal_order_days", pa.int32()),
    ):
        life = life.append_column(column, pa.nulls(1, kind))
    lake.publish("gold.life_cycle", life, NIGHT)

    def night(days):
        view = lake.for_job("gold.segment_drift", "h")
        segment_drift.run(view, NIGHT + timedelta(days=days), SETTINGS)
        rows = view.read("gold.segment_drift", view.version("gold.segment_drift"))
        return [r.reference_date for r in rows.where(f"run_date = DATE '{NIGHT + timedelta(days=days)}'").collect()]

    assert [night(days) for days in (0, 1, 1, 30)] == [[None], [NIGHT], [NIGHT], [NIGHT + timedelta(days=1)]]
