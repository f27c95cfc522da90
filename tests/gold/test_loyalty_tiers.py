"""Tiers and balances of the loyalty programme (jobs/gold/loyalty_tiers.py): up, kept, down, merged, held out."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from jobs.gold import loyalty_tiers as job
from jobs.gold.settings.loyalty import Settings
from tests.activation.small_company import CONF, Nights, rows
from tests.conftest import RUN_DATE

DAY = timedelta(days=1)
TIERS = {"silver": {"min_points": 100}, "gold": {"min_points": 500}}


def settings(**changes: Any) -> Settings:
    said = {"earning": ({"points_per_unit": 1},), "tiers": TIERS, "qualify_days": 30, "keep_days": 10, **changes}
    return CONF.settings("loyalty", Settings).replace(**said)


def entry(account: str, customer: str, day: date, points: int, **changes: Any) -> dict[str, Any]:
    lot = f"order:{account}{day}"
    made = {"posted_on": day, "event": "earn", "movement_id": lot, "by_account_id": account, "lot_id": lot}
    made |= {"account_id": account, "customer_id": customer, "event_date": day, "points": points, "earned_on": day}
    return made | changes


def night(
    lake: Nights, run_date: date, entries: list[dict[str, Any]], owner: dict[str, str], **known: Any
) -> list[Any]:
    """Stays after a night: customer, tier, move, from, to; the night run twice gives the same."""
    lake.tables["loyalty_ledger"] = rows("gold.loyalty_ledger", entries)
    lake.tables["customer_map"] = rows(
        "identity.customer_map", [{"account_id": a, "customer_id": c} for a, c in owner.items()]
    )
    found = []
    for _ in range(2):
        job.run(lake, run_date, settings(**known))  # type: ignore[arg-type]
        stays = lake.tables["loyalty_tiers"].to_pylist()
        found.append(sorted((s["customer_id"], s["tier"], s["move"], s["valid_from"], s["valid_to"]) for s in stays))
    assert found[0] == found[1]
    return found[0]


def balance(lake: Nights, customer: str) -> dict[str, Any]:
    return next(row for row in lake.tables["loyalty_balances"].to_pylist() if row["customer_id"] == customer)


def test_points_make_a_tier_which_is_kept_for_its_days_and_then_goes():
    lake, owner, first = Nights(), {"a": "A"}, RUN_DATE
    entries = [entry("a", "A", first - 25 * DAY, 600)]
    up = ("A", "gold", "up", first)
    assert night(lake, first, entries, owner) == [(*up, None)]
    assert night(lake, first + 9 * DAY, entries, owner) == [(*up, None)]
    entries.append(entry("a", "A", first + 8 * DAY, 150))
    over = first + 10 * DAY
    assert night(lake, over, entries, owner) == [(*up, over), ("A", "silver", "down", over, None)]
    (gone,) = [s for s in lake.tables["loyalty_tiers"].to_pylist() if s["valid_to"]]
    assert gone["dwell_days"] == 10
    end = first + 60 * DAY
    assert night(lake, end, entries, owner)[-1] == ("A", "silver", "down", over, end)
    assert balance(lake, "A")["tier"] is None


def test_of_two_who_become_one_the_higher_tier_stays_and_the_day_until_which_it_is_kept():
    lake = Nights()
    entries = [entry("a", "A", RUN_DATE, 120), entry("b", "B", RUN_DATE, 500)]
    night(lake, RUN_DATE, entries, {"a": "A", "b": "B"})
    later = RUN_DATE + 5 * DAY
    moved = {"event": "merge", "event_date": later, "posted_on": later, "earned_on": RUN_DATE}
    lot = f"order:b{RUN_DATE}"
    entries += [
        entry("b", "B", later, -500, lot_id=lot, **moved),
        entry("b", "A", later, 500, lot_id=lot, **moved),
    ]
    stays = night(lake, later, entries, {"a": "A", "b": "A"})
    assert stays == [
        ("A", "gold", "merged", later, None),
        ("A", "silver", "up", RUN_DATE, later),
        ("B", "gold", "up", RUN_DATE, later),
    ]
    assert balance(lake, "A") | {"points": 620, "tier": "gold", "qualifying_points": 620} == balance(lake, "A")


def test_a_customer_who_parts_from_an_account_keeps_the_tier_and_the_other_begins_anew():
    lake = Nights()
    entries = [entry("a", "A", RUN_DATE, 120), entry("b", "A", RUN_DATE, 500)]
    night(lake, RUN_DATE, entries, {"a": "A", "b": "A"})
    later = RUN_DATE + DAY
    moved = {"event": "split", "event_date": later, "posted_on": later, "earned_on": RUN_DATE}
    lot = f"order:a{RUN_DATE}"
    entries += [entry("a", "A", later, -120, lot_id=lot, **moved), entry("a", "A2", later, 120, lot_id=lot, **moved)]
    stays = night(lake, later, entries, {"a": "A2", "b": "A"})
    assert stays == [("A", "gold", "up", RUN_DATE, None), ("A2", "silver", "up", later, None)]
    assert {
        row["customer_id"]: (row["account_id"], row["points"]) for row in lake.tables["loyalty_balances"].to_pylist()
    } == {
        "A": ("b", 500),
        "A2": ("a", 120),
    }


def test_a_tier_that_is_named_no_more_ends_and_stays_on_record():
    lake = Nights()
    entries = [entry("a", "A", RUN_DATE, 120)]
    night(lake, RUN_DATE, entries, {"a": "A"})
    later = RUN_DATE + DAY
    stays = night(lake, later, entries, {"a": "A"}, tiers={"plus": {"min_points": 50}})
    assert stays == [("A", "plus", "up", later, None), ("A", "silver", "up", RUN_DATE, later)]


def test_who_became_another_has_no_balance_any_more():
    lake = Nights()
    entries = [
        entry("b", "B", RUN_DATE, 10),
        entry("b", "B", RUN_DATE, -10, event="merge"),
        entry("b", "A", RUN_DATE, 10),
    ]
    night(lake, RUN_DATE, entries, {"b": "A"})
    assert [row["customer_id"] for row in lake.tables["loyalty_balances"].to_pylist()] == ["A"]


def test_what_expires_soon_is_told_and_points_go_no_sooner_than_older_ones():
    soon = RUN_DATE + 5 * DAY
    entries = [
        entry("a", "A", RUN_DATE - 10 * DAY, 5, expires_on=RUN_DATE + DAY),
        entry("a", "A", RUN_DATE - 9 * DAY, 40, expires_on=soon),
        entry("a", "A", RUN_DATE - 8 * DAY, 30, expires_on=soon - 3 * DAY),
        entry("a", "A", RUN_DATE - 7 * DAY, 20, expires_on=RUN_DATE + 99 * DAY),
    ]
    lake = Nights()
    night(lake, RUN_DATE, entries, {"a": "A"}, warn_days=30, point_value=0.015)
    told = balance(lake, "A")
    assert (told["points"], told["next_expires_on"], told["expiring_points"]) == (95, soon, 70)
    assert str(told["worth"]) == "1.43"
    assert (told["tier"], told["next_tier"], told["points_to_next_tier"]) == (None, "silver", 5)


def test_the_control_of_a_tier_is_marked_and_stays_marked():
    owner = {f"a{n}": f"A{n}" for n in range(200)}
    entries = [entry(a, c, RUN_DATE, 100) for a, c in owner.items()]
    tiers = {"silver": {"min_points": 100, "control_share": 0.3}}
    lake = Nights()
    night(lake, RUN_DATE, entries, owner, tiers=tiers)
    held = {s["customer_id"] for s in lake.tables["loyalty_tiers"].to_pylist() if s["is_held_out"]}
    assert 35 < len(held) < 85
    night(lake, RUN_DATE + DAY, entries, owner, tiers={"silver": {"min_points": 100, "control_share": 0.9}})
    assert held == {s["customer_id"] for s in lake.tables["loyalty_tiers"].to_pylist() if s["is_held_out"]}


def test_a_ledger_without_entries_gives_empty_tables_and_the_reason():
    lake = Nights()
    assert night(lake, RUN_DATE, [], {}) == []
    assert len(lake.notes) == 4


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 6))])
def test_through_merges_and_splits_each_customer_has_one_tier_at_a_time_and_loses_none_before_its_day(seed):
    chance, lake, entries = random.Random(seed), Nights(), []
    owner = {a: chance.choice("ABCD") for a in "abcdefgh"}
    ranks = {None: 0, "silver": 1, "gold": 2}
    run_date = RUN_DATE
    for _ in range(8):
        run_date += chance.choice((1, 4, 7)) * DAY
        held = (
            {s["customer_id"]: s for s in lake.tables["loyalty_tiers"].to_pylist() if not s["valid_to"]}
            if entries
            else {}
        )
        before = dict(owner)
        owner |= {a: chance.choice("ABCDEF") for a in owner if chance.random() < 0.2}
        moved = [e for e in entries if before[e["account_id"]] == e["customer_id"] != owner[e["account_id"]]]
        for one in moved:
            other = {**one, "event": "split", "posted_on": run_date, "event_date": run_date}
            entries += [other | {"points": -one["points"]}, other | {"customer_id": owner[one["account_id"]]}]
        for account in chance.choices("abcdefgh", k=3):
            points = chance.choice((40, 90, 300, -60))
            lot = f"order:{len(entries)}"
            entries.append(entry(account, owner[account], run_date - chance.randint(0, 20) * DAY, points, lot_id=lot))
        night(lake, run_date, entries, owner)
        stays = lake.tables["loyalty_tiers"].to_pylist()
        lasting = [s["customer_id"] for s in stays if not s["valid_to"]]
        assert len(lasting) == len(set(lasting))
        for one in stays:
            assert one["dwell_days"] == ((one["valid_to"] - one["valid_from"]).days if one["valid_to"] else None)
            after = [s for s in stays if s["customer_id"] == one["customer_id"] and s["valid_from"] > one["valid_from"]]
            assert all(one["valid_to"] and s["valid_from"] >= one["valid_to"] for s in after)
        for who, stay in held.items():
            heir = who if who in owner.values() else owner[stay["account_id"]]
            if stay["kept_until"] > run_date:
                assert ranks[balance(lake, heir)["tier"]] >= ranks[stay["tier"]]
        for who in set(owner.values()) & {e["customer_id"] for e in entries}:
            told = balance(lake, who)
            earned = max(
                rank
                for name, rank in ranks.items()
                if not name or told["qualifying_points"] >= TIERS[name]["min_points"]
            )
            assert ranks[told["tier"]] >= earned
