"""The steps of a night share one driver: same answers, one start; a dead or old driver is followed by another."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRIVER = """
import sys, time
from lakehouse.cli import serve
def step(words):
    print("runs", *words[1:])
    if "dies" in words:
        import os; os._exit(9)
    if "raises" in words:
        raise ValueError("a secret value")
    return 3 if "fails" in words else 0
serve.main = step
print(serve.serve(serve.Path(sys.argv[1]), sys.argv[2], idle_seconds=float(sys.argv[3])))
"""


@pytest.fixture
def driver(monkeypatch, tmp_path):
    """Steps by the client's own code; `starts` are the drivers that it started."""
    monkeypatch.syspath_prepend(str(ROOT / "dags"))
    import _shared_driver

    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "code.py").write_text("")
    return Client(_shared_driver, tmp_path)


class Client:
    def __init__(self, module, home):
        self.module, self.home, self.path = module, home, home / "night.sock"
        self.starts: list[subprocess.Popen[bytes]] = []
        self.lines: list[str] = []

    def start(self, idle_seconds="20"):
        words = [sys.executable, "-c", DRIVER, str(self.path), self.module.stamp(self.home), idle_seconds]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        self.starts.append(subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL))
        return self.starts[-1]

    def step(self, *words):
        return self.module.run(self.path, self.start, words, self.home, self.lines.append)


def ended(process):
    process.wait(timeout=30)
    return True


def test_steps_of_a_night_run_in_one_driver_which_ends_with_the_report(driver):
    codes = [driver.step(step, "--night", "n1") for step in ("load", "identity", "report")]

    assert codes == [0, 0, 0]
    assert driver.lines == [f"runs {step} --night n1" for step in ("load", "identity", "report")]
    assert len(driver.starts) == 1
    assert ended(driver.starts[0])
    assert not driver.path.exists()


def test_a_failed_step_gives_its_exit_code_and_its_retry_finds_the_driver(driver):
    assert driver.step("gold", "fails") == 3
    assert driver.step("gold") == 0
    assert driver.step("report") == 0
    assert len(driver.starts) == 1


def test_an_error_that_no_step_expects_shows_its_kind_and_place_and_no_value(driver):
    assert driver.step("gold", "raises") == 1
    assert "ValueError at <string>" in driver.lines[-1]
    assert "secret" not in "".join(driver.lines)
    driver.step("report")


def test_a_driver_that_dies_in_a_step_fails_it_and_the_retry_starts_another(driver):
    with pytest.raises(driver.module.DriverLostError, match="in the middle"):
        driver.step("load", "dies")
    assert ended(driver.starts[0])

    assert driver.step("report") == 0
    assert len(driver.starts) == 2


def test_a_killed_driver_leaves_a_socket_that_stops_nobody(driver):
    driver.step("load")
    driver.starts[0].send_signal(signal.SIGKILL)
    assert ended(driver.starts[0])
    assert driver.path.exists()

    assert driver.step("report") == 0
    assert len(driver.starts) == 2


def test_a_driver_of_older_code_ends_and_another_takes_the_step(driver):
    driver.step("load")
    newer = time.time() + 60
    os.utime(driver.home / "jobs" / "code.py", (newer, newer))

    assert driver.step("report") == 0
    assert len(driver.starts) == 2
    assert ended(driver.starts[0])


def test_a_driver_that_nobody_asks_ends(driver):
    process = driver.start(idle_seconds="0.5")
    assert ended(process)


def test_somebody_who_only_looks_does_not_end_the_driver(driver):
    driver.step("load")
    with socket.socket(socket.AF_UNIX) as looking:
        looking.connect(str(driver.path))
        looking.sendall(b"\n")
        assert json.loads(looking.makefile().readline()) == {"stale": True}

    assert driver.step("report") == 0
    assert len(driver.starts) == 1


def test_the_socket_is_its_owners_alone(driver):
    driver.step("load")
    assert driver.path.stat().st_mode & 0o077 == 0
    driver.step("report")
