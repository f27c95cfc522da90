"""Handing messages over: once, under the consent of now, to a receiver that fails, throttles and hangs (deliveries)."""

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.activation import deliveries as job
from jobs.activation.delivering import receipts
from jobs.activation.delivering.due import message_key_sql
from jobs.activation.delivering.webhook import asked_seconds
from jobs.activation.settings.destinations import Destination, Files
from lakehouse.errors import MachineError
from lakehouse.ops import whole_file
from lakehouse.ops.history import History
from lakehouse.runs import graph, plan
from lakehouse.sql.query import Query
from tests.activation.delivering.handing import Tables, sent, webhook
from tests.activation.delivering.lake_on_disk import UNTIL
from tests.activation.small_company import Nights, consents
from tests.conftest import RUN_DATE


def test_each_message_arrives_once_signed_and_a_second_run_sends_nothing(lake, receiver):
    assert sent(lake, webhook(receiver)) == {"sent": 20}
    assert (len(receiver.taken), len(receiver.requests), receiver.signatures_hold) == (20, 5, True)
    assert sent(lake, webhook(receiver)) == {}
    assert len(receiver.requests) == 5


def test_a_dry_run_sends_nothing_and_keeps_no_receipt(lake, receiver):
    assert sent(lake, webhook(receiver), dry_run=True) == {"would be sent": 20}
    assert (receiver.requests, receipts.waiting(lake.root)) == ([], [])


@pytest.mark.parametrize("mood", [500, 429, "lost", "hang"])
def test_a_receiver_that_fails_at_times_gets_all_of_it_in_the_end(lake, receiver, mood):
    receiver.mood = lambda number, messages: mood if number % 3 else 200
    assert sent(lake, webhook(receiver)) == {"sent": 20}
    assert len(receiver.taken) == 20
    assert not receiver.changed


def test_a_receiver_that_is_down_leaves_the_messages_for_the_next_run(lake, receiver):
    receiver.mood = lambda number, messages: 503
    assert sent(lake, webhook(receiver, attempts=2)) == {"waits": 20}
    receiver.mood = lambda number, messages: 200
    assert sent(lake, webhook(receiver)) == {"sent": 20}


def test_a_message_that_the_receiver_refuses_is_found_and_does_not_hold_the_others(lake, receiver):
    receiver.mood = lambda number, messages: 422 if any(m["customer_id"] == "c07" for m in messages) else 200
    assert sent(lake, webhook(receiver)) == {"sent": 19, "dead": 1}
    (dead,) = [r for r in receipts.waiting(lake.root) if r["state"] == "dead"]
    assert (dead["customer_id"], dead["reason"]) == ("c07", "refused with 422")
    assert sent(lake, webhook(receiver)) == {}


def test_consent_that_was_withdrawn_since_the_night_and_erasure_hold(lake, receiver):
    told = [(f"c{n:02d}", "marketing", n != 3) for n in range(20)]
    lake.tables["consents"] = consents(*told)
    lake.tables["customer_map"] = lake.tables["customer_map"].slice(1)
    assert sent(lake, webhook(receiver)) == {"sent": 18, "not sent: erased": 1, "not sent: refused": 1}
    assert {m["customer_id"] for m in receiver.taken.values()}.isdisjoint({"c00", "c03"})


def test_what_was_to_be_sent_earlier_is_not_sent_any_more(lake, receiver):
    assert sent(lake, webhook(receiver), at=UNTIL) == {"not sent: too_late": 20}


def test_a_message_without_a_field_that_it_needs_is_not_sent(lake, receiver):
    assert sent(lake, webhook(receiver, fields=("email", "given_name"))) == {"not sent: without given_name": 20}
    assert sent(lake, webhook(receiver, fields=("email",))) == {"sent": 20}
    assert {m["email"] for m in receiver.taken.values()} == {f"c{n:02d}@x" for n in range(20)}


def test_the_kill_switch_holds_within_one_batch(lake, receiver):
    Path(lake.root).mkdir(parents=True, exist_ok=True)
    switch = Path(lake.root, receipts.STOP)

    def mood(number: int, messages: list) -> int:
        if number == 2:
            switch.touch()
        return 200

    receiver.mood = mood
    assert sent(lake, webhook(receiver)) == {"sent": 8, "stopped": 12}
    assert sent(lake, webhook(receiver)) == {"stopped": 12}
    switch.unlink()
    assert sent(lake, webhook(receiver)) == {"sent": 12}
    assert len(receiver.requests) == 5


class Killed(BaseException):
    """The process ends here, as far as the code can tell."""


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 5))])
def test_killed_in_mid_batch_ten_times_nothing_is_lost_and_no_key_means_two_messages(lake, receiver, monkeypatch, seed):
    chance, write = random.Random(seed), receipts.Receipts.answer

    def at_times(self: receipts.Receipts, batch: Any, *told: Any) -> None:
        where = chance.choice(("before", "within", "after", "not", "not"))
        if deaths[0] > 0 and where != "not":
            deaths[0] -= 1
            if where == "after":
                write(self, batch, *told)
            elif where == "within":
                with self.path.open("a") as file:
                    file.write('{"answer": {"state": "se')
            raise Killed
        write(self, batch, *told)

    deaths = [10]
    monkeypatch.setattr(receipts.Receipts, "answer", at_times)
    while True:
        try:
            sent(lake, webhook(receiver, batch_size=1))
            break
        except Killed:
            continue
    assert deaths == [0]
    assert len(receiver.taken) == 20
    assert not receiver.changed
    assert {r["message_key"] for r in receipts.waiting(lake.root) if r["state"] == "sent"} == set(receiver.taken)


def test_a_second_run_waits_for_the_first_and_a_night_takes_no_file_that_is_still_written(lake):
    kept = receipts.Receipts(lake.root, {"run_id": "r", "destination": "crm"})
    kept.note()
    assert receipts.ended(lake.root) == []
    kept.close()
    assert receipts.ended(lake.root) == [kept.path]
    with receipts.alone(lake.root, "crm"), receipts.alone(lake.root, "mail"):
        again = receipts.alone(lake.root, "crm")
        with pytest.raises(MachineError, match="another run"):
            again.__enter__()


def test_a_receiver_that_throttles_is_given_the_time_that_it_asks_for(lake, receiver):
    receiver.mood, receiver.retry_after = (lambda number, messages: 429 if number == 1 else 200), "1"
    assert sent(lake, webhook(receiver, batch_size=20)) == {"sent": 20}
    first, second = (request["at"] for request in receiver.requests)
    assert second - first >= 1
    now = datetime(2026, 1, 1, tzinfo=UTC)
    asked = [asked_seconds(text, now) for text in ("7", "Thu, 01 Jan 2026 00:00:09 GMT", "soon", None, "-3")]
    assert asked == [7, 9, 0, 0, 0]


def keys(destination: str, *decisions: dict[str, Any]) -> list[str]:
    rows = pa.Table.from_pylist([{"place": n, **one} for n, one in enumerate(decisions)])
    sql = f"SELECT {message_key_sql(destination)} AS key FROM {{decisions}} d ORDER BY d.place"
    return Tables(None).fetch(Query(sql, {"decisions": rows}))["key"].to_pylist()


def test_a_key_knows_content_and_occasion_and_no_time():
    base = {"kind": "trigger", "name": "m", "occasion": "o", "account_id": "a", "content": "c", "run_date": RUN_DATE}
    later = {**base, "run_date": RUN_DATE + timedelta(days=1), "send_from": UNTIL}
    audience = [one | {"occasion": ""} for one in (base, later)]
    others = [base | one for one in ({"occasion": "p"}, {"content": "d"}, {"account_id": "b"}, {"name": "n"})]
    first, same, *different = keys("x", base, later, *others, *audience)
    assert first == same
    assert len({first, *different, *keys("y", base)}) == 8


@pytest.mark.parametrize(("form", "suffix"), [("csv", "csv"), ("json_lines", "jsonl"), ("parquet", "parquet")])
def test_files_are_whole_the_same_each_time_and_safe_from_formulas(lake, tmp_path, form, suffix):
    files = Files(folder=str(tmp_path / "out"), format=form)
    place = Destination(files=files, channels="email", fields="email")
    assert sent(lake, place) == {"sent": 20}
    path = tmp_path / "out" / f"crm_{RUN_DATE}.{suffix}"
    first = path.read_bytes()
    assert sent(lake, place) == {"sent": 20}
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    if form == "csv":
        assert {row["content"] for row in csv.DictReader(path.open())} == {"'=hello"}
    elif form == "parquet":
        assert pq.read_table(path).num_rows == 20
    else:
        assert {json.loads(line)["content"] for line in path.read_text().splitlines()} == {"=hello"}


def test_a_night_takes_the_receipts_and_they_still_count(lake, receiver):
    sent(lake, webhook(receiver))
    keeper = Nights(lake.conf)
    job.run(keeper, RUN_DATE, None)  # type: ignore[arg-type]
    assert keeper.tables["deliveries"].num_rows == 20
    (of_run,) = keeper.tables["delivery_runs"].to_pylist()
    counts = {name: of_run[f"{name}_count"] for name in ("sent", "removed", "dead", "skipped", "unanswered")}
    assert counts == {"sent": 20, "removed": 0, "dead": 0, "skipped": 0, "unanswered": 0}
    assert (of_run["outcome"], of_run["destination"], of_run["answered_by"]) == ("done", "crm", None)
    assert receipts.waiting(lake.root) == []
    lake.tables["deliveries"] = keeper.tables["deliveries"]
    assert sent(lake, webhook(receiver)) == {}
    job.run(keeper, RUN_DATE, None)  # type: ignore[arg-type]
    assert keeper.tables["deliveries"].num_rows == 20


def test_every_night_on_which_receipts_wait_takes_them_and_no_other_runs(lake, receiver):
    """Also when the tables are there already: what was sent later counts as well."""
    (of_room,) = graph.select(("activation.deliveries",))

    def why() -> str:
        return plan.decide(of_room, lake, History(lake.root), RUN_DATE).reason if is_waiting() else ""

    def is_waiting() -> bool:
        return plan.decide(of_room, lake, History(lake.root), RUN_DATE).runs

    assert not is_waiting()
    sent(lake, webhook(receiver))
    assert why() == "something waits for it"
    job.run(Nights(lake.conf), RUN_DATE, None)  # type: ignore[arg-type]
    assert not is_waiting()


def test_what_a_restore_put_back_for_a_later_night_is_not_sent_again(lake, receiver):
    sent(lake, webhook(receiver))
    keeper = Nights(lake.conf)
    job.run(keeper, RUN_DATE, None)  # type: ignore[arg-type]
    put_back = Path(lake.root, job.INBOX, str(RUN_DATE + timedelta(days=1)), "0.json")
    whole_file.write(put_back, json.dumps(keeper.tables["deliveries"].to_pylist(), default=str))

    assert sent(lake, webhook(receiver)) == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "of one kind, not of 0"),
        ({"files": {}}, "files need a folder"),
        ({"webhook": {"url": "ftp://x"}}, "begins with http"),
        ({"webhook": {"url": "http://x", "secret": "plain"}}, "a secret stands outside of conf"),
        ({"webhook": {"url": "http://x"}, "mode": "full"}, "'webhook' knows no mode 'full'"),
    ],
)
def test_a_destination_that_cannot_be_is_refused(said, words):
    with pytest.raises(ValueError, match=words):
        Destination(**{"channels": "email", **said})
