"""What a task of the night does besides submitting: it ends its driver, and it tells of its failure."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import jinja2
import psutil
import pytest

FOLDER = Path(__file__).parents[2] / "dags"
KILLED = """
import sys, threading, time
sys.path.insert(0, {folder!r})
from _nightly import spark_step
step = spark_step("load")
step.application, step.application_args, step.properties_file = {application!r}, [{sign!r}], None
threading.Thread(target=lambda: step.execute({{}}), daemon=True).start()
while not __import__("os").path.exists({sign!r}):
    time.sleep(0.2)
step.on_kill()
time.sleep(60)
"""


def test_a_killed_task_ends_its_python_driver_too(tmp_path):
    sign = tmp_path / "driver.pid"
    application = tmp_path / "driver.py"
    application.write_text(
        "import os, sys, time\nopen(sys.argv[1] + '.part', 'w').write(str(os.getpid()))\n"
        "os.rename(sys.argv[1] + '.part', sys.argv[1])\ntime.sleep(300)\n"
    )
    script = KILLED.format(folder=str(FOLDER), application=str(application), sign=str(sign))
    env = os.environ | {"AIRFLOW_CONN_SPARK_DEFAULT": '{"conn_type": "spark", "host": "local[1]"}'}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    with subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.DEVNULL) as task:
        try:
            wait_for(sign.exists)
            driver = int(sign.read_text())
            wait_for(lambda: not psutil.pid_exists(driver) or psutil.Process(driver).status() == "zombie")
        finally:
            task.kill()


def wait_for(condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.2)


@pytest.fixture
def posts():
    """A server that keeps what is posted to it: (address, list of bodies)."""
    bodies: list[dict] = []

    class Keeper(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

    server = http.server.HTTPServer(("127.0.0.1", 0), Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


def failure(monkeypatch, address):
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("AIRFLOW_VAR_LAKEHOUSE_NOTIFY_URL", address)
    from _nightly import notify

    notify({"task_instance": SimpleNamespace(dag_id="a_dag", task_id="gold", run_id="r1")})


def test_a_failure_is_posted_with_dag_task_and_run(monkeypatch, posts):
    address, bodies = posts
    failure(monkeypatch, address)
    assert bodies == [{"text": "a_dag: gold failed in r1; its log names the table and the remedy"}]


def test_without_an_address_nobody_is_told(monkeypatch, posts):
    failure(monkeypatch, "")
    assert posts[1] == []


@pytest.mark.parametrize(
    ("run_type", "asked", "day", "kind"),
    [
        ("scheduled", None, "", ""),
        ("manual", "2024-03-05", "2024-03-05", ""),
        ("backfill", None, "2024-03-02", "backfill"),
        ("backfill", "2024-03-05", "2024-03-05", "backfill"),
    ],
)
def test_a_run_of_a_backfill_is_about_its_logical_day_and_any_other_about_the_day_after_the_last_night(
    monkeypatch, run_type, asked, day, kind
):
    monkeypatch.syspath_prepend(str(FOLDER))
    from _nightly import spark_step
    from airflow.utils.types import DagRunType

    known = {
        "params": {"run_date": asked},
        "ds": "2024-03-02",
        "dag_run": SimpleNamespace(run_type=DagRunType(run_type)),
    }
    words = dict(pairwise(spark_step("load").application_args))
    rendered = {name: jinja2.Template(words[name]).render(known) for name in ("--run-date", "--kind")}

    assert rendered == {"--run-date": day, "--kind": kind}
