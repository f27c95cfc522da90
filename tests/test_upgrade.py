"""A lake that an earlier version wrote is read by this one: its next night is a usual one, and nothing of it is lost.

tests/lakes has the lakes: forty households of the sample, two nights, MLflow's store and the next day's delivery.
`before_rooms` was written by the version before the engine and the rooms were set apart.
"""

import sqlite3
import tarfile
from pathlib import Path

import pytest

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.lake.reader import rows
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS
from tests.conftest import places

LAKES = Path(__file__).parent / "lakes"
WRITTEN_AT = "/lake"  # where the MLflow store of an archive thinks that its artifacts are
ARTIFACTS = {
    "experiments": "artifact_location",
    "runs": "artifact_uri",
    "model_versions": "storage_location",
    "logged_models": "artifact_location",
}
HISTORIES = {
    "gold.segment_history": ("customer_id, segment, since", "customer_id, segment, valid_from"),
    "gold.customer_tags": ("customer_id, tag, since", "customer_id, tag, valid_from"),
    "gold.group_history": ("dimension, customer_id, valid_from", "dimension, customer_id, valid_from"),
    "gold.life_cycle_history": ("customer_id, valid_from, state", "customer_id, valid_from, state"),
    "identity.customer_id_ledger": ("customer_id, event, run_date", "customer_id, event, run_date"),
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def opened(name: str, folder: Path) -> Conf:
    """A lake of the archive in a folder of its own, with the next delivery in its drop."""
    with tarfile.open(LAKES / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    (folder / "next_delivery").rename(folder / "drop")
    with sqlite3.connect(folder / "mlflow.db") as store:
        for table, column in ARTIFACTS.items():
            store.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (WRITTEN_AT, str(folder)))
    return Conf([packaged("conf") / "sample"], overrides=places(folder))


def texts(conf: Conf, columns: str, table: str) -> set[tuple[str, ...]]:
    return {tuple(map(str, row.values())) for row in rows(conf, f"SELECT {columns} FROM {table}")}


def test_the_next_night_of_an_older_lake_keeps_ids_and_histories_and_names_what_it_rebuilds(spark, tmp_path):
    conf = opened("before_rooms", tmp_path)
    accounts = texts(conf, "account_id, customer_id", "identity.customer_map")
    histories = {table: texts(conf, old, table) for table, (old, _) in HISTORIES.items()}
    orders = rows(conf, "SELECT count(*) AS n FROM silver.orders")[0]["n"]

    night = steps.run(conf, list(STEPS))

    assert [(o.job.name, o.error) for o in night.outcomes if o.error] == []
    assert {o.reason for o in night.outcomes} <= {
        "looks for what is new",
        "nothing of it changed",
        "its code or configuration changed: an earlier version of the lakehouse made it, and did not record by what",
    }
    assert len(accounts) > 100
    assert texts(conf, "account_id, customer_id", "identity.customer_map") >= accounts
    for table, (_, new) in HISTORIES.items():
        assert texts(conf, new, table) >= histories[table], table
    assert rows(conf, "SELECT count(*) AS n FROM silver.orders")[0]["n"] > orders

    again = steps.run(conf, list(STEPS), night.run_date)
    assert {o.reason for o in again.outcomes} == {"looks for what is new", "nothing of it changed"}
