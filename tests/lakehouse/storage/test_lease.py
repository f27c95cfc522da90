"""A lease in an object store: the server first, then one holder whatever happens."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from multiprocessing.synchronize import Barrier

import pytest

from lakehouse.errors import MachineError
from lakehouse.ops import lock
from lakehouse.storage import lease
from lakehouse.storage.objects import Objects

pytestmark = pytest.mark.slow

ROUNDS, HOLDERS = 50, 8
SPAWN = multiprocessing.get_context("spawn")
Wins = "multiprocessing.Queue[tuple[str, int, bool]]"
HELD = "import sys, time\nfrom lakehouse.storage import lease\n"


def raced(run, root: str) -> Counter[tuple[str, int]]:
    """How often each race was won, of as many processes as there are holders."""
    barrier, wins = SPAWN.Barrier(HOLDERS), SPAWN.Queue()
    runners = [SPAWN.Process(target=run, args=(root, n, barrier, wins)) for n in range(HOLDERS)]
    for runner in runners:
        runner.start()
    outcomes = [wins.get(timeout=240) for _ in range(2 * ROUNDS * HOLDERS)]
    for runner in runners:
        runner.join()
    won = Counter({(race, number): 0 for race, number, _ in outcomes})
    won.update((race, number) for race, number, has_won in outcomes if has_won)
    return won


def writer(root: str, n: int, barrier: Barrier, wins: Wins) -> None:
    objects = Objects(root)
    for number in range(ROUNDS):
        barrier.wait()
        wins.put(("create", number, objects.create(f"raced-{number}", f"{n}".encode()) is not None))
        barrier.wait()
        seen = objects.read(f"raced-{number}")
        assert seen is not None
        barrier.wait()
        wins.put(("replace", number, objects.replace(f"raced-{number}", f"{n} again".encode(), seen.etag) is not None))


def test_the_server_lets_one_of_eight_conditional_writes_through(bucket):
    won = raced(writer, f"{bucket}/server")

    assert won == dict.fromkeys(won, 1)
    assert len(won) == 2 * ROUNDS


def contender(root: str, n: int, barrier: Barrier, wins: Wins) -> None:
    for number in range(ROUNDS):
        for race in ("free", "dead"):
            barrier.wait()
            try:
                with lease.held(root, f"{race}-{number}", {"holder": f"run {n}"}, seconds=2):
                    wins.put((race, number, True))
                    barrier.wait()  # holds it until the others have been refused
            except MachineError:
                wins.put((race, number, False))
                barrier.wait()


def test_one_of_eight_holders_wins_each_race_for_a_free_lease_and_for_a_dead_holders(bucket):
    root = f"{bucket}/holders"
    for number in range(ROUNDS):
        Objects(root).create(f"dead-{number}", json.dumps({"holder": "killed", "token": "x", "seconds": 0.3}).encode())

    won = raced(contender, root)

    assert won == dict.fromkeys(won, 1)
    assert len(won) == 2 * ROUNDS


def test_a_holder_that_lives_is_refused_to_others_for_longer_than_its_lease(bucket):
    root = f"{bucket}/living"
    with lease.held(root, "lease", {"holder": "night", "host": "here"}, seconds=1):
        for _ in range(3):
            with pytest.raises(MachineError, match="in use by night on here"), lease.held(root, "lease", {}):
                pass
            time.sleep(0.5)


def test_a_killed_holder_is_taken_over_from_when_its_lease_has_passed_and_named(bucket):
    root = f"{bucket}/killed"
    script = (
        HELD
        + "with lease.held(sys.argv[1], 'lease', {'holder': 'killed night'}, seconds=3):\n"
        + ("    print('holds', flush=True)\n    time.sleep(60)\n")
    )
    holder = subprocess.Popen([sys.executable, "-c", script, root], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holds\n"
    holder.kill()
    holder.wait()

    with lease.held(root, "lease", {"holder": "next night"}) as before:
        assert before is not None
        assert before["holder"] == "killed night"
    with lease.held(root, "lease", {"holder": "another"}) as before:
        assert before is None  # who lets go leaves nothing to tell


def test_a_holder_that_was_stopped_for_longer_than_its_lease_commits_nothing_more(bucket):
    root = f"{bucket}/stopped"
    script = (
        HELD
        + "with lease.held(sys.argv[1], 'lease', {'holder': 'stopped night'}, seconds=1):\n"
        + (
            "    print('holds', flush=True)\n"
            "    sys.stdin.readline()\n"
            "    lease.confirm(sys.argv[1] + '/gold/orders')\n"
        )
    )
    words = [sys.executable, "-c", script, root]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    holder = subprocess.Popen(words, text=True, **pipes)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holds\n"
    os.kill(holder.pid, signal.SIGSTOP)
    with lease.held(root, "lease", {"holder": "next night"}):
        os.kill(holder.pid, signal.SIGCONT)
        _, errors = holder.communicate("go on\n", timeout=60)
        assert "lost the lake's lock" in errors
        lease.confirm(f"{root}/gold/orders")  # it is the next night's still


def test_a_renewal_whose_reply_was_lost_is_no_loss(bucket, monkeypatch):
    root = f"{bucket}/reply"
    with lease.held(root, "lease", {"holder": "night"}, seconds=600):
        (mine,) = lease._held
        replace = mine.objects.replace

        def unanswered(name: str, content: bytes, etag: str) -> None:
            replace(name, content, etag)  # done; and the client, without an answer, asks again and is refused

        monkeypatch.setattr(mine.objects, "replace", unanswered)
        mine.renew()
        monkeypatch.undo()
        lease.confirm(f"{root}/gold/orders")


def test_the_lakes_lock_is_a_lease_where_the_lake_is_in_an_bucket(bucket):
    root = f"{bucket}/lake"
    with lock.held(root, "night of 2024-01-01"):
        assert lock.is_held(root)
        other = lock.last_holder(root)
        assert other is not None
        assert (other.holder, other.pid, other.is_former) == ("night of 2024-01-01", os.getpid(), False)
    assert not lock.is_held(root)
    assert lock.last_holder(root) is None


def test_a_bucket_that_is_not_there_is_said(bucket):
    with pytest.raises(MachineError, match="did not answer, or refused"), lease.held("s3://nobodys/lake", "lease", {}):
        pass
