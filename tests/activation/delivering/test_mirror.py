"""Mirror: whatever is killed, lost or refused on the way, the receiver comes to hold tonight's rows and its own."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from jobs.activation.delivering import due, receipts
from jobs.activation.delivering.messages import KEYS, PUT, Target
from jobs.activation.settings.destinations import Destination, Webhook
from tests.activation.delivering.handing import sent, webhook
from tests.activation.delivering.lake_on_disk import FROM, decision
from tests.activation.small_company import consents, customers, rows
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake

IDS = [f"c{n}" for n in range(6)]
FATES = ("sent", "sent", "sent", "lost", "not taken", "dead", "killed")
TARGET = Target("ads", Destination(channels=("email",), webhook=Webhook(url="http://x"), mode="mirror"), FROM)
LAKE = MemoryLake(None, **customers(*IDS))
ALLOWED = pa.Table.from_pylist(
    [{"customer_id": i, "purpose": "marketing", "channel": "email", "rule": "allowed"} for i in IDS]
)


@dataclass
class Mirror:
    """A sender with receipts, and a receiver with rows of its own, that drops keys it has seen."""

    chance: random.Random
    rows: dict[str, str] = field(default_factory=lambda: {"another system's": "row"})
    seen: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def asked(self, chosen: dict[str, str]) -> list[dict[str, Any]]:
        decided = [decision(i, content=content) for i, content in chosen.items()]
        LAKE.tables["decisions"] = rows("activation.decisions", decided)
        waiting = receipts.table(list(self.told.values()), due.receipt_schema(LAKE.contracts))
        return LAKE.fetch(due.query(RUN_DATE, TARGET, ALLOWED, waiting)).to_pylist()

    def takes(self, row: dict[str, Any]) -> None:
        if row["message_key"] in self.seen:
            return
        self.seen.add(row["message_key"])
        if row["operation"] == PUT:
            self.rows[row["row_key"]] = row["content"]
            return
        assert row["row_key"] in self.ours, "it removes what it did not send"
        self.rows.pop(row["row_key"], None)

    def keeps(self, row: dict[str, Any], state: str) -> None:
        columns = [name for name in (*due.DECISION, *KEYS) if name in due.KNOWN]
        self.told[row["message_key"]] = {name: row[name] for name in columns} | {"destination": "ads", "state": state}

    def run(self, chosen: dict[str, str], is_calm: bool = False) -> None:
        for row in self.asked(chosen):
            if row["is_done"]:
                continue
            assert row["refused"] == ""
            fate = "sent" if is_calm else self.chance.choice(FATES)
            if fate == "dead" and row["operation"] != PUT:
                fate = "sent"
            if row["operation"] == PUT:
                self.ours.add(row["row_key"])
            if fate in ("sent", "lost"):
                self.takes(row)
            self.keeps(row, fate if fate in ("sent", "dead") else "tried")
            if fate == "killed":
                return


@pytest.mark.parametrize(
    "seed",
    [*range(5), 106, 230, *(pytest.param(n, marks=pytest.mark.slow) for n in range(5, 300) if n not in (106, 230))],
)
def test_the_receiver_holds_tonights_rows_in_the_end_and_what_it_had_of_others(seed):
    mirror = Mirror(random.Random(seed))
    for _ in range(mirror.chance.randint(1, 6)):
        chosen = {i: mirror.chance.choice(("x", "y")) for i in IDS if mirror.chance.random() < 0.6}
        for _ in range(mirror.chance.randint(1, 2)):
            mirror.run(chosen)
    mirror.run(chosen, is_calm=True)

    dead = {row["row_key"] for row in mirror.told.values() if row["state"] == "dead"}
    wanted = {row["row_key"]: row["content"] for row in mirror.asked(chosen) if row["operation"] == PUT}
    assert mirror.rows.pop("another system's") == "row"
    assert set(mirror.rows) - dead == set(wanted) - dead
    assert all(content == wanted[key] for key, content in mirror.rows.items() if key not in dead)
    assert set(mirror.rows) <= set(wanted)
    assert all(row["is_done"] for row in mirror.asked(chosen))


def test_a_content_that_comes_back_after_another_unanswered_one_is_no_repeat_of_the_first(lake, receiver):
    ads = webhook(receiver, mode="mirror", attempts=1, batch_size=1)
    night = [{**row, "content": "first"} for row in lake.tables["decisions"].to_pylist()]
    for content in ("first", "other", "first"):
        lake.tables["decisions"] = rows("activation.decisions", [row | {"content": content} for row in night])
        receiver.mood = lambda number, messages: "lost"
        sent(lake, ads)
    receiver.mood = lambda number, messages: 200
    sent(lake, ads)

    held = {}
    for one in receiver.taken.values():
        held[one["row"]] = one["content"]
    assert set(held.values()) == {"first"}
    assert sent(lake, ads) == {}


def test_what_changed_is_sent_again_what_is_gone_is_removed_and_the_rest_is_left_alone(lake, receiver):
    ads = webhook(receiver, mode="mirror")
    assert sent(lake, ads) == {"sent": 20}
    assert sent(lake, ads) == {}
    night = lake.tables["decisions"].to_pylist()
    night = [row | {"content": "new"} if row["customer_id"] == "c05" else row for row in night[2:]]
    later = [row | {"run_date": RUN_DATE + timedelta(days=1)} for row in night]
    lake.tables["decisions"] = rows("activation.decisions", later)
    lake.tables["consents"] = consents(*((f"c{n:02d}", "marketing", n != 9) for n in range(20)))
    lake.run_date = RUN_DATE + timedelta(days=1)

    assert sent(lake, ads) == {"sent": 1, "removed": 3}
    *_, put = receiver.order
    removed = [one for one in receiver.order if one["operation"] == "remove"]
    first = {one["row"]: one["customer_id"] for one in receiver.order[:20]}
    assert sorted(first[one["row"]] for one in removed) == ["c00", "c01", "c09"]
    assert all(set(one) == {"key", "row", "operation"} for one in removed)
    assert (put["content"], first[put["row"]]) == ("new", "c05")
    assert sent(lake, ads) == {"not sent: refused": 1}


def test_an_erased_customer_is_removed_where_they_were_sent(lake, receiver):
    ads = webhook(receiver, mode="mirror")
    sent(lake, ads)
    lake.tables["customer_map"] = lake.tables["customer_map"].slice(1)
    lake.tables["decisions"] = lake.tables["decisions"].slice(1)
    assert sent(lake, ads) == {"removed": 1}
    assert receiver.order[-1]["operation"] == "remove"


def test_a_row_that_was_taken_without_a_reply_and_then_refused_is_removed_when_it_is_no_more(lake, receiver):
    ads = webhook(receiver, mode="mirror", attempts=1, batch_size=1)
    receiver.mood = lambda number, messages: "lost"
    sent(lake, ads)
    (row,) = receiver.taken.values()
    receiver.mood = lambda number, messages: 409 if messages[0]["row"] == row["row"] else 200
    assert sent(lake, ads) == {"sent": 19, "dead": 1}
    receiver.mood = lambda number, messages: 200
    lake.tables["decisions"] = lake.tables["decisions"].slice(20)
    assert sent(lake, ads) == {"removed": 20}
    assert row["row"] in {one["row"] for one in receiver.order if one["operation"] == "remove"}


def test_a_row_that_may_have_arrived_is_removed_when_it_is_no_more(lake, receiver):
    ads = webhook(receiver, mode="mirror", attempts=1)
    receiver.mood = lambda number, messages: "lost"
    assert sent(lake, ads) == {"waits": 20}
    receiver.mood = lambda number, messages: 200
    lake.tables["decisions"] = lake.tables["decisions"].slice(20)
    assert sent(lake, ads) == {"removed": 4}
    assert {one["operation"] for one in receiver.order[4:]} == {"remove"}
