"""A history that an older contract kept, under other names or with other ends, is carried over and goes on."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from deltalake import CommitProperties, write_deltalake

from jobs.gold import customer_tags, group_history, life_cycle, segments
from jobs.gold.histories import validity
from jobs.gold.membership.definitions import tag_rules
from jobs.gold.settings.life_cycle import Settings as LifeSettings
from jobs.gold.settings.segments import Settings as Segments
from jobs.gold.settings.tags import Settings as Tags
from jobs.gold.settings.tags import Tag
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from tests.gold.test_customer_tags import profile, tags


def march(number: int) -> date:
    return date(2026, 3, number)


def keep(lake: Lake, table: str, version: str, *rows: dict[str, Any]) -> None:
    """Write a table as a night under an older version of its contract left it."""
    kinds = {"since": pa.date32(), "until": pa.date32(), "valid_from": pa.date32(), "valid_to": pa.date32()}
    kinds |= {field.name: field.type for field in arrow_schema(lake.contracts[table])}
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], kinds[name]) for name in names}
    recorded = {"run_date": "2026-03-09", "contract_version": version, "inputs": {}, "rows": len(rows)}
    metadata = CommitProperties(custom_metadata={"userMetadata": json.dumps(recorded)})
    write_deltalake(lake.path(table), pa.table(columns), commit_properties=metadata)


def kept(lake: Lake, table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = lake.for_job("see", "").read(table).select(*columns).collect()
    return sorted((tuple(row) for row in found), key=repr)


def test_groups_whose_valid_to_was_the_last_day_end_the_day_after_and_none_is_lost(spark, lake):
    def row(customer: str, name: str, valid_from: date, valid_to: date | None) -> dict[str, Any]:
        dates = {"valid_from": valid_from, "valid_to": valid_to}
        return {
            "dimension": "rfm_segment",
            "customer_id": customer,
            **dates,
            "name": name,
            "split_from": None,
            "merged_into": None,
        }

    keep(
        lake,
        "gold.group_history",
        "1.0.0",
        row("c1", "champions", march(1), march(4)),
        row("c1", "lost", march(5), None),
        row("c2", "lost", march(2), None),
        row("c3", "lost", march(3), march(2)),  # taken back: valid on no day
    )
    rfm = {"recency_days": 1, "order_count": 1, "r_score": 1, "f_score": 1, "m_score": 1, "spend": 1}
    lake.publish("gold.customer_rfm", of_contract(lake, "gold.customer_rfm", customer("c1", "won", rfm)), march(10))

    for _ in range(2):  # the night again changes nothing
        group_history.run(lake.for_job("gold.group_history", "h"), march(10), lake.profile)
        assert kept(lake, "gold.group_history", "customer_id", "name", "valid_from", "valid_to") == [
            ("c1", "champions", march(1), march(5)),
            ("c1", "lost", march(5), march(10)),
            ("c1", "won", march(10), None),
            ("c2", "lost", march(2), march(10)),
            ("c3", "lost", march(3), march(3)),
        ]


def customer(customer_id: str, segment: str, figures: dict[str, Any]) -> dict[str, Any]:
    return {"customer_id": customer_id, "rfm_segment": segment, **figures}


def of_contract(lake: Lake, table: str, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), arrow_schema(lake.contracts[table]))


def test_states_of_an_older_contract_go_on_and_tonights_moves_start_from_them(spark, lake):
    stood = {"customer_id": "c1", "state": "loyal", "since": march(1), "valid_from": march(2), "valid_to": None}
    ended = {**stood, "state": "repeat", "valid_from": march(1), "valid_to": march(1)}
    nobody = {"split_from": None, "merged_into": None}
    keep(lake, "gold.life_cycle_history", "1.0.0", stood | nobody, ended | nobody)

    view = lake.for_job("gold.life_cycle", "h")
    tonight = pa.table({"customer_id": ["c1"], "state": ["lost"], "since": pa.array([march(9)])})
    life_cycle.keep_history(view, tonight, march(10), lake.conf.settings("life_cycle", LifeSettings), 10)

    assert kept(lake, "gold.life_cycle_history", "state", "valid_from", "valid_to") == [
        ("lost", march(10), None),
        ("loyal", march(2), march(10)),
        ("repeat", march(1), march(2)),
    ]
    moved = [row for row in kept(lake, "gold.life_cycle_moves", "from_state", "to_state", "customer_count") if row[2]]
    assert moved == [("loyal", "lost", 1)]


def key_of(settings: Tags) -> str:
    return tag_rules(settings.tags, march(10))[0].key


PERIOD = {"customer_id": "c1", "tag": "many", "rule_version": "1", "evidence": "4 orders"}


def test_tags_and_their_register_of_the_contract_before_keep_every_period(lake):
    settings = tags()
    shared = {**PERIOD, "rule_hash": key_of(settings), "current_customer_id": "c1"}
    stands = {**shared, "since": march(3), "until": None, "unbroken_since": march(2), "rule_held_until": None}
    ended = {**shared, "since": march(1), "until": march(2), "end_reason": "left", "unbroken_since": march(1)}
    keep(lake, "gold.customer_tags", "2.0.0", stands, ended | {"rule_held_until": march(2)})
    tag: Tag = settings.tags["many"]
    rule = {"tag": "many", "rule_version": "1", "rule_hash": key_of(settings), "state": "in_force", "owner": tag.owner}
    rule |= {"purpose": tag.purpose, "description": "", "definition": "", "customer_count": 1}
    old = {**rule, "rule_version": "0", "rule_hash": "h0", "since": march(1), "until": march(2)}
    keep(lake, "gold.tag_rules", "1.0.0", {**rule, "since": march(2), "until": None}, old)

    profile(lake.for_job("gold.customer_tags", "hash-1"), c1=4)
    for night in (10, 11):
        customer_tags.run(lake.for_job("gold.customer_tags", "hash-1"), march(night), settings)
        assert kept(lake, "gold.customer_tags", "valid_from", "valid_to", "end_reason", "unbroken_since") == [
            (march(1), march(2), "left", march(1)),
            (march(3), None, None, march(2)),
        ]
        assert kept(lake, "gold.tag_rules", "rule_version", "valid_from", "valid_to") == [
            ("0", march(1), march(2)),
            ("1", march(2), None),
        ]


def test_segments_of_the_contract_before_keep_every_period(lake):
    in_it = {"customer_id": "c1", "segment": "many", "current_customer_id": "c1"}
    stands = {**in_it, "since": march(3), "until": None, "end_reason": None, "unbroken_since": march(3)}
    ended = {**in_it, "since": march(1), "until": march(2), "end_reason": "left", "unbroken_since": march(1)}
    keep(lake, "gold.segment_history", "1.0.0", stands, ended)
    settings = lake.conf.settings("segments", Segments)
    chosen = {"many": next(iter(settings.segments.values())).__class__(when="order_count > 3", description="d")}

    profile(lake.for_job("gold.segments", "hash-1"), c1=4)
    segments.run(lake.for_job("gold.segments", "hash-1"), march(10), Segments(segments=chosen))

    assert kept(lake, "gold.segment_history", "valid_from", "valid_to", "end_reason") == [
        (march(1), march(2), "left"),
        (march(3), None, None),
    ]


@pytest.mark.parametrize("day", range(1, 7))
def test_one_condition_tells_what_is_valid_on_a_day_at_its_ends_too(spark, day):
    rows = [(march(2), march(4)), (march(4), None), (march(3), march(3))]
    spark.createDataFrame(rows, "valid_from DATE, valid_to DATE").createOrReplaceTempView("periods")
    found = spark.sql(f"SELECT valid_from FROM periods WHERE {validity.valid_on_sql(march(day))}").collect()
    assert [row.valid_from.day for row in found] == ([2] if day in (2, 3) else [4] if day >= 4 else [])
