"""The segments job on a small lake: present members, and a history that costs only its changes."""

from datetime import date
from decimal import Decimal

import pyarrow as pa

from jobs.gold import segments
from jobs.gold.settings.segments import Segment
from jobs.gold.settings.segments import Settings as Segments
from lakehouse.delta import log as delta_log
from lakehouse.delta.rs_tables import arrow_schema
from tests.frames import assert_rows

NIGHT = date(2026, 3, 10)
MEMBERS = "customer_id STRING, segment STRING, since DATE"
HISTORY = "customer_id STRING, segment STRING, valid_from DATE, valid_to DATE, end_reason STRING"
MANY = Segments(
    segments={
        "many": Segment(description="orders much", when="order_count > 3"),
        "pos": Segment(description="at tills", when="array_contains(channels, 'pos')"),
    }
)


def profile(lake, **order_counts: int) -> None:
    """Publish customers with so many orders and nothing else."""
    schema = arrow_schema(lake.contracts["gold.customer_profile"])
    some = {
        "channels": ["web"],
        "account_count": 1,
        "is_lead": False,
        "refund_count": 0,
        "spend": Decimal(0),
        "campaign_contact_count": 0,
        "coupon_redemption_count": 0,
    }
    rows = [{"customer_id": c, "order_count": n, **some} for c, n in order_counts.items()]
    lake.publish("gold.customer_profile", pa.Table.from_pylist(rows, schema), NIGHT)


def night(lake, day: int, settings: Segments = MANY, **order_counts: int):
    view = lake.for_job("gold.segments", "hash-1")
    profile(view, **order_counts)
    view = lake.for_job("gold.segments", "hash-1")
    segments.run(view, date(2026, 3, day), settings)
    return view


def rows(lake, table: str):
    return sorted(tuple(row) for row in read(lake, table).collect())


def read(lake, table: str):
    return lake.for_job("see", "").read(table)


def test_a_night_keeps_who_stays_and_closes_who_leaves(lake):
    night(lake, 10, c1=4, c2=5)
    night(lake, 11, c1=4, c2=1, c3=9)

    members = [("c1", "many", date(2026, 3, 10)), ("c3", "many", date(2026, 3, 11))]
    history = [
        ("c1", "many", date(2026, 3, 10), None, None),
        ("c2", "many", date(2026, 3, 10), date(2026, 3, 11), "left"),
        ("c3", "many", date(2026, 3, 11), None, None),
    ]
    assert_rows(read(lake, "gold.segments"), members, MEMBERS)
    assert_rows(read(lake, "gold.segment_history"), history, HISTORY)


def test_a_night_writes_the_rows_that_changed_and_repeated_the_same_table(lake):
    night(lake, 10, c1=4, c2=5)
    night(lake, 11, c1=4, c2=1, c3=9)
    last = delta_log.last_publish(lake.path("gold.segment_history"))
    assert last.recorded["rows"] == 2
    once = rows(lake, "gold.segment_history")

    night(lake, 11, c1=1)
    assert rows(lake, "gold.segment_history") != once
    night(lake, 11, c1=4, c2=1, c3=9)
    assert rows(lake, "gold.segment_history") == once


def test_a_lake_without_a_history_begins_one_from_the_segments_that_it_has(lake):
    schema = lake.contracts["gold.segments"].schema()
    lake.publish("gold.segments", lake.spark.createDataFrame([("c1", "many", date(2025, 1, 1))], schema), NIGHT)

    night(lake, 11, c1=4)

    assert rows(lake, "gold.segments") == [("c1", "many", date(2025, 1, 1))]
    assert [row[:3] for row in rows(lake, "gold.segment_history")] == [("c1", "many", date(2025, 1, 1))]


def test_spark_answers_what_the_engines_read_differently_and_the_rest_is_not_lost(lake):
    settings = Segments(
        segments={**MANY.segments, "web": Segment(description="in the shop", when="exists(channels, c -> c = 'web')")}
    )
    night(lake, 10, settings, c1=4, c2=0)
    assert [row[:2] for row in rows(lake, "gold.segments")] == [("c1", "many"), ("c1", "web"), ("c2", "web")]


def test_where_nobody_is_in_a_segment_the_night_says_so(lake):
    view = night(lake, 10, Segments(segments={}), c1=4)
    assert rows(lake, "gold.segments") == rows(lake, "gold.segment_history") == []
    assert any("no customer meets a condition" in note for note in view.notes)


def test_a_segment_that_nobody_is_in_is_named(lake):
    nobody = Segment(description="more than anybody orders", when="order_count > 1000")

    view = night(lake, 10, Segments(segments={**MANY.segments, "busiest": nobody}), c1=4)

    assert [note for note in view.notes if "nobody is in busiest, pos: the condition holds for no customer" in note]
