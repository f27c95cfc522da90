"""Every id ever issued resolves, as of any day."""

from datetime import date, timedelta

import pyarrow as pa

from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.persistent_ids import ledger

D1, D2, D3, D4 = (date(2017, 10, n) for n in (1, 5, 9, 20))
ROWS = [
    ("a", "created", "", D1),
    ("b", "created", "", D1),
    ("c", "created", "", D2),
    ("b", "merged", "a", D2),
    ("c", "moved", "a", D3),
    ("a", "merged", "c", D3),
    ("b", "restored", "c", D4),
    ("c", "retired", "", D4),
    ("e", "created", "", D1),
    ("e", "erased", "", D3),
]
NAMES = ("customer_id", "event", "other_customer_id", "run_date")
LEDGER = pa.table({name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)})


def living(customer_id, as_of):
    resolved = ledger.resolve(LEDGER, customer_id, as_of)
    return resolved.customer_id or resolved.state


def test_an_id_leads_to_what_it_was_merged_into_as_of_the_day():
    assert [living("b", day) for day in (D1, D2, D3, D4)] == ["b", "a", "c", "b"]
    assert [living("a", day) for day in (D1, D3, D4)] == ["a", "c", "retired"]


def test_an_id_before_its_time_an_erased_one_and_a_wrong_one_are_told_apart():
    assert living("c", D1) == "not yet issued"
    assert living("e", D4) == "erased"
    assert living("nobody", D4) == "unknown"


def test_a_move_of_some_accounts_changes_no_id():
    assert living("c", D3) == "c"


def test_all_ids_at_once_resolve_as_one_by_one():
    engine = DuckDBEngine(None)
    engine.put("ledger", LEDGER)
    for day in (D1, D2, D3, D4):
        ledger.resolve_all(engine, day)
        rows = engine.fetch("SELECT customer_id, living_id, state FROM resolved").to_pylist()
        assert {r["customer_id"]: r["living_id"] or r["state"] for r in rows} == {
            name: living(name, day) for name in "abce" if living(name, day) != "not yet issued"
        }
    engine.close()


def test_a_long_chain_of_merges_resolves():
    days = [date(2017, 1, 1) + timedelta(days=n) for n in range(40)]
    made = [(f"i{n:02}", "created", "", days[0]) for n in range(40)]
    made += [(f"i{n:02}", "merged", f"i{n + 1:02}", days[n + 1]) for n in range(39)]
    table = pa.table({name: [row[i] for row in made] for i, name in enumerate(NAMES)})
    assert ledger.resolve(table, "i00", days[-1]).customer_id == "i39"
    assert ledger.resolve(table, "i00", days[20]).customer_id == "i20"
    assert len(ledger.resolve(table, "i00", days[-1]).path) == 40
