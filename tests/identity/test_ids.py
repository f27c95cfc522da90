"""Which id survives, and what the ledger says."""

from datetime import date

import pyarrow as pa
import pytest

from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.persistent_ids import ids

EARLY, LATE, TONIGHT = date(2017, 9, 1), date(2017, 9, 20), date(2017, 10, 2)


@pytest.fixture
def assigned():
    """assign(groups, before, issued, moves) -> (customer_id per account, ledger events)."""

    def assign(groups, before, issued, moves=(), erased=()):
        engine = DuckDBEngine(None)
        accounts = [a for members in groups for a in members]
        engine.put(
            "cleaned",
            pa.table(
                {
                    "account_id": accounts,
                    "own_id": [f"own-{a}" for a in accounts],
                    "spare_id": [f"spare-{a}" for a in accounts],
                    "fingerprint": pa.nulls(len(accounts), pa.string()),
                }
            ),
        )
        clusters = engine.table_of(
            "clusters", pa.table({"account_id": accounts, "cluster": [min(g) for g in groups for _ in g]})
        )
        engine.put(
            "previous",
            pa.table(
                {
                    "account_id": pa.array([b[0] for b in before], pa.string()),
                    "customer_id": pa.array([b[1] for b in before], pa.string()),
                    "arrived_on": pa.array([b[2] for b in before], pa.date32()),
                    "fingerprint": pa.nulls(len(before), pa.string()),
                }
            ),
        )
        ledger_rows = [
            (i, event, day) for i, *events in issued for event, day in zip(events[::2], events[1::2], strict=True)
        ]
        engine.put(
            "ledger",
            pa.table(
                {
                    "customer_id": pa.array([t[0] for t in ledger_rows], pa.string()),
                    "event": pa.array([t[1] for t in ledger_rows], pa.string()),
                    "run_date": pa.array([t[2] for t in ledger_rows], pa.date32()),
                }
            ),
        )
        engine.put(
            "moves",
            pa.table(
                {
                    "account_id": pa.array([m[0] for m in moves], pa.string()),
                    "from_customer_id": pa.array([m[1] for m in moves], pa.string()),
                    "event": pa.array([m[2] for m in moves], pa.string()),
                    "run_date": pa.array([m[3] for m in moves], pa.date32()),
                    "fingerprint": pa.nulls(len(moves), pa.string()),
                }
            ),
        )
        keys = [(name, pa.string()) for name in ("old_key", "new_key", "customer_id", "fingerprint")]
        engine.put("renumbered", pa.schema(keys).empty_table())
        engine.put(
            "decisions",
            pa.table(
                {
                    "account_id_left": pa.array(erased, pa.string()),
                    "decision": pa.array(["erase"] * len(erased), pa.string()),
                    "withdrawn_on": pa.array([None] * len(erased), pa.date32()),
                }
            ),
        )
        made = ids.assign(engine, clusters, TONIGHT)
        rows = engine.fetch(f"SELECT account_id, customer_id FROM {made.accounts}").to_pylist()
        events = engine.fetch(f"SELECT customer_id, event, other_customer_id FROM {made.happened}").to_pylist()
        engine.close()
        return {r["account_id"]: r["customer_id"] for r in rows}, {tuple(e.values()) for e in events}

    return assign


def test_a_new_customer_gets_the_id_of_its_first_account(assigned):
    customer_of, events = assigned([("a", "b"), ("c",)], [], [])
    assert customer_of == {"a": "own-a", "b": "own-a", "c": "own-c"}
    assert events == {("own-a", "created", ""), ("own-c", "created", "")}


def test_a_new_account_joins_the_customer_and_changes_no_id(assigned):
    customer_of, events = assigned([("a", "b")], [("b", "own-b", EARLY)], [("own-b", "created", EARLY)])
    assert customer_of == {"a": "own-b", "b": "own-b"}
    assert events == set()


def test_on_a_merge_the_older_id_survives_though_it_is_smaller(assigned):
    before = [("a", "own-a", LATE), ("b", "own-a", LATE), ("c", "own-c", EARLY)]
    customer_of, events = assigned([("a", "b", "c")], before, [("own-a", "created", LATE), ("own-c", "created", EARLY)])
    assert set(customer_of.values()) == {"own-c"}
    assert events == {("own-a", "merged", "own-c")}


def test_on_a_split_the_part_with_most_accounts_keeps_the_id(assigned):
    before = [(a, "own-a", EARLY) for a in "abc"]
    customer_of, events = assigned([("a",), ("b", "c")], before, [("own-a", "created", EARLY)])
    assert customer_of["b"] == customer_of["c"] == "own-a"
    assert customer_of["a"] == "spare-a"  # its own id lives on with the others
    assert events == {("spare-a", "split", "own-a")}


def test_an_id_without_accounts_is_retired(assigned):
    _, events = assigned(
        [("b",)],
        [("a", "own-a", EARLY), ("b", "own-b", EARLY)],
        [("own-a", "created", EARLY), ("own-b", "created", EARLY)],
    )
    assert events == {("own-a", "retired", "")}


MERGED = [("a", "own-a", EARLY), ("b", "own-a", LATE), ("c", "own-a", LATE)]
LEDGER = [("own-a", "created", EARLY), ("own-b", "created", LATE, "merged", LATE)]
MOVES = [("b", "own-b", "merged", LATE), ("c", "own-b", "merged", LATE)]


def test_accounts_that_come_apart_after_a_merge_get_back_their_ids_from_before(assigned):
    customer_of, events = assigned([("a",), ("b", "c")], MERGED, LEDGER, MOVES)
    assert customer_of == {"a": "own-a", "b": "own-b", "c": "own-b"}  # though b and c are more
    assert events == {("own-b", "restored", "own-a")}


def test_an_erased_id_never_comes_back(assigned):
    ledger = [LEDGER[0], ("own-b", "created", LATE, "merged", LATE, "erased", LATE)]
    customer_of, events = assigned([("a",), ("b", "c")], MERGED, ledger, MOVES)
    assert customer_of["b"] == customer_of["c"] == "own-c"  # c founds: its own id was never issued
    assert events == {("own-c", "split", "own-a")}


def test_an_account_that_comes_back_gets_its_retired_id(assigned):
    customer_of, events = assigned([("a",)], [], [("own-a", "created", EARLY, "retired", LATE)])
    assert customer_of == {"a": "own-a"}
    assert events == {("own-a", "restored", "")}


def test_an_account_that_goes_to_another_customer_is_told_though_no_id_ends(assigned):
    before = [("a", "own-a", EARLY), ("b", "own-a", EARLY), ("c", "own-c", EARLY)]
    customer_of, events = assigned(
        [("a",), ("b", "c")], before, [("own-a", "created", EARLY), ("own-c", "created", EARLY)]
    )
    assert customer_of == {"a": "own-a", "b": "own-c", "c": "own-c"}
    assert events == {("own-a", "moved", "own-c")}


def test_an_id_whose_account_was_forgotten_on_request_ends_as_erased(assigned):
    before = [("a", "own-a", EARLY), ("b", "own-b", EARLY)]
    ledger = [("own-a", "created", EARLY), ("own-b", "created", EARLY)]
    assert assigned([("b",)], before, ledger, erased=["a"])[1] == {("own-a", "erased", "")}
