"""The house: an engine that knows no table, rooms of jobs that bear their tables' names, names upward as text alone."""

import ast
import re
from pathlib import Path

import pytest

from lakehouse.runs import graph

ROOT = Path(__file__).parents[3]
BY_NAME = ("lakehouse/runs/", "lakehouse/cli/")  # where modules of rooms are loaded by their names
# what the engine keeps itself, and bronze's and quarantine's form, which follow from exports
OWN_LAYERS = ("ops", "bronze", "quarantine")


def room_files() -> list[Path]:
    return [p for room in graph.ROOMS for p in sorted((ROOT / "jobs" / room).glob("*.py")) if p.stem != "__init__"]


def test_jobs_holds_the_nine_rooms_and_nothing_else():
    beside = {p.name for p in (ROOT / "jobs").iterdir()} - {"__init__.py", "__pycache__"}
    assert beside == set(graph.ROOMS)


@pytest.mark.parametrize("path", room_files(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_plain_file_of_a_room_is_a_job_and_bears_its_tables_name(path):
    job = graph.declared(path)
    assert job is not None, "it declares no WRITES: move it into a folder of the room"
    names = {table.split(".")[1] for table in job.writes}
    assert path.stem in names or names == {"*"}, f"it writes {', '.join(job.writes)}"


def test_modules_are_loaded_by_name_in_runs_and_cli_alone():
    found = [
        str(path.relative_to(ROOT))
        for folder in ("lakehouse", "jobs", "dags")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"import_module\(|__import__\(|run_module\(", path.read_text())
        and not str(path.relative_to(ROOT)).startswith(BY_NAME)
    ]
    assert found == []


def test_every_package_of_the_engine_and_every_folder_of_a_room_says_what_it_is_for():
    silent = [
        str(folder.relative_to(ROOT))
        for top in ("lakehouse", "jobs")
        for folder in {path.parent for path in (ROOT / top).rglob("*.py")}
        if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    ]
    assert silent == []
