"""At the moment of sending all is looked at again: whoever may not be written to by then is not."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.activation.delivering import deliver, receipts
from jobs.activation.delivering.runs import Answer
from lakehouse.config.layers import Conf
from tests.activation.delivering import lake_on_disk
from tests.activation.delivering.handing import sent, webhook
from tests.activation.delivering.lake_on_disk import FROM, UNTIL
from tests.activation.small_company import consents, rows
from tests.conftest import RUN_DATE

IDS = [f"c{n:02d}" for n in range(20)]
CHANGES = ("withdrawn", "suppressed", "erased", "bounced", "child", "unreachable", "complains", "none", "none")
POLICY = """
suppressed_by: [do_not_contact]
"""


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 100))])
def test_nobody_is_written_to_who_may_not_be_by_now(lake, receiver, tmp_path, seed):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "contact_policy.yaml").write_text(POLICY)
    lake.conf = Conf([tmp_path / "mine"], overrides=lake.conf.overrides)
    chance = random.Random(seed)
    became = {i: chance.choice(CHANGES) for i in IDS}
    change(lake, became)

    counts = sent(lake, webhook(receiver, fields=("email",)))

    free = {i for i, what in became.items() if what == "none"}
    assert {one["customer_id"] for one in receiver.taken.values()} == free
    assert counts.get("sent", 0) == len(free)
    assert sum(n for what, n in counts.items() if what.startswith("not sent")) == 20 - len(free)


def change(lake: Any, became: dict[str, str]) -> None:
    """What happened since the night decided."""
    told = [(i, "marketing", what != "withdrawn") for i, what in became.items()]
    told += [(i, "do_not_contact", False) for i, what in became.items() if what == "suppressed"]
    lake.tables["consents"] = consents(*told)
    people = lake.tables["golden_customers"].to_pylist()
    for one in people:
        what = became[one["customer_id"]]
        one |= {"birth_date": RUN_DATE - timedelta(days=3650)} if what == "child" else {}
        one |= {"email": None} if what == "unreachable" else {}
    lake.tables["golden_customers"] = rows(
        "identity.golden_customers", (one for one in people if became[one["customer_id"]] != "erased")
    )
    links = lake.tables["customer_map"].to_pylist()
    lake.tables["customer_map"] = rows(
        "identity.customer_map", (one for one in links if became[one["customer_id"]] != "erased")
    )
    kinds = {"bounced": "email_bounced", "complains": "complaint"}
    lake.tables["interactions"] = rows(
        "silver.interactions",
        (
            {
                "interaction_id": i,
                "account_id": f"email:{i}",
                "interaction_type": kinds[what],
                "occurred_date": RUN_DATE,
            }
            for i, what in became.items()
            if what in kinds
        ),
    )


def test_a_consent_that_is_withdrawn_during_a_run_holds_from_the_next_batch_on(tmp_path, receiver, monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", "s3")
    root = tmp_path / "lake"
    lake_on_disk.write(root, lake_on_disk.tables_of(IDS))

    def mood(number: int, messages: list[Any]) -> int:
        if number == 2:  # a night publishes the day's consents meanwhile
            told = consents(*((i, "marketing", i != "c19") for i in IDS))
            lake_on_disk.write(root, {"consents": told})
        return 200

    receiver.mood = mood
    counts = deliver.deliver(Conf(overrides={"lake": str(root)}), "crm", webhook(receiver), FROM)
    assert counts == {"sent": 19, "not sent: refused": 1}
    assert "c19" not in {one["customer_id"] for one in receiver.taken.values()}


def test_after_a_day_without_the_receiver_what_is_still_true_goes_out_and_not_what_was(lake, receiver):
    receiver.mood = lambda number, messages: 503
    assert sent(lake, webhook(receiver, attempts=1)) == {"waits": 20}
    day = timedelta(days=1)
    night = [
        row | {"run_date": RUN_DATE + day, "send_from": FROM + day, "send_until": UNTIL + day, "content": "new"}
        for row in lake.tables["decisions"].to_pylist()[5:]
    ]
    before = lake.tables["decisions"].to_pylist()
    lake.tables["decisions"] = rows("activation.decisions", [*before, *night])
    lake.run_date = RUN_DATE + day
    receiver.mood = lambda number, messages: 200

    assert sent(lake, webhook(receiver), at=FROM + day) == {"sent": 15}
    assert {one["content"] for one in receiver.taken.values()} == {"new"}


def test_more_messages_than_may_go_wait_for_a_persons_word_which_is_for_that_night_alone(lake, receiver):
    place = webhook(receiver, ask_above=19)
    yes = Answer("jane", FROM, RUN_DATE, 20)
    assert sent(lake, place) == {"wait for approval": 20}
    for no in (Answer("jane", FROM, RUN_DATE, 20, is_yes=False), Answer("jane", FROM, RUN_DATE - timedelta(1), 20)):
        assert sent(lake, place, answer=no) == {"wait for approval": 20}
    assert receiver.requests == []
    assert sent(lake, place, answer=yes) == {"sent": 20}
    assert sent(lake, webhook(receiver, ask_above=20)) == {}


def test_an_answer_is_kept_with_who_and_when(lake, receiver):
    sent(lake, webhook(receiver, ask_above=5), answer=Answer("jane", FROM, RUN_DATE, None, is_yes=False))
    (told,) = [row for row in receipts.read(receipts.ended(lake.root)) if "started_at" in row]
    assert (told["answered_by"], told["answered_at"], told["asked_count"]) == ("jane", FROM.isoformat(), 20)


def test_a_switch_that_is_there_before_the_first_batch_sends_nothing(lake, receiver):
    Path(lake.root).mkdir(parents=True, exist_ok=True)
    Path(lake.root, receipts.STOP).touch()
    assert sent(lake, webhook(receiver)) == {"stopped": 20}
    assert receiver.requests == []
