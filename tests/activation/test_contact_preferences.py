"""By which channel and at which hour customers answer (contact_preferences): learned as far as reliable."""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from jobs.activation import contact_preferences as job
from jobs.activation.deciding import sending
from jobs.activation.preferring import reliability
from jobs.activation.settings.contact_policy import Channel, Preferences
from tests.activation.small_company import Nights, customers, policy, rows
from tests.conftest import RUN_DATE

DAY = timedelta(days=1)
CHANNELS = {
    "email": Channel(reached_by="email", capacity_per_night=9, cost=0, contacted_by=("email_sent",)),
    "phone": Channel(reached_by="phone", capacity_per_night=9, cost=0, contacted_by=("call_made",)),
}


def learned(sent: list[tuple[str, str, int]], orders: list[tuple[str, int, int]], **changes: Any) -> dict[Any, Any]:
    """(customer, interaction type, days ago) and orders (customer, days ago, UTC hour) -> rows by customer, channel."""
    told = [
        {
            "interaction_id": f"{n}", "account_id": f"email:{c}", "interaction_type": kind,
            "occurred_date": RUN_DATE - ago * DAY,
        }
        for n, (c, kind, ago) in enumerate(sent)
    ]  # fmt: skip
    bought = [
        {
            "order_id": f"{n}", "account_id": f"email:{c}", "order_type": "sale", "order_date": RUN_DATE - ago * DAY,
            "ordered_at": datetime.combine(RUN_DATE - ago * DAY, time(hour, 30), UTC),
        }
        for n, (c, ago, hour) in enumerate(orders)
    ]  # fmt: skip
    ids = sorted({c for c, *_ in sent})
    lake = Nights(
        None,
        **customers(*ids, state=changes.pop("state", None)),
        interactions=rows("silver.interactions", told),
        orders=rows("silver.orders", bought),
    )
    zones = {"QLD": "Australia/Brisbane"}
    job.run(lake, RUN_DATE, policy(channels=CHANNELS, responses=(), caps=(), zones=zones, purposes={}, **changes))
    return {(row["customer_id"], row["channel"]): row for row in lake.tables["contact_preferences"].to_pylist()}


def company() -> tuple[list[tuple[str, str, int]], list[tuple[str, int, int]]]:
    """Some answer calls alone, in the morning; others mails alone, in the evening; ten messages of each kind to all."""
    sent = [(f"{who}{n}", kind, 20 * k + 9 * (kind == "call_made") + 8) for who in "mc" for n in range(9)
            for k in range(10) for kind in ("email_sent", "call_made")]  # fmt: skip
    orders = [(c, ago - 1, 9 if c[0] == "c" else 19) for c, kind, ago in sent if (kind == "call_made") == (c[0] == "c")]
    return sent, orders


def test_each_is_reached_best_as_they_answer():
    found = learned(*company())
    assert {c for (c, channel), row in found.items() if row["is_preferred"] and channel == "phone"} == {
        f"c{n}" for n in range(9)
    }
    assert found["c0", "phone"]["answer_rate"] > 0.9
    assert found["c0", "email"]["answer_rate"] < 0.1
    assert {(c[0], row["preferred_hour"]) for (c, _), row in found.items()} == {("c", 9), ("m", 19)}


def test_hours_are_those_where_the_customer_lives():
    assert {row["preferred_hour"] for row in learned(*company(), state="QLD").values()} == {19, 5}


def test_differences_that_chance_alone_makes_are_not_believed():
    chance = random.Random(5)
    sent = [(f"c{n:03d}", "email_sent", 10 * k + 8) for n in range(150) for k in range(6)]
    orders = [(c, ago - 1, chance.choice((9, 13, 19))) for c, _, ago in sent if chance.random() < 0.4]
    found = learned(sent, orders).values()
    assert sum(row["is_preferred"] for row in found) < 8
    assert sum(row["preferred_hour"] is not None for row in found) < 8


def test_a_message_whose_days_are_not_over_says_nothing_yet():
    assert learned([("a", "email_sent", 7)], [], preferences=Preferences(answer_days=7)) != {}
    assert learned([("a", "email_sent", 6)], [], preferences=Preferences(answer_days=7)) == {}


def test_strength_finds_the_spread_that_the_numbers_were_drawn_from():
    chance = np.random.default_rng(3)
    rates = chance.beta(2, 6, 4000)  # strength 8
    trials = chance.integers(1, 20, 4000)
    answers = chance.binomial(trials, rates)
    kinds = [(float(answers.sum()), float((answers**2 / trials).sum()))]
    assert reliability.strength(4000, trials.sum(), (trials**2).sum(), kinds) == pytest.approx(8, rel=0.15)
    assert reliability.strength(0, 0, 0, []) == reliability.NONE


@pytest.mark.parametrize(("hour", "begins"), [(-1, 8), (3, 8), (8, 8), (15, 15), (20, 20), (21, 8), (23, 8)])
def test_a_wished_hour_is_kept_and_quiet_hours_win(hour, begins):
    windows = sending.windows({"email": CHANNELS["email"]}, ["UTC"], RUN_DATE, "UTC")
    row = next(one for one in windows.to_pylist() if one["hour"] == hour)
    assert (row["send_from"].hour, row["send_until"].hour) == (begins, 21)
