"""The lake's lock: one holder whatever happens, and none when the holder is gone."""

import errno
import fcntl
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from lakehouse.errors import MachineError
from lakehouse.ops import lock

RACES, RUNNERS = 100, 3
GONE = 2**22 + 1  # no process has such a number
FORK = multiprocessing.get_context("fork")


def message(root: Path, **changes: object) -> None:
    """A message as the version before wrote it; its file was the lock."""
    told = {"pid": GONE, "host": socket.gethostname(), "holder": "night of 2024-01-01", "since": time.time() - 3600}
    (root / lock.MESSAGE).write_text(json.dumps({**told, **changes}))


def racer(folder: Path, barrier: Barrier, spans: "multiprocessing.Queue[tuple[int, bool]]") -> None:
    for race in range(RACES):
        root = folder / str(race)
        barrier.wait()
        try:
            with lock.held(str(root), f"run {os.getpid()}"):
                spans.put((race, True))
                barrier.wait()  # holds it until the others have been refused
        except MachineError:
            spans.put((race, False))
            barrier.wait()


def test_of_runs_that_find_a_dead_holders_lock_at_once_one_wins_each_time(tmp_path: Path):
    for race in range(RACES):
        (tmp_path / str(race)).mkdir()
        message(tmp_path / str(race))
    barrier, spans = FORK.Barrier(RUNNERS), FORK.Queue()
    runners = [FORK.Process(target=racer, args=(tmp_path, barrier, spans)) for _ in range(RUNNERS)]
    for runner in runners:
        runner.start()
    outcomes = [spans.get(timeout=120) for _ in range(RACES * RUNNERS)]
    for runner in runners:
        runner.join()

    winners = [sum(has_won for race, has_won in outcomes if race == one) for one in range(RACES)]

    assert winners == [1] * RACES


def test_a_night_of_30_hours_keeps_its_lock(tmp_path: Path):
    with lock.held(str(tmp_path), "night of 2024-01-01"):
        told = lock.read(tmp_path / lock.MESSAGE)
        (tmp_path / lock.MESSAGE).write_text(json.dumps({**told, "since": time.time() - 30 * 3600}))

        with pytest.raises(MachineError, match=r"in use by night of 2024-01-01 .* since 30\.0 hours"):
            take(tmp_path)
    take(tmp_path)


def take(root: Path) -> str | None:
    with lock.held(str(root), "another") as said:
        return said


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[None]:
    """A holder that is killed while programs that it started and forked live on."""
    script = (
        "import os, subprocess, sys, time\n"
        "from lakehouse.ops import lock\n"
        "with lock.held(sys.argv[1], 'killed night'):\n"
        "    started = subprocess.Popen(['sleep', '60'], close_fds=False)\n"
        "    forked = os.fork()\n"
        "    if not forked: time.sleep(60); os._exit(0)\n"
        "    print(started.pid, forked, flush=True)\n"
        "    time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    children = [int(pid) for pid in holder.stdout.readline().split()]
    with pytest.raises(MachineError, match="in use by killed night"):
        take(tmp_path)
    holder.kill()
    holder.wait()
    for child in children:
        os.kill(child, 0)  # lives on
    yield
    for child in children:
        os.kill(child, signal.SIGKILL)


def test_a_killed_holder_frees_it_at_once_though_its_children_live_on(tmp_path: Path, killed):
    said = take(tmp_path)

    assert said is not None
    assert "killed night" in said
    assert "did not end by itself" in said
    assert take(tmp_path) is None  # who lets go leaves nothing to tell


def test_a_lock_of_the_version_before_is_no_obstacle_when_its_process_is_gone(tmp_path: Path):
    message(tmp_path)

    assert "night of 2024-01-01" in str(take(tmp_path))


def test_a_run_of_the_version_before_that_still_works_is_waited_for(tmp_path: Path):
    message(tmp_path, pid=os.getpid())

    with pytest.raises(MachineError, match=r"in use by night of 2024-01-01"):
        take(tmp_path)
    assert lock.read(tmp_path / lock.MESSAGE)["pid"] == os.getpid()  # its message stays

    message(tmp_path, pid=os.getpid(), since=time.time() - 13 * 3600)
    assert take(tmp_path) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "many", "lock": "_lock"}', '{"pid": null}', "\0\0"])
def test_a_message_that_cannot_be_read_is_no_obstacle(tmp_path: Path, text: str):
    (tmp_path / lock.MESSAGE).write_text(text)

    assert "did not end by itself" in str(take(tmp_path))


def test_a_run_that_fails_lets_go(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), lock.held(str(tmp_path), "night"):
        raise ZeroDivisionError
    assert not lock.is_held(str(tmp_path))
    assert lock.last_holder(str(tmp_path)) is None


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path):
    with lock.held(str(tmp_path), "night"), pytest.raises(MachineError, match="in use by night"):
        take(tmp_path)


def test_a_lock_file_that_somebody_removed_is_made_anew(tmp_path: Path):
    take(tmp_path)
    (tmp_path / lock.FILE).unlink()
    take(tmp_path)
    with lock.held(str(tmp_path), "night"):
        assert lock.is_held(str(tmp_path))


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_folder_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(MachineError, match="files cannot be locked"):
        take(tmp_path)


def test_a_file_system_that_grants_a_lock_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)

    with pytest.raises(MachineError, match="it grants one lock twice"):
        take(tmp_path)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_lake_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(MachineError, match="cannot be written"):
        take(tmp_path)
