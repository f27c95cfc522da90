"""`lakehouse decide` and `lakehouse resolve`, without a JVM."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from lakehouse.cli import main as cli
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops import tables as ops_tables
from tests.identity.test_ledger import LEDGER

NIGHT = date(2017, 10, 2)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lake of two accounts, a ledger and one published night."""
    lake = tmp_path / "lake"
    write_deltalake(str(lake / "silver/customers"), pa.table({"account_id": ["web:1", "web:2"]}))
    write_deltalake(str(lake / "identity/customer_id_ledger"), LEDGER)
    began = datetime(2017, 10, 2, tzinfo=UTC)
    row = {
        "run_id": "r",
        "run_date": NIGHT,
        "step": "report",
        "job": "night",
        "outcome": "published",
        "reason": "",
        "started_at": began,
        "seconds": 1.0,
        "job_hash": "",
        "inputs": {},
        "outputs": {},
        "notes": [],
        "error": "",
        "counters": {},
    }
    contract = Contracts(Conf())["ops.runs"]
    known = {column.name for column in contract.columns}
    ops_tables.append(str(lake / "ops/runs"), contract, [{k: v for k, v in row.items() if k in known}], "r")
    return lake


def test_a_file_with_a_fault_is_refused_by_line_and_nothing_waits_to_be_taken(root, tmp_path, capsys):
    path = tmp_path / "decisions.csv"
    path.write_text("account_id_left,account_id_right,decision,reason\nweb:1,web:2,same,\nweb:1,web:9,never,\n")
    assert cli.main(["decide", "--steward", "anna", "--file", str(path), "--lake", str(root)]) == 1
    printed = capsys.readouterr().err
    assert "line 3, column account_id_left or account_id_right: there is no account 'web:9'" in printed
    assert "nothing was taken" in printed
    assert not (root / "_decisions").exists()


def test_nobody_decides_without_a_name_and_a_model_that_waits_for_nothing_is_refused(root, capsys, monkeypatch):
    monkeypatch.delenv("LAKEHOUSE_STEWARD", raising=False)
    assert cli.main(["decide", "--same", "web:1", "web:2", "--lake", str(root)]) == 2
    assert cli.main(["decide", "--steward", "anna", "--apply-model", "2017", "--lake", str(root)]) == 1
    assert "no change of the model 2017 waits" in capsys.readouterr().err


def test_an_id_is_followed_to_what_it_is_now_or_was_on_a_day(root, capsys):
    assert cli.main(["resolve", "b", "--as-of", "2017-10-09", "--lake", str(root)]) == 0
    assert capsys.readouterr().out.split("\n")[:3] == ["b  merged on 2017-10-05", "a  merged on 2017-10-09", "c  alive"]
    assert cli.main(["resolve", "b", "--lake", str(root)]) == 0
    assert capsys.readouterr().out == "b  alive\n"
    assert cli.main(["resolve", "nobody", "--lake", str(root)]) == 1


def test_all_ids_are_written_with_what_each_is_now(root, tmp_path, capsys):
    path = tmp_path / "ids.csv"
    assert cli.main(["resolve", "--all", str(path), "--as-of", "2017-10-09", "--lake", str(root)]) == 0
    assert capsys.readouterr().out == f"4 ids in {path}\n"
    assert path.read_text().replace('"', "").split() == [
        "customer_id,living_id,state",
        "a,c,alive",
        "b,c,alive",
        "c,c,alive",
        "e,,erased",
    ]
    assert cli.main(["resolve", "--lake", str(root)]) == 2


def test_a_customer_is_explained_by_its_id_with_or_without_the_word(root, capsys, monkeypatch):
    from jobs.identity.explaining import explain, explain_text

    requested = []
    monkeypatch.setattr(explain, "explain", lambda conf, customer_id: requested.append(customer_id))
    monkeypatch.setattr(explain_text, "show", lambda *_: None)
    assert cli.main(["explain", "customer", " c1 ", "--lake", str(root)]) == 0
    assert cli.main(["explain", "c1", "--lake", str(root)]) == 0
    assert requested == ["c1", "c1"]
    assert cli.main(["explain", "c1", "c2", "--lake", str(root)]) == 2
    assert "one customer at a time" in capsys.readouterr().err
