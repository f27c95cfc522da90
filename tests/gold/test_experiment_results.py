"""From orders and decisions to readings: units, windows, states (gold.experiment_results)."""

from datetime import timedelta
from typing import Any

import pytest

from jobs.gold import experiment_results as job
from jobs.gold.commands import experiment
from jobs.gold.settings.experiments import Experiment, Experiments
from lakehouse.delta import rs_tables, spark_writer
from lakehouse.sql.hashed_share import is_held_out
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake
from tests.gold.small_rows import rows

DAY = timedelta(days=1)
START = RUN_DATE - 10 * DAY


def settings(**changes: Any) -> Experiments:
    said: dict[str, Any] = {"salt": "1", "level": 0.95, "power": 0.8, "min_units": 2, "message_horizon_days": 5}
    said |= {"likely_effect": 0.1, "sample_ratio_p_value": 0.0005, "experiments": {}}
    return Experiments(**{**said, **changes})


def experiment_of(**changes: Any) -> Experiment:
    said = {"description": "d", "owner": "o", "arms": {"a": 0.5, "b": 0.5}, "control": "a", "start_date": START}
    return Experiment(**{**said, "horizon_days": 10, "metric": "spend", "relative_effect": 0.1, **changes})


def company(orders: list[tuple[str, int, int]], ids: list[str], **tables: Any) -> MemoryLake:
    """Orders as (customer, days after START, money); everybody had ordered before."""
    days = [
        {
            "account_id": i,
            "channel": "shop",
            "order_date": START + n * DAY,
            "order_count": 1,
            "spend_cents": money * 100,
        }
        for i, n, money in orders
    ]
    return MemoryLake(
        None,
        customer_order_days=rows("gold.customer_order_days", days),
        customer_map=rows("identity.customer_map", [{"account_id": i, "customer_id": i} for i in ids]),
        customer_profile=rows(
            "gold.customer_profile", [{"customer_id": i, "first_order_date": START - 99 * DAY} for i in ids]
        ),
        **tables,
    )


def read(lake: MemoryLake, conf: Experiments) -> list[dict[str, Any]]:
    job.publish_results(lake, RUN_DATE, conf)
    return lake.published[job.WRITES].to_pylist()


def test_the_day_after_the_assignment_is_the_first_that_counts_and_the_horizons_last_day_counts():
    ids = [f"c{n}" for n in range(40)]
    orders = [(i, n, money) for i in ids for n, money in ((0, 1000), (1, 3), (10, 4), (-3, 7))]
    lake = company(orders, ids)
    conf = settings(experiments={"x": experiment_of()})
    (row,) = [r for r in read(lake, conf) if (r["metric"], r["segment"]) == ("spend", "all")]
    assert (row["control_mean"], row["mean"], row["difference"]) == (7.0, 7.0, 0.0)
    assert row["control_unit_count"] + row["unit_count"] == 40


def test_arms_are_those_of_the_salted_hash():
    ids = [f"c{n}" for n in range(200)]
    conf = settings(experiments={"x": experiment_of(arms={"a": 0.3, "b": 0.7})})
    (row,) = [r for r in read(company([], ids), conf) if (r["metric"], r["segment"]) == ("spend", "all")]
    assert row["control_unit_count"] == sum(is_held_out("1", "x", i, 0.3) for i in ids)


def test_segments_are_made_of_what_was_done_before_the_assignment():
    ids = [f"c{n}" for n in range(30)]
    orders = [(i, -n, 5) for k, i in enumerate(ids) for n in range(k % 5)]
    found = read(company(orders, ids), settings(experiments={"x": experiment_of()}))
    counts = {r["segment"]: r["control_unit_count"] + r["unit_count"] for r in found if r["metric"] == "spend"}
    assert counts == {"all": 30, "no_order_before": 6, "few_orders_before": 12, "many_orders_before": 12}


def test_an_experiment_that_has_not_begun_and_one_with_few_customers_say_so():
    conf = settings(experiments={"x": experiment_of(start_date=RUN_DATE)}, min_units=50)
    lake = company([], ["c1"])
    assert read(lake, conf) == []
    assert any("no experiment has begun" in note for note in lake.notes)
    conf = settings(experiments={"x": experiment_of()}, min_units=50)
    assert {r["state"] for r in read(company([], ["c1", "c2"]), conf)} == {"too_few"}


def decided(ids: list[str], share: float, control: set[str]) -> list[dict[str, Any]]:
    base = {"kind": "audience", "name": "m", "occasion": "", "channel": "email", "version": "1", "purpose": "marketing"}
    base |= {"content": "c", "expected_value": 1, "cost": 0, "priority": 1, "control_share": share, "reason": "r"}
    return [
        {
            **base, "run_date": RUN_DATE - 6 * DAY, "customer_id": i, "account_id": i,
            "outcome": "held_out" if i in control else "chosen", "rule": "control" if i in control else "chosen",
        }
        for i in ids
    ]  # fmt: skip


def test_the_control_of_a_message_is_read_without_an_entry_in_conf():
    ids = [f"c{n}" for n in range(60)]
    control = set(ids[:30])
    orders = [(i, 5, 10 if i in control else 30) for i in ids]
    lake = company(orders, ids, decisions=rows("activation.decisions", decided(ids, 0.5, control)))
    (row,) = [r for r in read(lake, settings()) if (r["metric"], r["segment"]) == ("spend", "all")]
    assert (row["experiment"], row["control_unit_count"], row["unit_count"]) == ("audience:m", 30, 30)
    assert (row["difference"], row["ratio"]) == pytest.approx((20.0, 3.0))


def test_wrong_sizes_of_the_arms_stop_the_reading():
    ids = [f"c{n}" for n in range(200)]
    lake = company(
        [(i, 5, 1) for i in ids], ids, decisions=rows("activation.decisions", decided(ids, 0.5, set(ids[:20])))
    )
    found = read(lake, settings())
    assert {r["state"] for r in found} == {"sample_ratio_mismatch"}
    assert all(r["difference"] is None for r in found)
    assert any("the arms have not the sizes" in note for note in lake.notes)


def test_who_entered_too_late_for_the_horizon_does_not_count_yet():
    ids = ["c1", "c2"]
    lake = company([], ids, decisions=rows("activation.decisions", decided(ids, 0.5, {"c1"})))
    assert read(lake, settings(message_horizon_days=7)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"control": "c"}, "none of the arms"),
        ({"arms": {"a": 0.7, "b": 0.7}}, "more than 1 together"),
        ({"arms": {"a": 0.5}}, "two arms or more"),
        ({"guardrails": ("spend",)}, "the metric itself"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        experiment_of(**changes)


def test_a_design_is_made_of_the_companys_own_past():
    ids = [f"c{n}" for n in range(100)]
    orders = [(i, day, 10 + k % 7) for k, i in enumerate(ids) for day in (-5, 5)]
    lake = company(orders, ids)
    lake.run_date, lake.answer = RUN_DATE, lake.fetch  # type: ignore[attr-defined]
    (row,) = experiment.design_of("x", settings(experiments={"x": experiment_of(relative_effect=0.05)}), lake)
    assert row["customers"] == 100
    assert row["mean"] == pytest.approx(12.95, abs=0.1)
    assert row["units"] > row["cuped_units"]
    assert (row["wait_days"], row["note"]) == (0, "")


@pytest.mark.parametrize(("new", "days"), [(0, None), (10, 100)])
def test_a_design_that_lacks_customers_says_for_how_long_to_wait(new, days):
    """A tenth of a hundred customers came in the ten days of the horizon: one a day."""
    ids = [f"c{n}" for n in range(100)]
    lake = company([(i, day, 10 + k % 7) for k, i in enumerate(ids) for day in (-5, 5)], ids)
    came = [{"customer_id": i, "first_order_date": RUN_DATE - DAY * (3 if n < new else 99)} for n, i in enumerate(ids)]
    lake.tables["customer_profile"] = rows("gold.customer_profile", came)
    assert experiment.growth_of(as_tables(lake), 10) == pytest.approx(new / 1000)
    told = experiment._wait(100, new / 10, "customer")
    assert told["wait_days"] == days
    assert ("no new ones come" in told["note"]) == (new == 0)


def as_tables(lake: MemoryLake) -> Any:
    """The lake as a command sees it."""
    lake.run_date, lake.answer = RUN_DATE, lake.fetch  # type: ignore[attr-defined]
    return lake


def test_rows_that_say_nothing_yet_can_be_committed(tmp_path):
    """A column that may be NULL has no list of values: delta-rs takes NULL for none of them."""
    lake = company([], ["c1", "c2"])
    job.publish_results(lake, RUN_DATE, settings(experiments={"x": experiment_of()}, min_units=50))
    contract = lake.contracts[job.WRITES]
    rs_tables.create(str(tmp_path), contract, spark_writer.table_properties(contract))
    rs_tables.commit(str(tmp_path), contract, lake.published[job.WRITES], "replace", {})
    assert rs_tables.columns(str(tmp_path), 1)


def test_who_came_up_to_a_tier_is_held_against_its_control():
    stay = {"move": "up", "valid_from": START, "kept_until": START, "qualifying_points": 1, "tier": "gold"}
    stays = [
        {**stay, "customer_id": i, "account_id": i, "is_held_out": i in "ab", "control_share": 0.5} for i in "abcd"
    ]
    stays.append({**stays[2], "customer_id": "e", "account_id": "e", "move": "merged"})
    lake = company([("c", 1, 30), ("d", 2, 10), ("a", 3, 8)], list("abcde"))
    lake.tables["loyalty_tiers"] = rows("gold.loyalty_tiers", stays)
    job.publish_results(lake, RUN_DATE, settings())  # type: ignore[arg-type]
    row = next(
        one for one in lake.published[job.WRITES].to_pylist() if (one["metric"], one["segment"]) == ("spend", "all")
    )
    assert (row["experiment"], row["control_unit_count"], row["unit_count"]) == ("tier:gold", 2, 2)
    assert (row["control_mean"], row["mean"], row["difference"]) == (4.0, 20.0, 16.0)


def test_customers_who_live_together_are_in_one_arm_and_count_as_one():
    """Forty customers in twenty homes: each home spends what its two members spend."""
    ids = [f"c{n:02d}" for n in range(40)]
    homes = [{"customer_id": i, "household_id": f"h{n // 2}", "member_count": 2} for n, i in enumerate(ids)]
    lake = company([(i, 1, 10) for i in ids], [*ids, "alone"], households=rows("identity.households", homes))
    conf = settings(experiments={"x": experiment_of(unit="household", arms={"a": 0.4, "b": 0.6})})
    (row,) = [r for r in read(lake, conf) if (r["metric"], r["segment"]) == ("spend", "all")]
    held = [h for h in (*(f"h{n}" for n in range(20)), "alone") if is_held_out("1", "x", h, 0.4)]
    assert (row["control_unit_count"], row["unit_count"]) == (len(held), 21 - len(held))
    homes_held = len([h for h in held if h != "alone"])
    assert row["control_mean"] == pytest.approx(20 * homes_held / len(held))


def all_messages(control: set[str], ids: list[str]) -> list[dict[str, Any]]:
    """A night on which the universal holdout is left alone, one message's control too, and some bring nothing."""
    made = decided(ids, 0.2, set())
    for row in made:
        if row["customer_id"] in control:
            row |= {"outcome": "held_out", "rule": "universal_holdout", "control_share": 0.5}
    made[-1] |= {"outcome": "held_out", "rule": "control"}
    made[-2] |= {"outcome": "no_value", "rule": "no_value"}
    return made


def test_all_messages_together_are_held_against_the_universal_holdout():
    ids = [f"c{n:02d}" for n in range(60)]
    control = set(ids[:30])
    never = {**decided(["c99"], 0.2, set())[0], "outcome": "not_allowed", "rule": "refused"}
    service = {**decided(["c98"], 0.2, set())[0], "purpose": "service"}
    told = rows("activation.decisions", [*all_messages(control, ids), never, service])
    lake = company([(i, 5, 10 if i in control else 12) for i in ids], [*ids, "c98", "c99"], decisions=told)
    found = [r for r in read(lake, settings()) if (r["metric"], r["segment"]) == ("spend", "all")]
    row = next(r for r in found if r["experiment"] == "holdout:universal")
    assert (row["control_unit_count"], row["unit_count"]) == (30, 30)
    assert (row["difference"], row["state"]) == (pytest.approx(2.0), "read")
    assert {r["experiment"] for r in found} == {"holdout:universal", "audience:m"}
