"""DAGs are the flow on one screen: they load, say who owns them and what to do, and order tasks by what they read."""

import ast
from pathlib import Path

import pytest

from lakehouse.runs import graph

FOLDER = Path(__file__).parents[2] / "dags"
ON_SPARK = ["customer_lakehouse_nightly", "identity_training_weekly", "model_training_weekly", "upkeep_weekly"]
IDS = ["activation_daily", *ON_SPARK]
PERSONS = {"ask"}  # a question that nobody answered is not asked again


@pytest.fixture(scope="module")
def bag():
    from airflow.dag_processing.dagbag import BundleDagBag

    return BundleDagBag(FOLDER, bundle_path=FOLDER, bundle_name="dags-folder")


def test_every_dag_loads(bag):
    assert bag.import_errors == {}
    assert sorted(bag.dags) == IDS


@pytest.mark.parametrize("dag_id", IDS)
def test_a_dag_says_who_owns_it_what_it_makes_and_what_kind_it_is(bag, dag_id):
    dag = bag.dags[dag_id]
    assert {task.owner for task in dag.tasks} == {"customer-lakehouse"}
    assert "fail" in dag.doc_md
    assert dag.tags
    assert dag.max_active_runs == 1
    assert dag.catchup is False


@pytest.mark.parametrize("dag_id", IDS)
def test_every_task_retries_with_growing_pauses_and_tells_of_its_failure(bag, dag_id):
    for task in bag.dags[dag_id].tasks:
        assert task.retries >= 1 or task.task_id in PERSONS
        assert task.retry_exponential_backoff
        assert task.on_failure_callback


@pytest.mark.parametrize("dag_id", ON_SPARK)
def test_the_business_day_is_asked_in_a_form_and_may_stay_empty(bag, dag_id):
    param = bag.dags[dag_id].params.get_param("run_date")
    assert param.schema["format"] == "date"
    assert "null" in param.schema["type"]
    assert param.resolve() is None


def test_every_task_is_one_spark_application_of_a_step_or_job(bag):
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

    for dag_id in ON_SPARK:
        for task in bag.dags[dag_id].tasks:
            assert isinstance(task, SparkSubmitOperator)
            assert graph.select((task.application_args[0],))


def test_a_night_has_every_step_once(bag):
    assert [task.task_id for task in bag.dags["customer_lakehouse_nightly"].topological_sort()] == list(graph.STEPS)


def test_a_task_comes_after_those_whose_tables_it_reads(bag):
    nightly = bag.dags["customer_lakehouse_nightly"]
    step_of = {table: step for step in graph.STEPS for job in graph.select((step,)) for table in job.writes}
    for step in graph.STEPS:
        earlier = {step, *nightly.get_task(step).get_flat_relative_ids(upstream=True)}
        read = {table for job in graph.select((step,)) for table in job.reads}
        assert {step_of[table] for table in read if table in step_of} <= earlier, step


def test_every_table_that_a_step_publishes_is_an_asset_of_its_task(bag):
    nightly = bag.dags["customer_lakehouse_nightly"]
    for step in graph.STEPS:
        written = {
            t for job in graph.select((step,)) for t in job.writes if not t.startswith(("bronze.", "quarantine."))
        }
        outlets = {asset.name for asset in nightly.get_task(step).outlets}
        assert written <= outlets, f"add to TABLES in dags/_nightly.py: {step} {sorted(written - outlets)}"


def test_dags_name_jobs_as_text():
    for file in FOLDER.glob("*.py"):
        imported = {
            name
            for node in ast.walk(ast.parse(file.read_text()))
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        }
        assert not any(name.split(".")[0] == "jobs" for name in imported), file.name
