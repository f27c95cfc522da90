"""Occasions of triggers: what fires, once, in whatever order nights and files come (jobs/activation/audiences)."""

import random
import re
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from jobs.activation import audiences as job
from jobs.activation.occasions import definitions
from jobs.activation.settings.triggers import Trigger
from tests.activation.small_company import customers, events, policy, rows
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake

DAY = timedelta(days=1)


def trigger(**changes: Any) -> Trigger:
    said = {"version": "1", "owner": "o", "description": "d", "content": "c", "channels": "email", "expected_lift": 0.1}
    return Trigger(**{**said, "valid_days": 3, "cool_down_days": 0, **changes})


def sequence(within_days: int = 5, **changes: Any) -> dict[str, Any]:
    return {
        "sequence": {"did": {"event": "email_sent"}, "then_not": {"event": "order"}, "within_days": within_days}
        | changes
    }


def fired(what: Trigger, run_date: date = RUN_DATE, **tables: pa.Table) -> list[tuple[str, str]]:
    """(customer, occasion) of a night's firings."""
    known = {**customers("a", "b"), **tables}
    found = MemoryLake(None, **known).fetch(job.firing_query({"x": what}, policy(), run_date)).to_pylist()
    return sorted((row["customer_id"], row["occasion"]) for row in found)


def test_did_a_and_not_b_fires_when_the_days_are_over():
    sent = events(("email:a", "email_sent", RUN_DATE - 5 * DAY), ("email:b", "email_sent", RUN_DATE - 4 * DAY))
    assert fired(trigger(**sequence()), **sent) == [("a", f"email_sent {RUN_DATE - 5 * DAY}")]


@pytest.mark.parametrize(("days", "fires"), [(-1, True), (0, False), (5, False), (6, True)])
def test_what_follows_counts_from_the_same_day_to_the_last_one(days, fires):
    sent_on = RUN_DATE - 6 * DAY
    happened = events(("email:a", "email_sent", sent_on), ("email:a", "order", sent_on + days * DAY))
    assert bool(fired(trigger(**sequence()), **happened)) == fires


def test_what_follows_may_begin_the_day_after():
    sent_on = RUN_DATE - 5 * DAY
    happened = events(("email:a", "email_sent", sent_on), ("email:a", "order", sent_on))
    assert fired(trigger(**sequence(from_days=1)), **happened) == [("a", f"email_sent {sent_on}")]


def test_what_must_follow_too_is_asked_for():
    sent_on = RUN_DATE - 5 * DAY
    what = trigger(**sequence(then_did={"event": "email_opened"}))
    assert fired(what, **events(("email:a", "email_sent", sent_on))) == []
    opened = events(("email:a", "email_sent", sent_on), ("email:a", "email_opened", sent_on + DAY))
    assert len(fired(what, **opened)) == 1


@pytest.mark.parametrize(("days", "fires"), [(4, False), (3, True)])
def test_an_occasion_is_acted_upon_for_its_valid_days(days, fires):
    sent = events(("email:a", "email_sent", RUN_DATE - (4 + days) * DAY))
    assert bool(fired(trigger(**sequence()), **sent)) == fires


def life(customer: str, last_order: date, usual_gap_days: float, **cycle: Any) -> dict[str, pa.Table]:
    profile = [{"customer_id": customer, "last_order_date": last_order}]
    cycle = {"customer_id": customer, "usual_gap_days": usual_gap_days, "state": "repeat", **cycle}
    return {"customer_profile": rows("gold.customer_profile", profile), "life_cycle": rows("gold.life_cycle", [cycle])}


@pytest.mark.parametrize(("gap", "fires"), [(4.0, True), (4.1, False), (2.9, False)])
def test_silence_is_measured_in_the_customers_own_intervals(gap, fires):
    what = trigger(silence={"own_intervals": 3})
    assert bool(fired(what, **life("a", RUN_DATE - 12 * DAY, gap))) == fires


def test_a_move_fires_on_the_state_and_the_state_before():
    known = life("a", RUN_DATE - 40 * DAY, 5.0, state="dormant", since=RUN_DATE, reason="r")
    past = [
        {"customer_id": "a", "valid_from": RUN_DATE - 9 * DAY, "valid_to": RUN_DATE, "state": "loyal"},
        {"customer_id": "a", "valid_from": RUN_DATE, "valid_to": None, "state": "dormant"},
    ]
    known["life_cycle_history"] = rows("gold.life_cycle_history", past)
    assert fired(trigger(life_cycle_move={"to": "dormant"}), **known)
    assert fired(trigger(life_cycle_move={"to": "dormant", "came_from": ("loyal",)}), **known)
    assert not fired(trigger(life_cycle_move={"to": "dormant", "came_from": ("repeat",)}), **known)


def test_the_most_probable_due_item_fires_once_until_it_is_overdue():
    due = {"kind": "repurchase", "item_level": "x", "due_from": RUN_DATE - DAY, "evidence": "e"}
    items = [("milk", 0.9), ("bread", 0.8), ("salt", 0.1)]
    table = rows(
        "gold.due_now",
        [{"customer_id": "a", "item": i, "probability": p, "due_to": RUN_DATE + 9 * DAY, **due} for i, p in items],
    )
    what = trigger(item_due={"min_probability": 0.5})
    assert fired(what, due_now=table) == [("a", "milk")]
    former = firing("x", "a", "milk", RUN_DATE - DAY, occasion_until=RUN_DATE + 5 * DAY)
    assert fired(what, due_now=table, trigger_firings=former) == []


def test_an_unanswered_complaint_fires_after_its_days():
    waits = trigger(complaint_unanswered={"after_days": 3})
    complaint = ("email:a", "complaint", RUN_DATE - 3 * DAY)
    assert len(fired(waits, **events(complaint))) == 1
    assert fired(waits, **events(complaint, ("email:a", "complaint_answered", RUN_DATE - DAY))) == []


def test_a_complaint_waits_whatever_is_complained_of_since():
    waits = trigger(complaint_unanswered={"after_days": 3})
    again = events(("email:a", "complaint", RUN_DATE - 3 * DAY), ("email:a", "complaint", RUN_DATE - DAY))
    ((_, occasion),) = fired(waits, **again)
    assert str(RUN_DATE - 3 * DAY) in occasion


def firing(name: str, customer: str, occasion: str, fired_on: date, **changes: Any) -> pa.Table:
    row = {"trigger": name, "occasion": occasion, "customer_id": customer, "account_id": f"email:{customer}"}
    row |= {"fired_on": fired_on, "occasion_date": fired_on, "version": "1", "purpose": "marketing"}
    return rows("activation.trigger_firings", [{**row, "is_held_out": False, "evidence": "told so", **changes}])


def test_the_same_customer_not_again_within_the_cool_down():
    sent = events(("email:a", "email_sent", RUN_DATE - 5 * DAY))
    what = trigger(**{**sequence(), "cool_down_days": 10})
    assert fired(what, **sent, trigger_firings=firing("x", "a", "email_sent long ago", RUN_DATE - 9 * DAY)) == []
    assert fired(what, **sent, trigger_firings=firing("x", "a", "email_sent long ago", RUN_DATE - 10 * DAY)) != []


def test_a_firing_follows_its_account_through_a_merge():
    sent = events(("email:a", "email_sent", RUN_DATE - 5 * DAY), ("email:b", "email_sent", RUN_DATE - 5 * DAY))
    former = firing("x", "b", f"email_sent {RUN_DATE - 5 * DAY}", RUN_DATE - DAY)
    merged = rows("identity.customer_map", [{"account_id": f"email:{i}", "customer_id": "a"} for i in "ab"])
    assert fired(trigger(**sequence()), **sent, trigger_firings=former, customer_map=merged) == []


def history(seed: int) -> list[tuple[str, str, date, date]]:
    """(account, event, day, night that its file comes): some files come late."""
    chance = random.Random(seed)
    days = [RUN_DATE + n * DAY for n in range(8)]
    made = []
    for _ in range(chance.randint(3, 14)):
        day = chance.choice(days)
        late = chance.choice((0, 0, 0, 1, 2, 4))
        made.append((f"email:{chance.choice('ab')}", chance.choice(("email_sent", "order")), day, day + late * DAY))
    return made


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 12))])
def test_the_same_customer_and_occasion_never_fire_twice(seed):
    """Nights in order, some repeated, some skipped and run later, files late, customers merged on the way."""
    chance = random.Random(seed)
    told, what = history(seed), trigger(**{**sequence(2), "valid_days": 9})
    nights = [RUN_DATE + n * DAY for n in range(8)]
    order = sorted(nights, key=lambda night: (night + chance.choice((0, 0, 0, 3)) * DAY, night))
    order = [night for night in order for _ in range(chance.choice((1, 1, 2)))]
    merged_on = RUN_DATE + chance.randint(2, 12) * DAY
    known: dict[str, pa.Table] = {}
    for night in order:
        arrived = [(a, e, d) for a, e, d, comes in told if comes <= night]
        owner = {"a": "a", "b": "a" if night >= merged_on else "b"}
        accounts = [{"account_id": f"email:{i}", "customer_id": owner[i]} for i in "ab"]
        tables = {**customers("a", "b"), **events(*arrived), "customer_map": rows("identity.customer_map", accounts)}
        known["trigger_firings"] = after(tables, known, what, night)
    written = known["trigger_firings"].to_pylist()
    by_account = [(row["account_id"], row["occasion"]) for row in written]
    assert len(by_account) == len(set(by_account))
    assert {row["occasion"] for row in written} <= {f"email_sent {d}" for _, e, d, _ in told if e == "email_sent"}


def after(tables: dict[str, pa.Table], known: dict[str, pa.Table], what: Trigger, night: date) -> pa.Table:
    """The firings after a night, by the job's own queries."""
    lake = MemoryLake(None, **tables, **known)
    found = lake.fetch(job.firing_query({"x": what}, policy(), night))
    new = lake.fetch(job.firing_rows_query(found, {"x": what}, night))
    return pa.concat_tables([lake.fetch(job.kept_query(night)).select(new.column_names).cast(new.schema), new])


@pytest.mark.parametrize("seed", range(2))
def test_files_in_time_fire_what_a_plain_loop_over_days_fires(seed):
    told = [(a, e, d) for a, e, d, _ in history(seed)]
    what, known = trigger(**{**sequence(2), "valid_days": 1}), {}
    expected = set()
    for night in (RUN_DATE + n * DAY for n in range(10)):
        arrived = [one for one in told if one[2] <= night]
        known["trigger_firings"] = after({**customers("a", "b"), **events(*arrived)}, known, what, night)
        for account, event, day in told:
            ordered = any(a == account and e == "order" and day <= d <= day + 2 * DAY for a, e, d in told)
            if event == "email_sent" and day + 2 * DAY == night and not ordered:
                expected.add((account[-1], f"email_sent {day}", night))
    written = {(r["customer_id"], r["occasion"], r["fired_on"]) for r in known["trigger_firings"].to_pylist()}
    assert written == expected


def test_events_that_no_export_brings_are_told_with_those_that_there_are():
    known = {"a": trigger(**sequence()), "b": trigger(silence={"own_intervals": 3})}
    assert job.unknown_events(known, ["email_sent", "visit"]) == ""
    told = job.unknown_events(known, ["mail_out", "visit"])
    assert told.startswith("no export brings events that triggers ask for: email_sent (a); interactions are mail_out")


@pytest.mark.parametrize(
    ("what", "content", "words"),
    [
        (sequence(), "use your {item}", "about no item"),
        ({"item_due": {"min_probability": 0.5}}, "due: {itm}", "no field but {item}"),
        ({"item_due": {"min_probability": 0.5}}, "due: {item}", ""),
        ({"points_expire": {"min_points": 5}}, "use your {{item}}", "no field but {item}"),
    ],
)
def test_a_content_asks_for_the_item_alone_and_where_there_is_one(what, content, words):
    if not words:
        assert trigger(**what, content=content)
        return
    with pytest.raises(ValueError, match=re.escape(words)):
        trigger(**what, content=content)


def test_points_that_go_soon_fire_once_until_the_first_of_them_are_gone():
    balance = {"customer_id": "a", "account_id": "email:a", "points": 90, "expiring_points": 60, "is_held_out": False}
    balance |= {"next_expires_on": RUN_DATE + 9 * DAY, "qualifying_points": 90, "worth": 0}
    known = {"loyalty_balances": rows("gold.loyalty_balances", [balance])}
    what = trigger(points_expire={"min_points": 60})
    assert fired(what, **known) == [("a", "points expire")]
    assert fired(trigger(points_expire={"min_points": 61}), **known) == []
    former = firing("x", "a", "points expire", RUN_DATE - DAY, occasion_until=RUN_DATE + 9 * DAY)
    assert fired(what, **known, trigger_firings=former) == []
    over = firing("x", "a", "points expire", RUN_DATE - 20 * DAY, occasion_until=RUN_DATE - DAY)
    assert fired(what, **known, trigger_firings=over) == [("a", "points expire")]


def test_a_definition_without_the_newer_keys_keeps_the_hash_that_it_is_on_record_by():
    plain = trigger(item_due={"min_probability": 0.5})
    assert "points_expire" in plain.model_dump()
    assert "points_expire" not in definitions.said(plain)
    assert "points_expire" in definitions.said(trigger(points_expire={"min_points": 1}))
