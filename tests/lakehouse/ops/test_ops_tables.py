"""The ops tables of an older lake take the columns that their contracts have gained since."""

from dataclasses import replace
from datetime import date

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops import tables
from lakehouse.runs.night import engine_of


def test_a_run_is_recorded_with_its_engine_in_a_lake_that_knew_none(tmp_path):
    runs = Contracts(Conf())["ops.runs"]
    reworded = [replace(column, description="in other words") for column in runs.columns if column.name != "engine"]
    older = replace(runs, columns=tuple(reworded))
    row = {"run_id": "r", "run_date": date(2026, 3, 1), "job": "gold.segments", "outcome": "done"}
    tables.append(str(tmp_path / "runs"), older, [row], "r1")
    tables.append(str(tmp_path / "runs"), runs, [{**row, "engine": "spark"}], "r2")
    assert sorted(str(found["engine"]) for found in tables.read(str(tmp_path / "runs"))) == ["None", "spark"]


def test_the_engine_of_a_job_is_told_by_what_worked_on_its_rows():
    assert engine_of(0, set()) == engine_of(0, {"local"}) == "local"
    assert engine_of(3, set()) == engine_of(0, {"spark"}) == "spark"
    assert engine_of(3, {"local"}) == engine_of(0, {"spark", "local"}) == "both"
