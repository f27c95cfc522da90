"""Records of any kind, from files: cleaning by type, the YAML beside them, the command."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.people import people
from jobs.identity.matching.lanes import DuckDBLane
from jobs.identity.matching.semantic_types import TYPES
from jobs.identity.record_sets import file_linkage, record_files
from lakehouse.cli import main as cli
from lakehouse.errors import ConfigError

FORM = Path(__file__).resolve().parents[2] / "benchmarks" / "record_sets" / "people.yaml"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("given_name", " Zoë-Ann ", "zoeann"),
        ("birth_date", "03.04.1980", "19800403"),
        ("birth_date", "19801341", "19801341"),
        ("birth_date", "soon", None),
        ("postcode", "0000", None),
        ("phone", "+49 (30) 12 34 56", "4930123456"),
        ("phone", "111111", None),
        ("email", "A@B.org", "a@b.org"),
        ("email", "none", None),
        ("free_text", "Don't  stop, me", "dont stop me"),
        ("number", "about 12.5 kg", 12.5),
        ("category", "", None),
        ("company", "Mar-1028 15inch", "mar 1028 15 inch"),
        ("company", "MAR1028", "mar 1028"),
    ],
)
def test_a_cleaner_gives_the_comparable_value_or_null(kind, text, expected):
    sql = record_files.CLEANERS[kind]("'" + text.replace("'", "''") + "'")
    assert DuckDBLane().connection.sql(f"SELECT {sql}").fetchall() == [(expected,)]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_cleaner_never_raises(kind):
    junk = ["", " ", "'", "%", "\\", "0", "9" * 400, "�", "日本", "a@@b", "-", "1e999", "NaN", "2024-99-99", "\t\n"]
    lane = DuckDBLane()
    lane.connection.execute("CREATE TABLE junk (t VARCHAR)")
    lane.connection.executemany("INSERT INTO junk VALUES (?)", [[text] for text in junk])
    assert len(lane.connection.sql(f"SELECT {record_files.CLEANERS[kind]('t')} FROM junk").fetchall()) == len(junk)


def test_a_full_name_is_two_fields(tmp_path):
    form = tmp_path / "f.yaml"
    form.write_text("id: id\nfields:\n  name: {type: full_name}\n")
    told = file_linkage.settings_of(form)
    assert [(f.name, f.type, f.partner) for f in told.typed] == [
        ("name_given", "given_name", "name_family"),
        ("name_family", "family_name", "name_given"),
    ]
    lane = DuckDBLane()
    lane.connection.execute("CREATE TABLE raw AS SELECT unnest(['Meyer, Anna', 'Anna B. Meyer', 'Meyer']) AS name")
    sql = ", ".join(told.columns.values())
    found = lane.connection.sql(f"SELECT {sql} FROM raw").fetchall()
    expected = [("Anna", "Meyer"), ("Anna", "Meyer"), (None, "Meyer")]
    assert [tuple(v and v.strip() for v in row) for row in found] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: id\nfields:\n  a: {type: surname}\n", "'surname' is none of given_name, .*, full_name"),
        ("id: id\nfeilds: {}\n", "did you mean"),
    ],
)
def test_a_yaml_of_another_form_is_refused(tmp_path, text, words):
    form = tmp_path / "f.yaml"
    form.write_text(text)
    with pytest.raises(Exception, match=words):
        file_linkage.settings_of(form)


def test_a_file_without_the_key_is_refused_with_its_columns(tmp_path):
    csv = tmp_path / "a.csv"
    csv.write_text("x,y\n1,2\n")
    with pytest.raises(ConfigError, match="no column 'id'"):
        record_files.read(DuckDBLane(), "raw", [csv], "id")


def test_the_command_prints_measures_and_mistakes_and_writes_the_clusters(tmp_path, capsys):
    rows = people(1500, seed=3)
    records, out = tmp_path / "records.csv", tmp_path / "out.csv"
    rows.to_csv(records, index=False)
    told = ["--records", str(records), "--fields", str(FORM), "--truth", str(records), "--out", str(out)]
    assert cli.main(["linkage", *told]) == 0
    printed = capsys.readouterr().out
    assert "F1" in printed
    assert "missed: no pair kept" in printed
    written = pd.read_csv(out, dtype=str)
    assert len(written) == len(rows)
    names = set(rows["surname"].dropna()) | set(rows["phone"].dropna())
    assert not any(name in printed for name in names if len(name) > 5)  # ids only


def test_records_without_a_usable_field_are_too_few(tmp_path):
    records = tmp_path / "records.csv"
    records.write_text(
        "account_id,channel,given_name,surname,birth_date,postcode,suburb,address_1,street_number,phone,person\n"
        + "".join(f"{i},a,,,,,,,,,p{i}\n" for i in range(50))
    )
    assert cli.main(["linkage", "--records", str(records), "--fields", str(FORM)]) == 2


@pytest.mark.parametrize(("header", "said"), [("account_id,who", "no column"), ("a,b", "no column 'account_id'")])
def test_a_truth_with_other_columns_is_refused_before_anything_is_linked(tmp_path, monkeypatch, capsys, header, said):
    records, truth = tmp_path / "records.csv", tmp_path / "truth.csv"
    people(300, seed=3).to_csv(records, index=False)
    truth.write_text(f"{header}\n1,2\n")
    monkeypatch.setattr(file_linkage, "link", lambda *_: pytest.fail("it was linked"))
    told = ["--records", str(records), "--fields", str(FORM), "--truth", str(truth)]
    assert cli.main(["linkage", *told]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert f"it has {header.replace(',', ', ')}" in printed
