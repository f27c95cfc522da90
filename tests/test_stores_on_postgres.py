"""Airflow and MLflow on PostgreSQL: the stores are made, a lake's champion comes back, a DAG's run is on record."""

import subprocess
from pathlib import Path

import pytest

from lakehouse import mlflow_store
from lakehouse.config.layers import Conf
from lakehouse.doctor import lake as doctor
from lakehouse.errors import ConfigError
from lakehouse.lake_models import LakeModels
from lakehouse.modelling import life
from lakehouse.modelling.store import Store
from lakehouse.setup.places import Places, environment
from tests import postgres as server
from tests.conftest import places as own_places
from tests.dags.test_schedule import copy_of_the_clone
from tests.lakehouse.modelling.made import examples, frame, model
from tests.postgres import postgres as postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LAKE = "0" * 31 + "1"
DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def on_postgres():
    @task
    def first(): return 41
    @task
    def second(number): assert number == 41
    second(first())

on_postgres()
"""


def made(places: Places, store: str) -> None:
    """What set-up does for one of the stores, in the environment in which it does it."""
    command = [str(places.python), "-m", f"lakehouse.setup.{store}_store"]
    done = subprocess.run(
        command, env=environment(places), cwd=places.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def asked(uri: str, query: str) -> list[tuple]:
    import psycopg

    with psycopg.connect(uri.replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()


def test_a_lakes_champion_is_registered_in_a_database_and_comes_back_from_it(postgres, tmp_path, monkeypatch):
    uri = server.database(postgres, "mlflow")
    monkeypatch.setenv("LAKEHOUSE_MLFLOW_DATABASE", uri)
    monkeypatch.setenv("LAKEHOUSE_MLFLOW_ARTIFACTS", str(tmp_path / "artifacts"))
    made(copy_of_the_clone(tmp_path / "clone"), "mlflow")
    conf = Conf(overrides={**own_places(tmp_path), "mlflow_tracking_uri": "env:LAKEHOUSE_MLFLOW_DATABASE"})
    store = Store(LakeModels(mlflow_store.tracking_uri(conf.profile), LAKE), lambda: "a key", tmp_path / "copies")
    of = model()

    outcome = life.trained_and_judged(store, of, examples(of, frame(1500)))

    assert outcome.is_champion
    elsewhere = Store(LakeModels(uri, LAKE), lambda: "a key", tmp_path / "of another machine")
    champion = elsewhere.champion("made")
    assert champion is not None
    assert champion.number == outcome.version
    assert not champion.is_copy
    assert any((tmp_path / "artifacts").rglob("MLmodel"))
    assert asked(uri, "SELECT name, version FROM model_versions") == [("made", int(outcome.version))]
    assert next(iter(doctor._mlflow(conf))).text == "its postgresql database answers"
    another = Store(LakeModels(uri, "0" * 31 + "2"), lambda: "a key", tmp_path / "of another lake")
    assert another.champion("made") is None


def test_a_database_that_does_not_answer_is_said_at_once_and_without_its_account(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("NOWHERE", "postgresql+psycopg://somebody:hidden@127.0.0.1:1/mlflow")
    conf = Conf(overrides={**own_places(tmp_path), "mlflow_tracking_uri": "env:NOWHERE"})

    (found,) = doctor._mlflow(conf)

    assert found.text == "the database does not answer (OperationalError)"
    with pytest.raises(ConnectionError, match="does not answer"):
        mlflow_store.connected(mlflow_store.tracking_uri(conf.profile))
    with pytest.raises(ConfigError, match="nothing says where models' files go"):
        mlflow_store.artifact_location(postgres, "made")


def test_a_dag_runs_on_a_store_in_postgresql_and_stands_on_record_there(postgres, tmp_path, monkeypatch):
    uri = server.database(postgres, "airflow")
    monkeypatch.setenv("LAKEHOUSE_AIRFLOW_DATABASE", uri)
    places = copy_of_the_clone(tmp_path)
    for path in (tmp_path / "dags").iterdir():
        path.unlink() if path.is_file() else None
    (tmp_path / "dags" / "on_postgres.py").write_text(DAG)
    made(places, "airflow")

    command = [str(places.program("airflow")), "dags", "test", "on_postgres"]
    done = subprocess.run(command, env=environment(places), cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert asked(uri, "SELECT dag_id, state FROM dag_run") == [("on_postgres", "success")]
    assert asked(uri, "SELECT task_id, state FROM task_instance ORDER BY 1") == [
        ("first", "success"),
        ("second", "success"),
    ]
    assert ("spark_default",) in asked(uri, "SELECT conn_id FROM connection")
    assert not (places.airflow / "airflow.db").exists()
    password = uri.split(":")[2].split("@")[0]
    assert [p for p in tmp_path.rglob("*") if is_own(p, tmp_path) and password.encode() in p.read_bytes()] == []


def is_own(path: Path, folder: Path) -> bool:
    """Whether a file was written here, and not linked."""
    return path.is_file() and not any((folder / part).is_symlink() for part in (".venv",) if part in path.parts)
