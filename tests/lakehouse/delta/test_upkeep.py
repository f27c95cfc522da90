"""Upkeep of a table keeps its rows, its past and its appends readable."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakehouse.delta import log as delta_log
from lakehouse.delta import upkeep

PLAN = upkeep.Plan(min_files=5, keep_hours=168, checkpoint_after_commits=6)
NIGHTS = 12


@pytest.fixture
def shelf(tmp_path) -> str:
    """A table to which each of twelve nights added a row."""
    path = str(tmp_path / "shelf")
    for night in range(NIGHTS):
        write_deltalake(path, pa.table({"night": [night]}), mode="append")
    return path


def nights(path: str, version: int | None = None) -> list[int]:
    return sorted(DeltaTable(path, version=version).to_pyarrow_table()["night"].to_pylist())


def test_small_files_become_one_and_rows_and_earlier_versions_stay(shelf):
    assert upkeep.tidy(shelf, PLAN) == NIGHTS

    assert nights(shelf) == list(range(NIGHTS))
    assert nights(shelf, version=3) == [0, 1, 2, 3]
    assert len(DeltaTable(shelf).file_uris()) == 1


def test_what_was_appended_since_a_version_is_still_told_apart(shelf):
    upkeep.tidy(shelf, PLAN)
    write_deltalake(shelf, pa.table({"night": [99]}), mode="append")

    newest = delta_log.latest_version(shelf) or 0
    assert delta_log.only_appended(shelf, NIGHTS - 2, newest)
    assert delta_log.rows_added(shelf, NIGHTS - 2, newest) == 2


def test_a_log_gets_a_checkpoint_and_a_table_in_order_gets_no_commit(shelf):
    upkeep.tidy(shelf, PLAN)
    before = delta_log.latest_version(shelf)
    assert (DeltaTable(shelf).version(), nights(shelf)) == (before, list(range(NIGHTS)))

    assert upkeep.tidy(shelf, PLAN) == 0

    assert delta_log.latest_version(shelf) == before
    assert len(list(Path(shelf, "_delta_log").glob("*.checkpoint.parquet"))) == 1


def test_a_table_of_few_files_is_left_alone(tmp_path):
    path = str(tmp_path / "one")
    write_deltalake(path, pa.table({"night": [1]}))
    assert upkeep.tidy(path, PLAN) == 0
    assert delta_log.latest_version(path) == 0
