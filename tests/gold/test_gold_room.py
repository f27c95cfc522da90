"""The gold room as a whole: on a made-up company every table comes out, and a second run changes none."""

import pytest
from pyspark.sql import SparkSession

from jobs import graph, night
from jobs.config import Conf
from jobs.contracts import Contracts
from jobs.history import History
from jobs.lake import Lake, Run
from tests.company import LAST, publish_company
from tests.conftest import places

MAY_BE_EMPTY = {"gold.customer_tags", "gold.due_now"}


@pytest.fixture(scope="module")
def company(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    conf = Conf(overrides=places(tmp_path_factory.mktemp("gold")))
    lake = Lake(spark, conf, conf.profile.lake, Run("made-up", LAST), Contracts(conf))
    publish_company(lake.for_job("company", "hash"))
    return lake


def gold_night(lake: Lake) -> dict[str, night.Outcome]:
    outcomes = night.Night(lake, History(lake.root)).run(graph.select(("gold",)))
    lake.flush()
    return {outcome.job.name: outcome for outcome in outcomes}


def test_every_table_of_the_room_comes_out(company):
    outcomes = gold_night(company)

    assert {name: o.error for name, o in outcomes.items() if o.error} == {}
    written = [table for job in graph.select(("gold",)) for table in job.writes if table.startswith("gold.")]
    empty = {table for table in written if not company.for_job("look", "").row_count(table)} - MAY_BE_EMPTY
    assert empty == set(), [note for o in outcomes.values() for note in o.notes]


def test_a_second_run_of_the_same_day_changes_no_table(company):
    before = {table: company.version(table) for table in company.contracts if table.startswith("gold.")}

    again = gold_night(company)

    assert {o.outcome for o in again.values()} == {night.SKIPPED}
    assert {table: company.version(table) for table in before} == before
