"""The job on a small lake, night after night."""

import dataclasses
from datetime import date

import pytest

from jobs.gold import customer_rfm
from jobs.identity import customer_map, steward_decisions
from jobs.identity.persistent_ids import decision_file
from lakehouse.config.layers import Conf
from tests.gold.rows import order_days
from tests.identity.readings import counted, ids

FIRST, SECOND, THIRD = date(2017, 10, 1), date(2017, 10, 2), date(2017, 10, 3)


def night(lake, rows, run_date, settings, mode=None):
    view = lake.for_job("identity.customer_map", "hash-1")
    view.publish("silver.customers", rows, run_date, mode)
    customer_map.run(lake.for_job("identity.customer_map", "hash-1"), run_date, settings)


@pytest.fixture
def small(settings):
    return settings.replace(lane="duckdb")


def test_nights_of_arrivals_changes_and_nothing(lake, silver, people, small):
    late = people[-4:]
    unrelated = {"account_id": "card:x", "is_event_only": True}

    night(lake, silver([*people[:-4], unrelated]), FIRST, small)
    first = ids(lake)
    assert set(first) == {a["account_id"] for a in people[:-4]} | {"card:x"}  # every account has a customer
    together = sum(first[f"card:{n}"] == first[f"web:{n}"] for n in range(58))
    assert together >= 55
    assert len(set(first.values())) <= 58 + 1 + 3
    assert list(first.values()).count(first["card:x"]) == 1  # no usable field: alone

    night(lake, silver(late), SECOND, small)
    second = ids(lake)
    assert {a: i for a, i in second.items() if a in first} == first  # old ids stay
    assert second["card:59"] == second["web:59"]
    models = counted(lake, "identity.linkage_models", "trained_on")
    assert models == {FIRST: 1}  # trained once

    version = lake.version("identity.customer_map")
    night(lake, silver([late[0]]), THIRD, small)
    assert lake.version("identity.customer_map") == version  # nothing new: nothing written
    assert set(counted(lake, "identity.customer_id_ledger", "event")) == {"created"}


@pytest.mark.slow
def test_the_whole_company_at_once_gives_the_same_customers_as_night_by_night_ids_aside(lake, silver, people, small):
    night(lake, silver(people), FIRST, small)
    once = ids(lake)
    night(lake, silver(people[::-1]), SECOND, small)
    assert ids(lake) == once  # another order of rows


def test_too_few_accounts_stay_alone_and_the_note_says_so(lake, silver, people, small):
    view = lake.for_job("identity.customer_map", "hash-1")
    view.publish("silver.customers", silver(people[:2]), FIRST)
    job = lake.for_job("identity.customer_map", "hash-1")
    customer_map.run(job, FIRST, small)
    assert len(set(ids(lake).values())) == 2
    assert "too few" in job.notes[0]


def decided(lake, left, right, decision, run_date):
    """A steward's decision by the way that `lakehouse decide` takes."""
    ask = decision_file.decision_line(1, {"account_id_left": left, "account_id_right": right, "decision": decision})
    steward_decisions.leave(lake.root, decision_file.as_table_rows([ask], [], "anna", run_date))
    steward_decisions.run(lake.for_job("identity.steward_decisions", "hash-1"), run_date, lake.profile)


def test_a_decision_alone_merges_two_customers_and_gold_follows_the_same_night(lake, silver, people, small):
    night(lake, silver(people), FIRST, small)
    left, right = ids(lake)["card:1"], ids(lake)["card:2"]
    assert left != right
    bought = order_days(lake.spark, ("card:1", FIRST, 1, 500), ("card:2", FIRST, 2, 700))
    lake.for_job("gold.customer_order_days", "h").publish("gold.customer_order_days", bought, FIRST)
    assert spend(lake, FIRST) == {left: 5, right: 7}

    decided(lake, "card:1", "card:2", "same", FIRST)
    night(lake, silver(people[:1]), SECOND, small)

    after = ids(lake)
    assert after["card:1"] == after["card:2"] in (left, right)
    assert spend(lake, SECOND) == {after["card:1"]: 12}
    ledger = (
        lake.for_job("test", "h").read("identity.customer_id_ledger").where(f"run_date = DATE '{SECOND}'").collect()
    )
    assert [(r.customer_id, r.event, r.other_customer_id, r.evidence) for r in ledger] == [
        (({left, right} - {after["card:1"]}).pop(), "merged", after["card:1"], "steward decision")
    ]
    moves = lake.for_job("test", "h").read("identity.account_moves").collect()
    assert {m.to_customer_id for m in moves} == {after["card:1"]}


def spend(lake, run_date):
    settings = Conf().settings("customer_rfm", customer_rfm.Settings)
    customer_rfm.run(lake.for_job("gold.customer_rfm", "h"), run_date, settings)
    rows = lake.for_job("test", "h").read("gold.customer_rfm").collect()
    return {row.customer_id: row.spend for row in rows}


def test_a_number_that_too_many_share_joins_nobody_and_the_note_counts_it(lake, silver, people, small):
    few = small.guards.replace(most_accounts_of_a_value={"phone": 10})
    hub = [{**a, "phone": "0612345678"} for a in people]
    view = lake.for_job("identity.customer_map", "hash-1")
    view.publish("silver.customers", silver(hub), FIRST)
    job = lake.for_job("identity.customer_map", "hash-1")
    customer_map.run(job, FIRST, small.replace(guards=few))
    assert "1 values of phone are shared by too many accounts (up to 120)" in job.notes[0]
    questions = counted(lake, "identity.review_queue", "reason")
    assert questions["phone shared by too many accounts"] == 1


@pytest.mark.slow
@pytest.mark.timeout(1800)  # two nights on Spark alone: minutes on two cores of one's own, more beside others
def test_both_lanes_make_the_same_customers_and_ledger_night_after_night(lake, silver, people, settings):
    made = {}
    for engine in ("duckdb", "spark"):
        chosen = settings.replace(lane=engine)
        if engine == "spark":  # components by Spark, too
            bound = settings.clustering.replace(collect_up_to_pairs=0)
            chosen = chosen.replace(clustering=bound)
        there = dataclasses.replace(lake, root=f"{lake.root}/{engine}")
        night(there, silver(people[:100]), FIRST, chosen)
        decided(there, "card:1", "card:2", "same", FIRST)
        moved = {**people[4], "surname": "zander", "postcode": "1234"}
        night(there, silver([*people[100:], moved]), SECOND, chosen)
        events = there.for_job("test", "h").read("identity.customer_id_ledger").drop("reason").collect()
        made[engine] = ids(there), {tuple(row) for row in events}
    assert made["duckdb"] == made["spark"]
