"""The job on a small lake, night after night."""

import dataclasses
from datetime import date

import pytest

from jobs.identity import customer_map
from tests.identity.readings import counted, ids

FIRST, SECOND, THIRD = date(2017, 10, 1), date(2017, 10, 2), date(2017, 10, 3)


def night(lake, rows, run_date, settings, mode=None):
    view = lake.for_job("identity.customer_map", "hash-1")
    view.publish("silver.customers", rows, run_date, mode)
    customer_map.run(lake.for_job("identity.customer_map", "hash-1"), run_date, settings)


@pytest.fixture
def small(settings):
    return dataclasses.replace(settings, lane="duckdb")


def test_nights_of_arrivals_changes_and_nothing(lake, silver, people, small):
    late = people[-4:]
    stranger = {"account_id": "card:x", "is_event_only": True}

    night(lake, silver([*people[:-4], stranger]), FIRST, small)
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


@pytest.mark.slow
def test_both_lanes_make_the_same_customers(lake, silver, people, settings):
    made = {}
    for lane in ("duckdb", "spark"):
        chosen = dataclasses.replace(settings, lane=lane)
        there = dataclasses.replace(lake, root=f"{lake.root}/{lane}")
        night(there, silver(people), FIRST, chosen)
        made[lane] = ids(there)
    assert made["duckdb"] == made["spark"]
