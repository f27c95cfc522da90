"""Nights that decide, and days without the receiver: what did not go out is decided anew, nothing goes out twice."""

import itertools
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.activation import contactability, decisions, deliveries
from jobs.activation.delivering import deliver, receipts
from jobs.activation.settings.contact_policy import Cap
from jobs.activation.settings.destinations import Destination, Webhook
from lakehouse.config.layers import Conf
from tests.activation.delivering.handing import webhook
from tests.activation.delivering.lake_on_disk import FROM
from tests.activation.delivering.receiver import SECRET, Receiver
from tests.activation.small_company import Nights, consents, customers, policy, rows
from tests.conftest import RUN_DATE

DAY = timedelta(days=1)
IDS = [f"c{n:02d}" for n in range(12)]
AUDIENCES = """
audiences:
  champions: {holdout_share: 0, cool_down_days: 5, expected_lift: 0.2}
"""
POLICY = policy(caps=(Cap(days=1, most=1), Cap(days=4, most=1)), days_between=2)


class Lake(Nights):
    """Nights of twelve champions, and hand-overs that see what the last one left."""

    run_date = RUN_DATE

    def answer(self, query: Any) -> pa.Table:
        return self.fetch(query)

    def night(self, run_date: date) -> set[str]:
        """Receipts come in, then who may be contacted and who hears what: the customers that are chosen."""
        self.run_date = run_date
        deliveries.run(self, run_date, None)  # type: ignore[arg-type]
        contactability.run(self, run_date, POLICY)  # type: ignore[arg-type]
        decisions.run(self, run_date, POLICY)  # type: ignore[arg-type]
        made = self.tables["decisions"].to_pylist()
        return {d["customer_id"] for d in made if d["run_date"] == run_date and d["outcome"] == "chosen"}


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    (tmp_path / "audiences.yaml").write_text(AUDIENCES)
    profile = [{"customer_id": i, "average_order": 50, "order_count": 1} for i in IDS]
    members = [{"customer_id": i, "segment": "champions"} for i in IDS]
    lake = Lake(
        Conf([tmp_path], overrides={"lake": str(tmp_path / "lake")}),
        **customers(*IDS),
        consents=consents(*((i, "marketing", True) for i in IDS)),
        segments=rows("gold.segments", members),
        customer_profile=rows("gold.customer_profile", profile),
    )
    monkeypatch.setattr(deliver, "LocalTables", lambda _conf: lake)
    monkeypatch.setattr("jobs.activation.delivering.pauses.FIRST_PAUSE", 0.0)
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    return lake


def handed(lake: Lake, place: Destination, **how: Any) -> dict[str, int]:
    """A hand-over on the morning after the last night."""
    at: datetime = FROM + (lake.run_date - RUN_DATE)
    return dict(deliver.deliver(lake.conf, "crm", place, at, **how))


def away(receiver: Receiver) -> Destination:
    """The destination, where nobody listens."""
    return webhook(receiver, attempts=1, webhook=Webhook(url="http://127.0.0.1:9/messages", secret="env:HOOK_SECRET"))


@pytest.mark.parametrize("how", ["nobody listens", 503, 500, "switch", "nobody approves", "rejected"])
def test_what_did_not_go_out_is_decided_anew_the_night_after_and_what_is_not_true_any_more_is_not(
    company: Lake, receiver: Receiver, how: Any
):
    assert company.night(RUN_DATE) == set(IDS)
    not_sent(company, receiver, how)
    company.tables["consents"] = consents(*((i, "marketing", i != "c03") for i in IDS))

    assert company.night(RUN_DATE + DAY) == set(IDS) - {"c03"}
    receiver.mood = lambda number, messages: 200
    assert handed(company, webhook(receiver))["sent"] == 11
    assert {one["customer_id"] for one in receiver.taken.values()} == set(IDS) - {"c03"}
    assert company.night(RUN_DATE + 2 * DAY) == set()


def not_sent(company: Lake, receiver: Receiver, how: Any) -> None:
    """A day on which nothing goes out."""
    if isinstance(how, int):
        receiver.mood = lambda number, messages: how
        assert handed(company, webhook(receiver, attempts=1)) == {"waits": 12}
    elif how == "nobody listens":
        assert handed(company, away(receiver)) == {"waits": 12}
    elif how == "switch":
        Path(company.root).mkdir(parents=True, exist_ok=True)
        Path(company.root, receipts.STOP).touch()
        assert handed(company, webhook(receiver)) == {"stopped": 12}
        Path(company.root, receipts.STOP).unlink()
    else:
        answer = deliver.Answer("jane", FROM, RUN_DATE, is_yes=False) if how == "rejected" else None
        assert handed(company, webhook(receiver, ask_above=3), answer=answer) == {"wait for approval": 12}


def test_what_may_have_arrived_though_no_reply_came_is_not_decided_again(company: Lake, receiver: Receiver):
    company.night(RUN_DATE)
    receiver.mood = lambda number, messages: "lost"
    assert handed(company, webhook(receiver, attempts=1, batch_size=4)) == {"waits": 12}
    held = {one["customer_id"] for one in receiver.taken.values()}
    assert len(held) == 4
    assert company.night(RUN_DATE + DAY) == set(IDS) - held


def test_a_try_without_an_answer_stays_one_when_the_receiver_is_away_later_or_the_hour_is_past(
    company: Lake, receiver: Receiver
):
    company.night(RUN_DATE)
    receiver.mood = lambda number, messages: "lost"
    handed(company, webhook(receiver, attempts=1, batch_size=12))
    handed(company, away(receiver))
    company.run_date = RUN_DATE
    late = FROM + timedelta(hours=14)
    assert dict(deliver.deliver(company.conf, "crm", webhook(receiver), late)) == {"not sent: too_late": 12}
    assert {row["state"] for row in receipts.waiting(company.root)} == {"tried"}
    assert company.night(RUN_DATE + DAY) == set()


def test_where_nothing_is_handed_over_here_what_was_decided_counts_as_said(company: Lake):
    assert company.night(RUN_DATE) == set(IDS)
    assert company.night(RUN_DATE + DAY) == set()


def test_a_day_on_which_nobody_hands_over_is_such_a_day_while_the_destination_is_in_use(
    company: Lake, receiver: Receiver
):
    company.night(RUN_DATE)
    handed(company, away(receiver))
    for number in range(1, 9):
        assert company.night(RUN_DATE + number * DAY) == set(IDS), number
    assert company.night(RUN_DATE + 9 * DAY) == set()


def test_a_message_that_lacks_what_its_destination_needs_is_not_tried_each_night(company: Lake, receiver: Receiver):
    company.night(RUN_DATE)
    assert handed(company, webhook(receiver, fields=("phone",))) == {"not sent: without phone": 12}
    assert company.night(RUN_DATE + DAY) == set()


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 20))])
def test_over_days_of_any_kind_nobody_hears_more_than_a_cap_and_everybody_hears_in_the_end(
    company: Lake, receiver: Receiver, seed: int
):
    """Caps are looked up in what the receiver took, day by day; the last days are without trouble."""
    chance, heard = random.Random(seed), {i: [] for i in IDS}
    for number in range(12):
        company.night(RUN_DATE + number * DAY)
        before = set(receiver.taken)
        kinds = (200, 503, "lost", "hang", 502) if number < 5 else (200,)
        receiver.mood = lambda _number, _messages, kinds=kinds: chance.choice(kinds)
        place = webhook(receiver, attempts=chance.choice((1, 2)), batch_size=chance.choice((1, 3, 12)))
        for _ in range(chance.choice((1, 2)) if number < 5 else 1):
            handed(company, place if number >= 5 or chance.random() < 0.8 else away(receiver))
        for key in set(receiver.taken) - before:
            heard[receiver.taken[key]["customer_id"]].append(number)
    assert all(heard.values())
    for days in heard.values():
        assert all(after - day >= 5 for day, after in itertools.pairwise(days)), heard
