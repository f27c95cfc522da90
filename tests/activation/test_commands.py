"""`lakehouse audiences try`, `triggers try` and `deliver` over a lake on disk, without a JVM."""

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.activation import audiences, contactability
from jobs.activation.delivering import receipts
from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops import tables as ops_tables
from tests.activation.small_company import rows as rows_of
from tests.activation.test_both_engines import SETTINGS, lake
from tests.conftest import RUN_DATE

NAMES = {table.partition(".")[2]: table for table in (*audiences.READS, *contactability.READS, "activation.decisions")}
AT = datetime(RUN_DATE.year, RUN_DATE.month, RUN_DATE.day, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The lake of fifty customers after one night."""
    root = tmp_path_factory.mktemp("commands") / "lake"
    night = {"run_id": "r", "run_date": RUN_DATE, "step": "night", "job": "night", "outcome": "published"}
    row = {**night, "outputs": {}, "started_at": AT, "ended_at": AT}
    ops_tables.append(str(root / "ops" / "runs"), Contracts(Conf())["ops.runs"], [row], "r")
    made = lake()
    made.tables["contactability"] = made.fetch(contactability.contactability_query(RUN_DATE, SETTINGS))
    made.tables["decisions"] = rows_of("activation.decisions", [])
    for name, rows in made.tables.items():
        if name in NAMES:
            plain = pa.schema([pa.field(f.name, f.type) for f in rows.schema])  # what nobody asks for is NULL
            write_deltalake(str(root / NAMES[name].replace(".", "/")), pa.table(rows.columns, schema=plain))
    return root


def answer(place: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--lake", str(place)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("subject", ["audiences", "triggers"])
def test_all_of_them_are_tried_with_a_funnel_that_never_widens(place, capsys, subject):
    tried = json.loads(answer(place, capsys, subject, "try", "--format", "json"))

    counts = {one["funnel"]["name"]: one["funnel"]["counts"] for one in tried}
    assert len(counts) >= 3
    assert all(before >= after for one in counts.values() for before, after in itertools.pairwise(one))
    assert any(one[0] for one in counts.values())


def test_of_one_it_is_said_what_held_back_whom(place, capsys):
    name = json.loads(answer(place, capsys, "triggers", "try", "--format", "json"))[0]["funnel"]["name"]

    assert name in answer(place, capsys, "triggers", "try", name)


def test_a_name_that_is_not_there_is_refused_with_the_nearest(place, capsys):
    assert main(["triggers", "try", "item_fals_due", "--lake", str(place)]) == 2
    assert "item_falls_due" in capsys.readouterr().err


def test_why_nobody_wrote_to_a_customer_is_told_by_how_they_might_have_been(place, capsys):
    told = answer(place, capsys, "explain", "contact", "c000003")
    assert told.startswith(f"Night of {RUN_DATE}: no message to c000003: no audience, trigger or offer was about them")
    assert "marketing by email: " in told
    assert told == answer(place, capsys, "explain", "contact", "email:c000003").replace("email:c000003", "c000003")


def test_an_id_that_nobody_has_and_a_night_that_was_not_are_said(place, capsys):
    assert main(["explain", "contact", "nobody", "--lake", str(place)]) == 2
    assert "no customer of now has this id" in capsys.readouterr().err
    assert main(["explain", "contact", "c000003", "--on", "2000-01-01", "--lake", str(place)]) == 2
    assert "there was no night of 2000-01-01" in capsys.readouterr().err


def test_the_kill_switch_is_set_and_taken_back_by_one_word(place, capsys):
    assert "nothing goes out" in answer(place, capsys, "deliver", "--stop")
    assert (place / receipts.STOP).exists()
    assert "go out again" in answer(place, capsys, "deliver", "--go")
    assert not (place / receipts.STOP).exists()
    assert main(["deliver", "nowhere", "--lake", str(place)]) == 2


def test_the_kill_switch_is_set_before_the_first_night_too(tmp_path, capsys):
    assert main(["deliver", "--stop", "--lake", str(tmp_path / "none")]) == 0
    assert (tmp_path / "none" / receipts.STOP).exists()


@pytest.mark.parametrize("words", [["--stop", "--go"], ["--approved-by", "a", "--rejected-by", "b"]])
def test_words_that_contradict_one_another_are_refused(place, capsys, words):
    assert main(["deliver", *words, "--lake", str(place)]) == 2
    assert "are not said together" in capsys.readouterr().err


def test_a_company_without_destinations_is_told_so(place, capsys):
    assert "conf/destinations/NAME.yaml" in answer(place, capsys, "deliver")


@pytest.mark.parametrize("plan", ["{bad", "{}", "[1]", '{"run_date": "soon", "messages": {}}'])
def test_a_plan_that_is_none_is_refused(place, capsys, tmp_path, plan):
    (tmp_path / "destinations").mkdir()
    (tmp_path / "destinations" / "folder.yaml").write_text("channels: [email]\nfiles: {folder: out, format: csv}\n")
    words = ["deliver", "--approved-by", "a", "--plan", plan, "--conf", str(tmp_path), "--lake", str(place)]
    assert main(words) == 1
    assert "--plan: this is no plan" in capsys.readouterr().err


def test_a_fault_is_told_once_however_many_jobs_read_the_file(tmp_path, capsys):
    told = "version: '1', owner: me, in_segments: [loyal], channels: [email], content: x, expected_lift: 0.01"
    (tmp_path / "audiences.yaml").write_text(f"audiences:\n  mine: {{{told}, description: x, purpos: marketing}}\n")
    assert main(["check", "--no-preview", "--conf", str(tmp_path)]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if "purpos" in line]
    assert len(lines) == 1
    assert lines[0].endswith("did you mean 'purpose'?")
