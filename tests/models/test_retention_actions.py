"""gold.retention_actions: who is worth an action within the budget, the holdout, and what the actions change."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.models import retention_actions as job
from jobs.models.retention import choosing, measuring
from jobs.models.retention.choosing import Limits, choose
from jobs.models.settings.churn import FEATURES
from jobs.models.settings.retention import Action, Settings
from lakehouse.config.layers import Conf
from lakehouse.sql.hashed_share import is_held_out
from tests.both_engines import stepwise_answers
from tests.gold.memory_lake import MemoryLake
from tests.gold.small_rows import rows

NIGHT = date(2026, 3, 10)
MORNING = NIGHT + timedelta(days=1)
CALL = {"description": "call them", "kinds": ["silent"], "cost": 2.0, "assumed_persuadability": 0.1}


def settings(**changes: Any) -> Settings:
    said: dict[str, Any] = {"budget": 1000.0, "budget_days": 28, "holdout_share": 0.2, "salt": "1", "valid_days": 7}
    said |= {"again_after_days": 56, "min_units": 50, "max_candidates": 1000, "actions": {"call": CALL}}
    return Settings(**{**said, **changes})


def customer(name: str, at_risk: float | None = 100.0, kind: str = "silent", **more: Any) -> dict[str, Any]:
    score = {"customer_id": name, "churn_probability": 0.5, "churn_decile": 1, "model_version": "1"}
    score |= {
        "scored_as_of": MORNING,
        "horizon_days": 28,
        "value_at_risk": None if at_risk is None else Decimal(str(at_risk)),
        "churn_kind": kind,
    }
    return score | {"reason_1": "has not bought for 40 days", "reason_key": "silence"} | more


def company(scores: list[dict[str, Any]], **tables: Any) -> MemoryLake:
    examples = [{"customer_id": one["customer_id"], "as_of": MORNING, "recency_days": 40} for one in scores]
    made = {
        "churn_scores": rows("models.churn_scores", scores),
        "churn_examples": rows("models.churn_examples", examples),
    }
    return MemoryLake(None, **{**made, **tables})


def night(lake: MemoryLake, conf: Settings, run_date: date = NIGHT) -> list[dict[str, Any]]:
    job.run(lake, run_date, conf)
    lake.tables["retention_assignments"] = lake.published[job.ASSIGNMENTS]
    return lake.published[job.ACTIONS].to_pylist()


def test_what_is_at_risk_times_the_persuaded_share_must_be_more_than_the_action_costs():
    found = night(company([customer("rich", 100.0), customer("poor", 19.0)]), settings(holdout_share=0.0001))

    assert [(row["customer_id"], float(row["expected_value"]), row["as_of"]) for row in found] == [
        ("rich", 8.0, MORNING)
    ]
    assert "not measurable yet" in found[0]["sentence"]
    assert "call them" in found[0]["sentence"]


def test_the_action_is_for_its_kinds_and_reasons_and_the_worthiest_is_taken():
    actions = {
        "call": CALL,
        "gift": {**CALL, "description": "send a gift", "kinds": ["price", "silent"], "assumed_persuadability": 0.3},
        "settle": {**CALL, "description": "settle it", "kinds": ["silent"], "reasons": ["refunds"]},
    }
    scores = [customer("a"), customer("b", kind="price"), customer("c", kind="dissatisfied")]
    found = night(company(scores), settings(actions=actions, holdout_share=0.0001))

    assert {row["customer_id"]: row["action"] for row in found} == {"a": "gift", "b": "gift"}


def test_the_holdout_is_that_of_the_salted_hash_and_costs_nothing():
    scores = [customer(f"c{n}") for n in range(400)]
    found = night(company(scores), settings(budget=200.0))
    held = {row["customer_id"] for row in found if row["is_holdout"]}

    assert held == {row["customer_id"] for row in found if is_held_out("1", "retention", row["customer_id"], 0.2)}
    assert len(found) - len(held) == 100  # 200 of money, 2 each
    assert 10 <= len(held) <= 45
    assert all("leave alone" in row["sentence"] for row in found if row["is_holdout"])


def test_the_same_night_twice_is_the_same_and_the_next_keeps_the_offers_and_the_budget():
    lake, conf = company([customer(f"c{n:03}") for n in range(300)]), settings(budget=100.0)
    first = night(lake, conf)
    again = night(lake, conf)
    assert first == again
    assert lake.published[job.ASSIGNMENTS].num_rows == len(first)

    examples = [{"customer_id": f"c{n:03}", "as_of": MORNING + timedelta(days=1)} for n in range(300)]
    lake.tables["churn_examples"] = rows("models.churn_examples", examples)
    job.run(lake, NIGHT + timedelta(days=1), conf)

    assert sorted(row["customer_id"] for row in lake.published[job.ACTIONS].to_pylist()) == sorted(
        row["customer_id"] for row in first
    )
    assert lake.published[job.ASSIGNMENTS].num_rows == 0  # appended: nobody new, the budget is spent


def test_who_buys_is_no_longer_offered_anything():
    conf = settings(holdout_share=0.0001)
    lake = company([customer("a"), customer("b")])
    night(lake, conf)
    bought = {"account_id": "x", "channel": "shop", "order_date": MORNING, "order_count": 1, "spend_cents": 5}
    lake.tables["customer_order_days"] = rows("gold.customer_order_days", [bought])
    lake.tables["customer_map"] = rows("identity.customer_map", [{"account_id": "x", "customer_id": "a"}])
    job.run(lake, NIGHT + timedelta(days=1), conf)

    assert [row["customer_id"] for row in lake.published[job.ACTIONS].to_pylist()] == ["b"]


def owners(**of: str) -> Any:
    return rows("identity.customer_map", [{"account_id": a, "customer_id": c} for a, c in of.items()])


def test_who_becomes_one_with_another_is_offered_one_action_and_no_second_one():
    conf, tomorrow = settings(holdout_share=0.0001, valid_days=1), NIGHT + timedelta(days=1)
    lake = company([customer("a"), customer("b")], customer_map=owners(x="a", y="b"))
    assert [row["customer_id"] for row in night(lake, conf)] == ["a", "b"]

    lake.tables |= company([customer("a")]).tables | {"customer_map": owners(x="a", y="a")}
    job.run(lake, tomorrow, settings(holdout_share=0.0001))
    assert [row["customer_id"] for row in lake.published[job.ACTIONS].to_pylist()] == ["a"]

    lake = company([customer("b")], customer_map=owners(y="b"))
    night(lake, conf)
    lake.tables |= company([customer("a")]).tables | {"customer_map": owners(x="a", y="a")}
    job.run(lake, tomorrow, conf)
    assert lake.published[job.ACTIONS].num_rows == 0  # a, who was b yesterday, not again


def test_a_unit_that_becomes_another_customer_has_bought_when_that_one_has():
    told = assigned(600, {True: 0.9, False: 0.5})
    made = [one | {"account_id": one["customer_id"]} for one in told["retention_assignments"].to_pylist()]
    merged = [{"account_id": f"u{n}", "customer_id": f"v{n}"} for n in range(600)]
    told |= {"retention_assignments": rows("gold.retention_assignments", made)}
    told |= {"customer_map": rows("identity.customer_map", merged)}
    lake = company([customer("z")], **told)
    job.run(lake, NIGHT, settings())
    (effect,) = lake.published[job.EFFECTS].to_pylist()
    assert effect["effect"] == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("scores", [[], [customer("a", at_risk=None)]])
def test_without_scores_or_values_nobody_is_acted_on_and_the_night_says_why(scores):
    lake = company(scores)
    assert night(lake, settings()) == []
    assert any("no customer has both a churn score and a value" in note for note in lake.notes)


def assigned(units: int, stays: dict[bool, float]) -> dict[str, Any]:
    """Assignments of 60 days ago, a third left alone, and orders of a share of each group."""
    day = MORNING - timedelta(days=60)
    base = {
        "action": "call",
        "reason": "r",
        "kind": "silent",
        "expected_value": 1,
        "cost": 2,
        "sentence": "s",
        "as_of": day,
    }
    base |= {"horizon_days": 28, "churn_probability": 0.5, "value_at_risk": 9}
    made = [{**base, "customer_id": f"u{n}", "is_holdout": n % 3 == 0} for n in range(units)]
    orders = [
        {
            "account_id": f"u{n}",
            "channel": "shop",
            "order_date": day + timedelta(days=3),
            "order_count": 1,
            "spend_cents": 1,
        }
        for n in range(units)
        if n * 7919 % 1000 < 1000 * stays[n % 3 != 0]
    ]
    ids = [{"account_id": f"u{n}", "customer_id": f"u{n}"} for n in range(units)]
    return {
        "retention_assignments": rows("gold.retention_assignments", made),
        "customer_order_days": rows("gold.customer_order_days", orders),
        "customer_map": rows("identity.customer_map", ids),
    }


@pytest.mark.parametrize(
    ("stays", "state"),
    [
        ({True: 0.8, False: 0.4}, "alike"),
        ({True: 0.5, False: 0.5}, "no_effect"),
        ({True: 0.3, False: 0.6}, "no_effect"),
    ],
)
def test_the_holdout_measures_the_action(stays, state):
    lake = company([customer("new")], **assigned(1500, stays))
    conf = settings(actions={"call": {**CALL, "assumed_persuadability": 0.3}}, holdout_share=0.0001)
    found = night(lake, conf)
    (effect,) = lake.published[job.EFFECTS].to_pylist()

    assert effect["state"] == state
    assert effect["effect_low"] < stays[True] - stays[False] < effect["effect_high"]
    assert (effect["unit_count"], effect["control_unit_count"]) == (1000, 500)
    assert [row["customer_id"] for row in found] == (["new"] if state == "alike" else [])
    if state == "alike":
        assert effect["persuaded_share"] == pytest.approx(0.4 / 0.6, abs=0.1)
        assert "no difference between customers is shown" in found[0]["sentence"]


def test_where_customers_differ_in_what_the_action_does_those_whom_it_moves_are_chosen():
    random, count = np.random.default_rng(5), 4000
    model = job.model_of(Conf(), job.KIND)
    model = model.model_copy(update={"features": {name: model.declared[name] for name in FEATURES[:4]}})
    frame = pd.DataFrame({name: random.normal(size=count) for name in FEATURES[:4]})
    frame["customer_id"] = [f"u{n}" for n in range(count)]
    frame[measuring.TREATED] = random.random(count) < 0.5
    moved = frame["recency_days"] > 0
    frame[measuring.STAYED] = random.random(count) < 0.3 + 0.4 * (moved & frame[measuring.TREATED])
    found = measuring.measured(Action(**CALL), frame, model, settings())
    rows_ = frame.assign(recency_days=np.where(np.arange(count) % 2, 1.5, -1.5)).head(200)
    shares = found.shares(rows_, np.full(200, 0.6))

    assert found.state == measuring.BY_CUSTOMER
    assert shares[1::2].mean() > 0.4
    assert shares[::2].mean() < 0.15
    assert found.figures["uplift_qini_low"] > 0


def test_messages_that_do_the_same_measure_it_too():
    conf = settings(actions={"call": {**CALL, "measured_by": ["trigger:away"]}}, min_units=50)
    day = NIGHT - timedelta(days=60)
    base = {"run_date": day, "kind": "trigger", "name": "away", "occasion": "", "channel": "email", "version": "1"}
    base |= {
        "purpose": "marketing",
        "content": "c",
        "expected_value": 1,
        "cost": 0,
        "priority": 1,
        "control_share": 0.5,
    }
    decided = [
        {**base, "customer_id": f"u{n}", "account_id": f"u{n}", "reason": "r",
         "outcome": "held_out" if n % 2 else "chosen", "rule": "control" if n % 2 else "chosen"}
        for n in range(120)
    ]  # fmt: skip
    ids = [{"account_id": f"u{n}", "customer_id": f"u{n}"} for n in range(120)]
    tables = {"decisions": rows("activation.decisions", decided), "customer_map": rows("identity.customer_map", ids)}
    lake = company([customer("new")], **tables)
    night(lake, conf)
    (effect,) = lake.published[job.EFFECTS].to_pylist()

    assert (effect["unit_count"], effect["control_unit_count"]) == (60, 60)
    assert effect["state"] != "not_measurable_yet"


def test_within_any_budget_and_capacity_the_choice_is_nearly_the_best():
    random = np.random.default_rng(1)
    for _ in range(50):
        value = np.where(random.random((40, 3)) < 0.7, random.normal(3, 4, (40, 3)), np.nan)
        costs, held = np.array([1.0, 2.0, 5.0]), random.random(40) < 0.2
        limits = Limits(float(random.integers(0, 60)), np.array([np.inf, 9.0, 4.0]))
        places = choose(value, costs, held, limits)
        acted = np.flatnonzero((places >= 0) & ~held)

        assert costs[places[acted]].sum() <= limits.budget
        assert all((places[acted] == action).sum() <= limits.capacities[action] for action in range(3))
        assert (value[places >= 0, places[places >= 0]] > 0).all()


def test_the_price_of_money_spends_the_budget_on_what_it_buys_most_of():
    value = np.array([[10.0], [9.0], [1.0], [8.0]])
    held = np.zeros(4, dtype=bool)

    assert choose(value, np.array([2.0]), held, Limits(4.0, np.array([np.inf]))).tolist() == [0, 0, -1, -1]
    assert choosing.price_of_money(value, np.array([2.0]), 100.0) == 0.0


def nullable(table: pa.Table) -> pa.Table:
    """The same rows without the contract's NOT NULL: what is not said here is NULL."""
    return table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))


def test_both_engines_answer_the_queries_of_the_units_alike(spark):
    conf = settings(actions={"call": {**CALL, "measured_by": ["trigger:away", "audience:x"]}})
    tables = assigned(60, {True: 0.5, False: 0.3})
    known = [{"customer_id": f"u{n}", "as_of": MORNING - timedelta(days=70), "recency_days": n} for n in range(60)]
    lake = company([], **{**tables, "churn_examples": rows("models.churn_examples", known)})
    still = job.still_query(MORNING - timedelta(days=57), conf)
    for query in (job.outcomes_query(MORNING, conf, 28), job.counts_query(MORNING, conf, 28), still):
        named = {name: nullable(lake.at_hand(table)) for name, table in query.tables.items()}
        assert stepwise_answers(spark, query.sql, query.steps, **named)
