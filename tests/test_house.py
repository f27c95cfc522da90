"""The house rules, held by machine: the graph, contracts, suites, names, and what may not stand in a file."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.quality import suites
from lakehouse.runs import graph

ROOT = Path(__file__).resolve().parent.parent
JUDGED = ("silver.", "identity.", "gold.", "models.", "activation.")
CONF = Conf()
CONTRACTS = Contracts(CONF)
TABLES = sorted(t for t in CONTRACTS if t.startswith(JUDGED))


def test_the_graph_of_jobs_has_no_circle_and_one_writer_per_table():
    written = [table for job in graph.jobs() for table in job.writes]
    assert len(written) == len(set(written))


def test_a_job_reads_only_tables_that_some_job_writes():
    written = {table for job in graph.jobs() for table in job.writes}
    unknown = {
        (job.name, r) for job in graph.jobs() for r in job.reads if r not in written and not r.startswith("bronze.")
    }
    assert unknown == set()


def test_a_room_reads_only_rooms_before_it_or_its_own():
    order = ["ops", "bronze", "silver", "quarantine", "identity", "gold", "activation", "models", "report", "upkeep"]
    late = {
        (job.name, table)
        for job in graph.jobs()
        for table in job.reads
        if job.room in order and order.index(table.split(".")[0]) > order.index(job.room)
    }
    assert late == set()


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_job_a_contract_and_a_suite(table):
    assert any(table in job.writes for job in graph.jobs()), "no job writes it"
    assert suites.stewards(CONF, table), "its suite says nothing of its own"


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described_and_amounts_name_their_unit(table):
    for column in CONTRACTS[table].columns:
        assert len(column.description) > 2, column.name
        if column.name.endswith("_cents"):
            assert column.type == "BIGINT", column.name
        assert re.fullmatch(r"_?[a-z][a-z0-9_]*", column.name), column.name


@pytest.mark.parametrize("job", graph.jobs(), ids=lambda job: job.name)
def test_every_job_is_tested_in_its_room(job):
    room, name = job.module.split(".")[1:]
    texts = [path.stem + path.read_text() for path in (ROOT / "tests" / room).glob("test_*.py")]
    assert any(name in text for text in texts), f"no test of tests/{room} speaks of {name}"


def test_every_job_says_what_it_reads_and_writes_in_its_docstring():
    for job in graph.jobs():
        path = ROOT / (job.module.replace(".", "/") + ".py")
        assert "Writes" in (ast.get_docstring(ast.parse(path.read_text())) or ""), job.module


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_holds_a_path_of_a_machine_or_the_address_of_a_package_index():
    bad = re.compile(re.escape(f"{Path.home()}/") + r"|https?://[^ \"]*/(simple|maven2?|packages)(/|\b)")
    mine = Path(__file__).name
    found = [
        p.name for p in tracked() if p.suffix in TEXT and p.name != mine and bad.search(p.read_text(errors="ignore"))
    ]
    assert found == []


TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".lock", ".in", ".sh", ".cfg", ".j2", ".ipynb", ""}


def test_no_module_of_the_rooms_is_past_three_hundred_lines():
    long = {
        str(p.relative_to(ROOT)): n
        for p in (ROOT / "jobs").rglob("*.py")
        if (n := len(p.read_text().splitlines())) > 300
    }
    assert long == {}
