"""`lakehouse deliver` killed in mid-batch, before a receiver that fails, throttles, hangs and loses its replies."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.activation.delivering import receipts
from tests.activation.delivering import lake_on_disk
from tests.activation.delivering.receiver import SECRET, Mood, Receiver, receiving

BATCH, MOST_REQUESTS = 3, 3
DESTINATION = """
channels: [email]
fields: [email]
webhook: {url: "%s", secret: env:HOOK_SECRET}
batch_size: %d
timeout_seconds: 0.3
requests_per_second: 1000
attempts: 4
"""


class Killing:
    """Runs of `lakehouse deliver` on one lake; the receiver kills them at some of their requests."""

    def __init__(self, folder: Path, receiver: Receiver, kills: int) -> None:
        self.lake, self.layer, self.receiver = folder / "lake", folder / "mine", receiver
        self.chance = random.Random(kills)
        self.customers = [f"c{n:03d}" for n in range((kills + 1) * BATCH * MOST_REQUESTS)]
        self.process: subprocess.Popen[bytes] | None = None
        self.kills, self.left, self.after = 0, 0, 0
        lake_on_disk.write(self.lake, lake_on_disk.tables_of(self.customers))
        (self.layer / "destinations").mkdir(parents=True)
        (self.layer / "destinations" / "crm.yaml").write_text(DESTINATION % (receiver.url, BATCH))
        receiver.mood, receiver.retry_after = self.mood, "0"

    def mood(self, number: int, messages: list) -> Mood:
        """What the receiver answers; now and then the sender is dead by then, before or after its batch was taken."""
        self.after -= 1
        if self.left and self.after <= 0 and self.process:
            self.left -= 1
            self.kills += 1
            self.process.send_signal(signal.SIGKILL)
            return self.chance.choice((200, "lost", "hang", 503))
        return self.chance.choice((200, 200, 200, 500, 429, "lost", "hang"))

    def run(self, dies: bool) -> int:
        """One run; one that dies does so within its first requests."""
        self.left, self.after = int(dies), self.chance.randint(1, MOST_REQUESTS)
        words = [sys.executable, "-m", "lakehouse.cli.main", "deliver", "crm", "--lake", str(self.lake)]
        words += ["--conf", str(self.layer), "--at", f"{lake_on_disk.FROM:%Y-%m-%dT%H:%M:%S}"]
        self.process = subprocess.Popen(words, env={**os.environ, "HOOK_SECRET": SECRET}, stdout=subprocess.DEVNULL)
        return self.process.wait(timeout=120)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_in_mid_batch_nothing_is_lost_and_nothing_comes_twice_that_the_receiver_can_tell_apart(
    tmp_path, receiver, kills
):
    trial = Killing(tmp_path, receiver, kills)
    for _ in range(kills):
        assert trial.run(dies=True) == -signal.SIGKILL
    receiver.mood = lambda number, messages: 200
    assert trial.run(dies=False) == 0

    assert trial.kills == kills
    assert sorted(one["customer_id"] for one in receiver.taken.values()) == trial.customers
    assert (receiver.changed, receiver.signatures_hold) == (False, True)
    sent = [row["message_key"] for row in receipts.waiting(str(trial.lake)) if row["state"] == "sent"]
    assert sorted(sent) == sorted(receiver.taken)
    requests = len(receiver.requests)
    assert trial.run(dies=False) == 0
    assert len(receiver.requests) == requests
