"""The life of the identity model: a night trains the first, the week trains the next, MLflow keeps both."""

import json
from datetime import date
from pathlib import Path

import pytest

from jobs.identity import champion_models, customer_identity, customer_map, registered_models
from jobs.identity.registry import last_model
from jobs.identity.registry.model_agreement import Settings
from jobs.identity.registry.model_log import MODEL_NAME
from lakehouse.lake.snapshot import Terms
from lakehouse.mlflow_store import ALIAS, connected, tracking_uri
from tests.identity.readings import counted

FIRST, SECOND, THIRD = date(2017, 10, 1), date(2017, 10, 8), date(2017, 10, 15)


@pytest.fixture
def small(settings):
    return settings.replace(lane="duckdb")


@pytest.fixture
def linked(lake, silver, people, small):
    """A lake after its first night: the model was trained and is registered."""
    lake.publish("silver.customers", silver(people), FIRST)
    customer_map.run(lake.for_job("identity.customer_map", "hash-1"), FIRST, small)
    job = lake.for_job("identity.registered_models", "hash-1")
    registered_models.run(job, FIRST, small)
    assert job.notes == []
    return lake


def champion(lake):
    mlflow = connected(tracking_uri(lake.profile))
    return mlflow, mlflow.MlflowClient().get_model_version_by_alias(MODEL_NAME, ALIAS)


def weekly(lake, run_date, least_agreement=0.98):
    job = lake.for_job(customer_identity.WRITES, "hash-1")
    limits = Settings(least_agreement=0.98, label_tolerance=0.0, least_labels=20)
    # more agreement than there is can be asked by nobody but a test
    customer_identity.run(job, run_date, limits.model_copy(update={"least_agreement": least_agreement}))
    return job.notes


def test_the_model_of_a_night_is_in_mlflow_with_all_that_it_is_evaluated_by(linked):
    mlflow, version = champion(linked)
    run = mlflow.MlflowClient().get_run(version.run_id)
    folder = Path(mlflow.artifacts.download_artifacts(run_id=version.run_id))
    model = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}@{ALIAS}")

    files = {"m_u.png", "match_weights.png", "m_u.csv", "match_weights.csv", "splink_settings.json"}
    assert files <= {p.name for p in folder.iterdir()}
    assert {"m.given.1", "u.given.1", "threshold_bits", "record_count"} <= set(run.data.params)
    assert 0.5 < run.data.metrics["estimated_precision"] <= 1
    assert 0 < run.data.metrics["estimated_recall"] <= 1
    assert "delta_version.silver.customers" in run.data.tags
    assert model.metadata.signature.inputs.input_names()[0] == "gamma_given"
    registered = Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL_NAME}/{version.version}"))
    assert json.loads((registered / "artifacts" / "model.json").read_text())["comparisons"]


def test_a_model_that_is_registered_is_not_registered_again_and_mlflow_is_left_alone(linked, small, monkeypatch):
    monkeypatch.setattr(registered_models, "log_and_register", lambda *_, **__: pytest.fail("MLflow was asked"))

    job = linked.for_job("identity.registered_models", "hash-1")
    registered_models.run(job, SECOND, small)

    assert counted(linked, "identity.registered_models", "is_promoted") == {True: 1}


def test_a_week_later_a_model_that_agrees_takes_over_and_one_that_does_not_stays_outside(linked):
    assert weekly(linked, SECOND) == []
    assert counted(linked, "identity.linkage_models", "trained_on") == {FIRST: 1, SECOND: 1}
    _, version = champion(linked)
    assert version.tags["trained_on"] == str(SECOND)

    (note,) = weekly(linked, THIRD, least_agreement=1.01)

    assert "not promoted" in note
    assert counted(linked, "identity.linkage_models", "trained_on") == {FIRST: 1, SECOND: 1}
    assert champion(linked)[1].version == version.version


def test_a_training_that_fails_leaves_the_champion_and_says_why(linked, monkeypatch):
    monkeypatch.setattr(customer_identity.linkage, "trained_model", lambda *_: {"comparisons": []})

    (note,) = weekly(linked, SECOND)

    assert "the champion stays" in note
    assert counted(linked, "identity.linkage_models", "trained_on") == {FIRST: 1}


def test_where_mlflow_is_out_of_reach_the_night_goes_on_and_registers_later(lake, silver, people, small, monkeypatch):
    lake.publish("silver.customers", silver(people), FIRST)
    customer_map.run(lake.for_job("identity.customer_map", "hash-1"), FIRST, small)

    def refused(*_, **__):
        raise ConnectionError

    monkeypatch.setattr(registered_models, "log_and_register", refused)
    job = lake.for_job("identity.registered_models", "hash-1")
    registered_models.run(job, FIRST, small)
    assert "MLflow could not be reached" in job.notes[0]
    assert job.pinned["identity.linkage_models"] is None  # it runs again, though nothing changes

    monkeypatch.setattr(registered_models, "log_and_register", lambda *_, **__: "7")
    registered_models.run(lake.for_job("identity.registered_models", "hash-1"), SECOND, small)

    assert counted(lake, "identity.registered_models", "model_version") == {"7": 1}


def test_a_night_whose_training_came_to_nothing_uses_the_last_sound_model(linked):
    job = linked.for_job("identity.customer_map", "hash-2")

    champion = last_model.sound(job, {"comparisons": []}, SECOND)

    (in_force,) = last_model.newest(job, SECOND)
    assert champion == in_force
    assert (champion.trained_on, champion.job_hash, bool(champion.model["comparisons"])) == (FIRST, "hash-1", True)
    assert "the model of 2017-10-01 is used" in job.notes[0]
    assert last_model.sound(job, champion.model, SECOND) == last_model.Champion(champion.model, SECOND, "hash-2")


def night(lake, small, run_date, job_hash, **terms):
    """A night of the map by a code and what it learns by; the customers that it gives, and the models there are."""
    customer_map.run(lake.for_job("identity.customer_map", job_hash, Terms(**terms)), run_date, small)
    return customers(lake), counted(lake, "identity.linkage_models", "trained_on")


def customers(lake):
    rows = lake.for_job("test", "").read("identity.customer_map").select("account_id", "customer_id").collect()
    return {row.account_id: row.customer_id for row in rows}


@pytest.mark.parametrize(
    ("before", "after", "is_trained"),
    [
        ({"learned_hash": "m1"}, {"learned_hash": "m1"}, False),  # something else of the job changed: a patch release
        ({"learned_hash": "m1"}, {"learned_hash": "m2"}, True),  # matching code or its settings
        ({"learned_hash": "m1"}, {"learned_hash": "m2", "same_learned_hashes": frozenset({"m1"})}, False),  # accepted
        ({"learned_hash": "0123456789abcdef"}, {"learned_hash": "m1"}, False),  # of the version before
    ],
)
def test_a_model_is_trained_again_for_what_it_learns_by_alone(lake, silver, people, small, before, after, is_trained):
    lake.publish("silver.customers", silver(people), FIRST)
    was, _ = night(lake, small, FIRST, "hash-1", **before)

    now, models = night(lake, small, SECOND, "hash-2", **after)

    assert now == was
    assert models == ({FIRST: 1, SECOND: 1} if is_trained else {FIRST: 1})


def moved_alias(lake, version):
    champion(lake)[0].MlflowClient().set_registered_model_alias(MODEL_NAME, ALIAS, version)


def taken_over(lake, run_date):
    job = lake.for_job(champion_models.WRITES, "hash-0")
    champion_models.run(job, run_date, lake.profile)
    return job.notes


def test_the_champion_that_somebody_named_by_hand_is_in_force_from_the_next_night(linked, small, monkeypatch):
    monkeypatch.setattr(customer_identity, "night_hash", lambda _: "hash-1")
    weekly(linked, SECOND)
    assert taken_over(linked, SECOND) == []  # the weekly training moved the alias itself
    moved_alias(linked, "1")

    (note,) = taken_over(linked, THIRD)

    assert "version 1 of customer_identity, trained on 2017-10-01" in note
    job = linked.for_job("identity.customer_map", "hash-1")
    assert last_model.newest(job, THIRD)[0].name == "2017-10-15-v1"
    assert last_model.newest(job, SECOND)[0].trained_on == SECOND  # as of the day before
    customer_map.run(job, THIRD, small)
    assert all(name == "2017-10-15-v1" for name in counted(linked, "identity.pending_model_changes", "model"))
    assert counted(linked, "identity.match_pairs", "model").keys() <= {"2017-10-01-hash-1", "2017-10-15-v1"}
    assert linked.for_job("y", "hash-1").consumed("identity.customer_map")["identity.champion_models"] >= 0
    assert taken_over(linked, date(2017, 10, 16)) == []  # it is known now


def test_a_night_that_cannot_ask_mlflow_for_its_champion_says_so_and_goes_on(linked, monkeypatch):
    def refused(*_):
        raise ConnectionError

    monkeypatch.setattr(champion_models, "champion_number", refused)
    (note,) = taken_over(linked, SECOND)

    assert "MLflow could not be asked for its champion (ConnectionError)" in note
    assert linked.row_count(champion_models.WRITES) == 0


def test_a_lake_whose_models_are_not_in_mlflow_does_not_ask_it(lake, monkeypatch):
    monkeypatch.setattr(champion_models, "champion_number", lambda *_: pytest.fail("MLflow was asked"))
    assert taken_over(lake, FIRST) == []
    assert lake.row_count(champion_models.WRITES) == 0


def test_a_champion_from_after_the_night_is_not_used(linked, monkeypatch):
    weekly(linked, SECOND)
    monkeypatch.setattr(champion_models, "_known", lambda *_: "1")
    (note,) = taken_over(linked, FIRST)
    assert "trained on 2017-10-08, after this night" in note


def test_a_first_night_without_a_sound_model_leaves_everybody_alone(lake):
    assert last_model.sound(lake, None, FIRST, "too few records") is None
    assert "each account stays alone" in lake.notes[0]
