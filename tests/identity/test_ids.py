"""Which id survives, and what the ledger says."""

from datetime import date

import pyarrow as pa
import pytest

from jobs.identity import ids
from jobs.identity.lanes import DuckDBLane

EARLY, LATE, TONIGHT = date(2017, 9, 1), date(2017, 9, 20), date(2017, 10, 2)


@pytest.fixture
def assigned(spark):
    """assign(groups, before, issued) -> (customer_id per account, ledger events)."""

    def assign(groups, before, issued):
        lane = DuckDBLane(spark)
        accounts = [a for members in groups for a in members]
        lane.put("cleaned", pa.table({"account_id": accounts, "own_id": [f"own-{a}" for a in accounts],
                                      "spare_id": [f"spare-{a}" for a in accounts]}))  # fmt: skip
        lane.put("clusters", pa.table({"account_id": accounts, "cluster": [min(g) for g in groups for _ in g]}))
        lane.put("previous", pa.table({"account_id": pa.array([b[0] for b in before], pa.string()),
                                       "customer_id": pa.array([b[1] for b in before], pa.string()),
                                       "arrived_on": pa.array([b[2] for b in before], pa.date32())}))  # fmt: skip
        lane.put("issued", pa.table({"customer_id": pa.array([i[0] for i in issued], pa.string()),
                                     "created_on": pa.array([i[1] for i in issued], pa.date32())}))  # fmt: skip
        ids.assign(lane, TONIGHT)
        rows = lane.fetch("SELECT account_id, customer_id FROM assigned").to_pylist()
        events = lane.fetch("SELECT customer_id, event, other_customer_id FROM events").to_pylist()
        lane.close()
        return {r["account_id"]: r["customer_id"] for r in rows}, {tuple(e.values()) for e in events}

    return assign


def test_a_new_customer_gets_the_id_of_its_first_account(assigned):
    found, events = assigned([("a", "b"), ("c",)], [], [])
    assert found == {"a": "own-a", "b": "own-a", "c": "own-c"}
    assert events == {("own-a", "created", ""), ("own-c", "created", "")}


def test_a_new_account_joins_the_customer_and_changes_no_id(assigned):
    found, events = assigned([("a", "b")], [("b", "own-b", EARLY)], [("own-b", EARLY)])
    assert found == {"a": "own-b", "b": "own-b"}
    assert events == set()


def test_on_a_merge_the_older_id_survives_though_it_is_smaller(assigned):
    before = [("a", "own-a", LATE), ("b", "own-a", LATE), ("c", "own-c", EARLY)]
    found, events = assigned([("a", "b", "c")], before, [("own-a", LATE), ("own-c", EARLY)])
    assert set(found.values()) == {"own-c"}
    assert events == {("own-a", "merged", "own-c")}


def test_on_a_split_the_part_with_most_accounts_keeps_the_id(assigned):
    before = [(a, "own-a", EARLY) for a in "abc"]
    found, events = assigned([("a",), ("b", "c")], before, [("own-a", EARLY)])
    assert found["b"] == found["c"] == "own-a"
    assert found["a"] == "spare-a"  # its own id lives on with the others
    assert events == {("spare-a", "split", "own-a")}


def test_an_id_without_accounts_is_retired(assigned):
    _, events = assigned([("b",)], [("a", "own-a", EARLY), ("b", "own-b", EARLY)], [("own-a", EARLY), ("own-b", EARLY)])
    assert events == {("own-a", "retired", "")}
