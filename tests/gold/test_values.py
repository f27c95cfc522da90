"""Histories with valid_from and valid_to: any day's rows are those that its night, run last, had."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from jobs.gold import group_history
from jobs.gold.histories.values import HistorySpec, changes_sql, history_steps
from tests.both_engines import stepwise_answers, stepwise_duckdb_answer

SPEC = HistorySpec("gold.life_cycle_history", key=("customer_id",), values=("state", "since"))
FIRST = date(2026, 3, 1)
COLUMNS = {
    "customer_id": pa.string(),
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
    "state": pa.string(),
    "since": pa.date32(),
    "split_from": pa.string(),
    "merged_into": pa.string(),
}
LEDGER = {"customer_id": pa.string(), "event": pa.string(), "other_customer_id": pa.string(), "run_date": pa.date32()}


class Kept:
    """A history by key, as a merge keeps it."""

    def __init__(self):
        self.rows = {}

    def night(self, day, states, ledger=()):
        """Merge a night's changes; how many rows were written."""
        changes = stepwise_duckdb_answer(
            changes_sql(SPEC), history_steps(day, SPEC), **self.tables(day, states, ledger)
        )
        keys = [row[:2] for row in changes]
        assert len(set(keys)) == len(keys)  # a merge takes each key once
        self.rows |= {row[:2]: row for row in changes}
        return len(changes)

    def tables(self, day, states, ledger):
        tonight = pa.table(
            {
                "customer_id": pa.array(list(states), pa.string()),
                "since": pa.array([day] * len(states)),
                "state": pa.array(list(states.values()), pa.string()),
            }
        )
        return {"tonight": tonight, "history": table(self.rows.values(), COLUMNS), "ledger": table(ledger, LEDGER)}

    def on(self, day):
        """Who was in which state on a day, as the contract says."""
        held = [r for r in self.rows.values() if r[1] <= day and (r[2] is None or r[2] > day)]
        assert len({r[0] for r in held}) == len(held)
        return {r[0]: r[3] for r in held}


def table(rows, columns):
    rows = list(rows)
    return pa.table({name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(columns.items())})


@pytest.mark.parametrize("seed", range(4))
def test_every_day_is_one_query_whatever_was_repeated_changed_or_gone(seed):
    random = np.random.default_rng(seed)
    kept, truth, states, day = Kept(), {}, {}, FIRST
    for _ in range(12):
        before = dict(states)
        for _attempt in range(random.integers(1, 4)):  # a night is repeated with other facts
            states = dict(before)
            for customer in (f"c{i}" for i in range(8)):
                if random.random() < 0.3:
                    states[customer] = str(random.choice(["loyal", "dormant", "lost"]))
                if random.random() < 0.1:
                    states.pop(customer, None)
            kept.night(day, states)
        truth[day] = dict(states)
        day += timedelta(days=int(random.integers(1, 3)))

    assert {on: kept.on(on) for on in truth} == truth


def test_a_night_writes_only_what_changed_and_nothing_when_repeated():
    kept = Kept()
    everyone = {f"c{i}": "loyal" for i in range(100)}

    assert kept.night(FIRST, everyone) == 100
    assert kept.night(FIRST + timedelta(days=1), {**everyone, "c7": "dormant"}) == 2
    written = dict(kept.rows)
    kept.night(FIRST + timedelta(days=1), {**everyone, "c7": "dormant"})
    assert kept.rows == written
    assert kept.night(FIRST + timedelta(days=2), {**everyone, "c7": "dormant"}) == 0


def test_merged_and_split_customers_are_named_and_keep_their_past():
    kept, next_day = Kept(), FIRST + timedelta(days=1)
    kept.night(FIRST, {"c1": "loyal", "c2": "repeat"})

    ledger = [("c2", "merged", "c1", next_day), ("c3", "split", "c1", next_day)]
    kept.night(next_day, {"c1": "loyal", "c3": "first_time"}, ledger)

    assert kept.rows["c2", FIRST] == ("c2", FIRST, next_day, "repeat", FIRST, None, "c1")
    assert kept.rows["c3", next_day] == ("c3", next_day, None, "first_time", next_day, "c1", None)
    assert kept.on(FIRST) == {"c1": "loyal", "c2": "repeat"}


def test_both_engines_write_the_same_changes(spark):
    kept, next_day = Kept(), FIRST + timedelta(days=1)
    kept.night(FIRST, {"c1": "loyal", "c2": "repeat", "c4": "lost"})
    kept.night(next_day, {"c1": "dormant", "c4": "lost"})

    ledger = [("c2", "merged", "c1", next_day)]
    tables = kept.tables(next_day, {"c1": "loyal", "c3": "repeat", "c4": "won_back"}, ledger)
    changes = stepwise_answers(spark, changes_sql(SPEC), history_steps(next_day, SPEC), **tables)

    assert {(row[0], row[1], row[2]) for row in changes} == {
        ("c1", FIRST, None),
        ("c1", next_day, next_day),
        ("c2", FIRST, next_day),
        ("c3", next_day, None),
        ("c4", FIRST, next_day),
        ("c4", next_day, None),
    }


def test_group_history_keeps_each_dimension_by_itself_and_only_what_changed(spark, lake):
    def night(day, segment, cluster):
        view = lake.for_job("gold.group_history", "h")
        rfm = {
            "customer_id": ["c1", "c2"],
            "recency_days": [1, 1],
            "order_count": [1, 1],
            "r_score": [1, 1],
            "f_score": [1, 1],
            "m_score": [1, 1],
            "rfm_segment": [segment, "lost"],
        }
        rows = pa.table({**rfm, "spend": pa.array([1, 1], pa.decimal128(18, 2))})
        view.publish("gold.customer_rfm", rows, day)
        numbers = {
            c.name: pa.array([0.5]) for c in view.contracts["gold.behaviour_clusters"].columns if c.type == "DOUBLE"
        }
        rows = pa.table({"customer_id": ["c1"], "cluster_id": [1], "cluster": [cluster], "since": [day], **numbers})
        view.publish("gold.behaviour_clusters", rows, day)
        view = lake.for_job("gold.group_history", "h")
        group_history.run(view, day, view.profile)
        found = view.read("gold.group_history", view.version("gold.group_history")).collect()
        return sorted((r.dimension, r.customer_id, r["name"], r.valid_from, r.valid_to or date.max) for r in found)

    night(FIRST, "champions", "top-up")
    next_day = FIRST + timedelta(days=1)

    found = night(next_day, "champions", "stock-up")

    assert found == [
        ("cluster", "c1", "stock-up", next_day, date.max),
        ("cluster", "c1", "top-up", FIRST, next_day),
        ("rfm_segment", "c1", "champions", FIRST, date.max),
        ("rfm_segment", "c2", "lost", FIRST, date.max),
    ]
    assert night(next_day, "champions", "stock-up") == found
