"""The day after a night as Airflow runs it: few messages go out, many wait for a person, and no answer is a no."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.activation.delivering import receipts, runs
from lakehouse.setup.places import here
from tests.activation.delivering import lake_on_disk
from tests.activation.delivering.receiver import SECRET, Receiver, receiving

ROOT = Path(__file__).parents[2]
DESTINATION = """
channels: [email]
webhook: {url: "%s", secret: env:HOOK_SECRET}
ask_above: %d
"""
# runs the DAG as `airflow dags test` does, and answers in a person's place when it waits, as the web API's handler does
SCRIPT = """
import os, sys, threading, time, traceback
from datetime import datetime, UTC
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.models.trigger import handle_event_submit
from airflow.triggers.base import TriggerEvent
from airflow.utils.session import create_session
from sqlalchemy import select

def waits():
    with create_session() as session:
        for ti in session.scalars(select(TaskInstance).where(TaskInstance.state == "awaiting_input")):
            print("WAITS", flush=True)
            if sys.argv[1] == "nobody":
                time.sleep(3)
                from airflow.utils.state import TaskInstanceState
                ti.state = TaskInstanceState.FAILED  # as the scheduler does with a question past its time
                return True
            detail = session.get(HITLDetail, ti.id)
            detail.responded_at, detail.chosen_options = datetime(2017, 10, 3, 7, tzinfo=UTC), [sys.argv[1]]
            detail.responded_by, detail.params_input = {"id": "7", "name": "jane o'hara"}, {}
            handle_event_submit(TriggerEvent(detail.as_resume_event_payload()), task_instance=ti, session=session)
            return True
    return False

def answer():
    try:
        while not waits():
            time.sleep(0.5)
    except BaseException:
        traceback.print_exc()
        os._exit(9)

threading.Timer(240, os._exit, [8]).start()
threading.Thread(target=answer, daemon=True).start()
bag = BundleDagBag("dags", bundle_path="dags", bundle_name="dags-folder")
run = bag.dags["activation_daily"].test(logical_date=datetime(2017, 10, 3, 6, tzinfo=UTC))
print("STATE", run.state, {ti.task_id: str(ti.state) for ti in run.get_task_instances()}, flush=True)
os._exit(0)
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An Airflow of its own, whose programs are this clone's."""
    home = tmp_path_factory.mktemp("airflow")
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW_VAR_LAKEHOUSE_HOME": str(ROOT),
        "AIRFLOW_VAR_LAKEHOUSE_NOTIFY_URL": "",
        "LAKEHOUSE_RETRIES": "1",
        "PATH": f"{here().venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOOK_SECRET": SECRET,
    }
    env = {**os.environ, **own}
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"], env=env, check=True, capture_output=True, cwd=ROOT
    )
    return env


def day(folder: Path, airflow: dict[str, str], receiver: Receiver, says: str, ask_above: int) -> str:
    """The day with twenty messages that wait; what the run printed."""
    lake, layer = folder / "lake", folder / "mine"
    soon = datetime.now(UTC) + timedelta(hours=1)
    lake_on_disk.write(lake, lake_on_disk.tables_of((f"c{n:02d}" for n in range(20)), until=soon))
    (layer / "destinations").mkdir(parents=True)
    (layer / "destinations" / "crm.yaml").write_text(DESTINATION % (receiver.url, ask_above))
    (layer / "profiles").mkdir()
    (layer / "profiles" / "local.yaml").write_text(json.dumps({"lake": str(lake)}))
    words = [sys.executable, "-c", SCRIPT, says]
    env = {**airflow, "LAKEHOUSE_CONF": str(layer)}
    done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return "\n".join(
        line for line in (done.stdout + done.stderr).splitlines() if "[info" not in line or "subprocess" in line
    )


def of_run(folder: Path) -> list[dict[str, Any]]:
    return runs.rows(receipts.read(receipts.ended(str(folder / "lake"))))


@pytest.mark.timeout(400)
def test_many_messages_wait_for_a_person_whose_yes_is_kept(tmp_path, airflow, receiver):
    said = day(tmp_path, airflow, receiver, "Approve", ask_above=5)
    assert "WAITS" in said, said[-3000:]
    assert len(receiver.taken) == 20, said[-3000:]
    (run,) = of_run(tmp_path)
    assert (run["answered_by"], run["asked_count"], run["outcome"]) == ("jane o'hara", 20, "done")
    assert str(run["answered_at"]) == "2017-10-03 07:00:00+00:00"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_few_messages_go_out_without_a_question(tmp_path, airflow, receiver):
    said = day(tmp_path, airflow, receiver, "Reject", ask_above=20)
    assert "WAITS" not in said
    assert len(receiver.taken) == 20
    assert [(run.get("answered_by"), run["outcome"]) for run in of_run(tmp_path)] == [(None, "done")]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_no_sends_nothing_and_is_kept(tmp_path, airflow, receiver):
    said = day(tmp_path, airflow, receiver, "Reject", ask_above=5)
    assert "WAITS" in said
    assert receiver.requests == []
    assert [(run["answered_by"], run["outcome"]) for run in of_run(tmp_path)] == [("jane o'hara", "rejected")]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_without_an_answer_nothing_goes_out(tmp_path, airflow, receiver):
    said = day(tmp_path, airflow, receiver, "nobody", ask_above=5)
    assert "'hand_over': 'upstream_failed'" in said, said[-3000:]
    assert (receiver.requests, of_run(tmp_path)) == ([], [])
