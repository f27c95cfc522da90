"""Since when and until when: a history of memberships, night after night, alike in both engines."""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pytest

from jobs.gold.membership import periods
from jobs.gold.membership.definitions import Rule, named
from tests.both_engines import stepwise_answers, stepwise_duckdb_answer

TYPES = {"STRING": pa.string(), "DATE": pa.date32()}
HISTORY = pa.schema({name: TYPES[of] for name, of in periods.COLUMNS.items()})
NOW = pa.schema({"customer_id": pa.string(), "name": pa.string(), "evidence": pa.string()})
LEDGER = pa.schema(
    {"customer_id": pa.string(), "event": pa.string(), "other_customer_id": pa.string(), "run_date": pa.date32()}
)
STATE = f"SELECT {', '.join(periods.COLUMNS)} FROM {{state}}"
PLAIN = Rule("a", version="1", key="h1")
Rows = list[tuple[object, ...]]


def day(number: int) -> date:
    return date(2026, 1, number)


def table(rows: Iterable[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def inputs(history: Rows, members: dict[str, str] | Iterable[str], rules: Iterable[Rule], ledger: Rows):
    seen = members if isinstance(members, dict) else dict.fromkeys(members, "saw it")
    return {
        "history": table(history, HISTORY),
        "now": table([(customer, "a", evidence) for customer, evidence in seen.items()], NOW),
        "rules": named(rules),
        "ledger": table(ledger, LEDGER),
    }


def night(run_date: date, history: Rows, members, rules: Iterable[Rule] = (PLAIN,), ledger: Rows = ()) -> Rows:  # type: ignore[assignment]
    """The history after a night on which rule a held for these members."""
    return stepwise_duckdb_answer(STATE, periods.steps(run_date), **inputs(history, members, rules, ledger))


def seen(history: Rows) -> Rows:
    """customer, valid_from, valid_to, why it ended."""
    return sorted((row[0], row[2], row[3], row[4]) for row in history)


def was_in(history: Rows, on: date) -> list[object]:
    return sorted({row[0] for row in history if row[2] <= on and (row[3] is None or row[3] > on)})


def test_who_was_in_on_a_day_is_told_by_valid_from_and_valid_to():
    history = night(day(1), [], ["c1", "c2"])
    history = night(day(2), history, ["c1", "c3"])
    history = night(day(4), history, ["c1", "c2", "c3"])

    assert [was_in(history, day(n)) for n in (1, 2, 3, 4)] == [
        ["c1", "c2"],
        ["c1", "c3"],
        ["c1", "c3"],
        ["c1", "c2", "c3"],
    ]
    assert [row for row in seen(history) if row[0] == "c2"] == [
        ("c2", day(1), day(2), "left"),
        ("c2", day(4), None, None),
    ]


def test_a_night_that_changes_nothing_writes_nothing():
    before = night(day(1), [], ["c1", "c2"])
    after = night(day(2), before, ["c1", "c2"])
    changed = stepwise_duckdb_answer(
        periods.changed_sql(tuple(periods.COLUMNS)), state=table(after, HISTORY), history=table(before, HISTORY)
    )
    assert after == before
    assert changed == []


def test_a_night_repeated_with_other_members_gives_what_it_would_have_given_at_first():
    before = night(day(1), [], ["c1", "c2"])
    wrong = night(day(2), before, ["c3"])
    assert night(day(2), wrong, ["c1", "c4"]) == night(day(2), before, ["c1", "c4"])
    later = night(day(3), wrong, ["c2"])
    assert night(day(2), later, ["c1", "c4"]) == night(day(2), before, ["c1", "c4"])


def test_a_changed_definition_ends_the_old_period_and_begins_another():
    history = night(day(2), night(day(1), [], ["c1"]), ["c1", "c2"], [Rule("a", version="2", key="h2")])
    assert sorted((row[0], row[2], row[3], row[4], row[5]) for row in history) == [
        ("c1", day(1), day(2), "rule_changed", "1"),
        ("c1", day(2), None, None, "2"),
        ("c2", day(2), None, None, "2"),
    ]


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ([Rule("a", key="h1", closes="expired")], "expired"),
        ([Rule("a", key="h1", closes="refused")], "refused"),
        ([], "rule_withdrawn"),
        ([PLAIN], "left"),
    ],
)
def test_a_period_says_why_it_ended(rules, why):
    assert seen(night(day(2), night(day(1), [], ["c1"]), [], rules)) == [("c1", day(1), day(2), why)]


def test_other_evidence_begins_a_period_only_where_the_rule_says_so():
    anew = Rule("a", version="1", key="h1", begins_anew_with_evidence=True)
    first = night(day(1), [], {"c1": "TEA"})
    assert [row[7] for row in night(day(2), first, {"c1": "BEER"})] == ["TEA"]
    history = night(day(2), first, {"c1": "BEER"}, [anew])
    assert [(row[2], row[3], row[4], row[7]) for row in sorted(history, key=repr)] == [
        (day(1), day(2), "evidence_changed", "TEA"),
        (day(2), None, None, "BEER"),
    ]


def test_what_lapsed_begins_again_only_after_the_rule_had_stopped_holding():
    rules = [Rule("a", version="1", key="h1", valid_days=2)]
    history: Rows = []
    for number in (1, 2, 3, 4):
        history = night(day(number), history, ["c1"], rules)
    assert seen(history) == [("c1", day(1), day(3), "lapsed")]

    history = night(day(6), night(day(5), history, [], rules), ["c1"], rules)
    assert seen(history) == [("c1", day(1), day(3), "lapsed"), ("c1", day(6), None, None)]


def test_a_customer_who_takes_in_another_carries_on_their_membership():
    merged = [("c2", "merged", "c1", day(3))]
    history = night(day(3), night(day(1), [], ["c2"]), ["c1"], ledger=merged)
    assert seen(history) == [("c1", day(3), None, None), ("c2", day(1), day(3), "customer_merged")]
    assert [(row[0], row[8], row[10]) for row in sorted(history)] == [("c1", day(1), "c1"), ("c2", day(1), "c1")]


def test_a_customer_split_off_carries_on_the_membership_of_the_one_they_were_part_of():
    split = [("c9", "split", "c1", day(3))]
    history = night(day(3), night(day(1), [], ["c1"]), ["c1", "c9"], ledger=split)
    assert sorted((row[0], row[2], row[8]) for row in history) == [("c1", day(1), day(1)), ("c9", day(3), day(1))]


def test_an_un_merge_gives_each_id_its_own_past_back():
    ledger = [("c2", "merged", "c1", day(2)), ("c1", "merged", "c7", day(3))]
    history = night(day(3), night(day(2), night(day(1), [], ["c2"]), ["c1"], ledger=ledger), ["c7"], ledger=ledger)
    assert {row[0]: row[10] for row in history} == {"c1": "c7", "c2": "c7", "c7": "c7"}

    restored = [*ledger, ("c2", "restored", "c7", day(4)), ("c7", "retired", "", day(5))]
    history = night(day(4), history, ["c2", "c7"], ledger=restored)
    assert {row[0]: row[10] for row in history} == {"c1": "c7", "c2": "c2", "c7": "c7"}
    history = night(day(5), history, ["c2"], ledger=restored)
    assert {row[0]: row[10] for row in history} == {"c1": None, "c2": "c2", "c7": None}


def test_both_engines_keep_the_same_history(spark):
    rules = [Rule("a", version="2", key="h2", valid_days=2)]
    history = night(day(1), [], ["c1", "c2", "c3"], rules)
    history = night(day(2), history, ["c1", "c2", "c4"], rules)
    ledger = [
        ("c4", "merged", "c2", day(3)),
        ("c5", "split", "c1", day(3)),
        ("c3", "retired", "", day(3)),
        ("c6", "merged", "c4", day(2)),
    ]
    tables = inputs(
        [*history, ("c6", "a", day(1), day(2), "left", "1", "h1", None, day(1), day(2), "c4")],
        ["c2", "c5"],
        rules,
        ledger,
    )

    found = stepwise_answers(spark, STATE, periods.steps(day(3)), **tables)

    assert [(row[0], row[2], row[3], row[4], row[8], row[10]) for row in found] == [
        ("c1", day(1), day(3), "left", day(1), "c1"),
        ("c2", day(1), day(3), "lapsed", day(1), "c2"),
        ("c3", day(1), day(2), "left", day(1), None),
        ("c4", day(2), day(3), "customer_merged", day(2), "c2"),
        ("c5", day(3), None, None, day(1), "c5"),
        ("c6", day(1), day(2), "left", day(1), "c2"),
    ]
    changed = {"state": table(found, HISTORY), "history": tables["history"]}
    assert len(stepwise_answers(spark, periods.changed_sql(tuple(periods.COLUMNS)), {}, **changed)) == 6
