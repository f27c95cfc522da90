"""DuckDB is opened in one way, and a user's SQL sees nothing but its tables."""

import ast
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.config.documents import packaged
from lakehouse.sql import dialect, duckdb_engine
from lakehouse.sql.duckdb_engine import Limits, connect, with_our_functions


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "SELECT * FROM read_text('{folder}/lake/../secret.csv')",
        "SELECT * FROM '{folder}/secret.csv'",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.db'",
        "EXPORT DATABASE '{folder}/all'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 64",
        "SET enable_external_access = true",
        "SELECT * FROM variable_of_the_program",
        "SELECT getenv('PATH')",
    ],
)
def test_a_users_sql_reaches_no_file_no_extension_and_no_setting(tmp_path, sql):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    variable_of_the_program = pa.table({"secret": [1]})
    with connect(folders=[str(tmp_path / "lake")]) as engine, pytest.raises(duckdb.Error):
        engine.sql(sql.format(folder=tmp_path)).fetchall()
    assert variable_of_the_program.num_rows
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]


def test_files_of_the_folders_it_is_opened_for_are_read_quotes_in_their_path_or_not(tmp_path):
    folder = tmp_path / "o'lake"
    folder.mkdir()
    pq.write_table(pa.table({"n": [1, 2]}), folder / "t.parquet")
    with connect(folders=[str(folder)]) as engine:
        assert engine.read_parquet([str(folder / "t.parquet")]).fetchall() == [(1,), (2,)]


def test_what_does_not_fit_into_memory_goes_through_files(tmp_path):
    with connect(Limits(memory="60MB", spill=str(tmp_path / "spill"), keeps_order=False)) as engine:
        big = "SELECT count(*) FROM (SELECT i, hash(i) AS h, random() AS r FROM range(4_000_000) t(i) ORDER BY r)"
        assert engine.sql(big).fetchall() == [(4_000_000,)]


def test_instants_are_utc_and_the_limits_hold():
    with connect(Limits(threads=1, memory="100MB")) as engine:
        asked = "SELECT current_setting('TimeZone'), current_setting('threads'), hour(TIMESTAMPTZ '2026-07-01 12:00Z')"
        assert engine.sql(asked).fetchall() == [("UTC", 1, 12)]


def test_our_functions_are_there_where_they_are_asked_for():
    asked = "SELECT " + dialect.translated("date_format(to_date('31.01.2026', 'dd.MM.yyyy'), 'yyyy/MM')")
    with with_our_functions() as engine:
        assert engine.sql(asked).fetchall() == [("2026/01",)]
    with connect() as engine, pytest.raises(duckdb.Error):
        engine.sql(asked)


def test_nobody_else_opens_duckdb():
    root = packaged("jobs").parent
    own = root / "lakehouse" / "sql" / "duckdb_engine.py"
    files = [p for folder in ("lakehouse", "jobs") for p in Path(root / folder).rglob("*.py") if p != own]
    assert [str(p.relative_to(root)) for p in files if opens_duckdb(p.read_text())] == []
    assert opens_duckdb(own.read_text())


def opens_duckdb(source: str) -> bool:
    """Whether a module calls duckdb.connect."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(ast.unparse(call.func) in ("duckdb.connect", "duckdb.default_connection") for call in calls)


def test_the_usual_limits_are_those_of_one_query():
    assert Limits(2, "1GB", "", True) == duckdb_engine.USUAL
