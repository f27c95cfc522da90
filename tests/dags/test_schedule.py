"""The real scheduler: a night triggered in the web API runs to its end."""

import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from lakehouse.setup import airflow_store, guarded_proxy, ui
from lakehouse.setup.login import Login
from lakehouse.setup.places import Places, here
from lakehouse.setup.process import call

DAG = "customer_lakehouse_nightly"
MINUTES = 30


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60)
def test_a_night_triggered_through_the_scheduler_succeeds(tmp_path):
    places = copy_of_the_clone(tmp_path)
    sample = [str(places.program("lakehouse")), "sample", "--nights", "2", "--drop", str(places.var / "drop")]
    assert call(places, sample, places.logs / "sample.log") == 0, (places.logs / "sample.log").read_text()
    for module in ("airflow_store", "mlflow_store", "spark_files"):
        log = places.logs / f"{module}.log"
        assert call(places, [str(places.python), "-m", f"lakehouse.setup.{module}"], log) == 0, log.read_text()
    ports = ui.free_ports()
    login = Login(airflow_store.USER, airflow_store.password(places))
    guarded_proxy.serve(ui.mlflow_socket(places), ports["mlflow"], login)
    services = ui.start(places, ports)
    try:
        ui.wait_until_up(services, ports, threading.Event(), login)
        assert outcome_of_a_night(places, f"http://{ui.LOOPBACK}:{ports['airflow']}") == "success"
    finally:
        ui.end(services)


def copy_of_the_clone(folder: Path) -> Places:
    """The code of this clone with stores and a lake of its own; packages and jars are shared by link."""
    clone = here()
    for name in ("jobs", "dags", "conf", "expectations", "pyproject.toml", "requirements.lock"):
        source = clone.root / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
    (folder / "var").mkdir()
    (folder / ".venv").symlink_to(clone.venv)
    (folder / "var" / "jars").symlink_to(clone.jars)
    return Places(folder)


def outcome_of_a_night(places: Places, address: str) -> str:
    """Trigger the DAG through the web API, as its form does, and wait for its state."""
    login = {"username": airflow_store.USER, "password": airflow_store.password(places)}
    token = asked(f"{address}/auth/token", login)["access_token"]
    runs = f"{address}/api/v2/dags/{DAG}/dagRuns"
    deadline = time.monotonic() + MINUTES * 60 - 120
    run = triggered(runs, token, deadline)
    while run["state"] in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(2)
        run = asked(f"{runs}/{run['dag_run_id']}", token=token)
    return run["state"]


def triggered(runs: str, token: str, deadline: float) -> dict:
    """The DAG is known some seconds after the start, when the DAG processor has read the file."""
    while True:
        try:
            return asked(runs, {"logical_date": None, "conf": {}}, token)
        except urllib.error.HTTPError as error:
            if error.code != 404 or time.monotonic() > deadline:
                raise
            time.sleep(2)


def asked(address: str, body: dict | None = None, token: str = "") -> dict:
    """One call of the web API; a body makes it a POST."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=60) as answer:
        return json.loads(answer.read())
