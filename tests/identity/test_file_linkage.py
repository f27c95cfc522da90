"""Records of any kind, from files: cleaning by type, the YAML beside them, the command."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from benchmarks.people import people
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.semantic_types import TYPES
from jobs.identity.record_sets import file_fields, file_linkage, record_files
from jobs.identity.settings.identity import Settings
from lakehouse.cli import main as cli
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError

CONF = Conf().settings("identity", Settings)
FIELDS_YAML = Path(__file__).resolve().parents[2] / "benchmarks" / "record_sets" / "people.yaml"


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
    assert DuckDBEngine().connection.sql(f"SELECT {sql}").fetchall() == [(expected,)]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_cleaner_never_raises(kind):
    junk = ["", " ", "'", "%", "\\", "0", "9" * 400, "�", "日本", "a@@b", "-", "1e999", "NaN", "2024-99-99", "\t\n"]
    engine = DuckDBEngine()
    engine.connection.execute("CREATE TABLE junk (t VARCHAR)")
    engine.connection.executemany("INSERT INTO junk VALUES (?)", [[text] for text in junk])
    assert len(engine.connection.sql(f"SELECT {record_files.CLEANERS[kind]('t')} FROM junk").fetchall()) == len(junk)


def settings_of(tmp_path, text):
    fields_yaml = tmp_path / "f.yaml"
    fields_yaml.write_text(text, encoding="utf-8")
    return file_fields.settings_of(fields_yaml)


def loaded(tmp_path, fields_yaml, header, *lines):
    """The cleaned records of a small file."""
    path = tmp_path / "records.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    engine = DuckDBEngine()
    file_settings = settings_of(tmp_path, fields_yaml)
    file_linkage.load(engine, [path], file_settings, CONF)
    rows = engine.fetch("SELECT * FROM cleaned ORDER BY account_id")
    numbered = {inside: f"f{number}" for number, inside in enumerate(file_settings.names, 1)}
    names = ["_".join(numbered.get(part, part) for part in name.split("_")) for name in rows.column_names]
    return rows.rename_columns(names).to_pylist()


def test_a_full_name_is_two_fields(tmp_path):
    fields_yaml = "id: id\nfields:\n  name: {type: full_name}\n"
    file_settings = settings_of(tmp_path, fields_yaml)
    assert [(f.type, f.partner) for f in file_settings.typed] == [
        ("given_name", "namen1_family"),
        ("family_name", "namen1_given"),
    ]
    rows = loaded(
        tmp_path, fields_yaml, "id,name", '1,"Meyer, Anna"', "2,Anna B. Meyer", "3,Meyer", "4,李娜", "5,Li Na"
    )
    assert [(row["f1_given"], row["f1_family"]) for row in rows] == [
        ("anna", "meyer"),
        ("anna", "meyer"),
        (None, "meyer"),
        ("娜", "李"),
        ("na", "li"),
    ]
    assert rows[3]["f1_given_key"] == rows[4]["f1_given_key"]


ODD_NAMES = [
    "order",
    "by",
    "First-Name",
    "x y",
    "rid",
    "source",
    "match_weight",
    "select",
    "account_id",
    "channel",
    'a"b',
    "naïve",
    "姓名",
    "f2",
    "source_file",
    "record_hash",
    "known",
    "names",
    "rule",
    "key",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_column_may_have_any_name(tmp_path, name):
    rows = people(120, seed=3)[["account_id", "given_name", "surname", "birth_date", "phone"]]
    rows = rows.rename(columns={"account_id": "my id", "surname": name})
    records, fields_yaml = tmp_path / "records.csv", tmp_path / "f.yaml"
    rows.to_csv(records, index=False)
    fields = {name: {"type": "family_name"}, "given_name": {"type": "given_name"}, "phone": {"type": "phone"}}
    fields_yaml.write_text(yaml.safe_dump({"id": "my id", "fields": fields}, allow_unicode=True), encoding="utf-8")
    assert cli.main(["linkage", "--records", str(records), "--fields", str(fields_yaml)]) == 0


def test_words_for_unknown_are_as_good_as_empty_cells(tmp_path):
    fields_yaml = (
        "id: id\nfields:\n  given: {type: given_name}\n  sur: {type: family_name}\n  num: {type: street_number}\n"
    )
    words = ["N/A", "-", "?", "NULL", "nan", "None", "unbekannt", "无", "нет", "—"]
    rows = loaded(tmp_path, fields_yaml, "id,given,sur,num", *(f"{i},{w},{w},{w}" for i, w in enumerate(words)))
    assert {(row["f1"], row["f2"], row["f3"], row["record_hash"]) for row in rows} == {(None, None, None, None)}


def test_na_written_as_a_name_is_one(tmp_path):
    fields_yaml = "id: id\nfields:\n  given: {type: given_name}\n  sur: {type: family_name}\n"
    rows = loaded(tmp_path, fields_yaml, "id,given,sur", "1,Na,Li", "2,NA,Li", "3,Nil,Puig")
    assert [row["f1"] for row in rows] == ["na", None, "nil"]


def test_a_chinese_address_in_one_line_is_parted_as_in_the_lake(tmp_path):
    fields_yaml = "id: id\nfields:\n  name: {type: full_name}\n  address: {type: address}\n"
    lines = ["1,王小明,广东省深圳市南山区科技路12号", "2,王小明,深圳市南山区科技路12号"]
    one, other = loaded(tmp_path, fields_yaml, "id,name,address", *lines)
    parts = ("f2", "f2_city", "f2_house")
    assert [one[name] for name in parts] == [other[name] for name in parts]
    assert one["f2_house"] == "12"


def linked(tmp_path, fields_yaml, files):
    file_settings = settings_of(tmp_path, fields_yaml)
    paths = []
    for name, rows in files.items():
        paths.append(tmp_path / f"{name}.csv")
        rows.to_csv(paths[-1], index=False)
    return file_linkage.link(paths, file_settings, CONF)


PEOPLE_FIELDS = """id: id
fields:
  given_name: {type: given_name}
  surname: {type: family_name}
  birth_date: {type: birth_date}
  postcode: {type: postcode}
  phone: {type: phone}
"""


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = people(600, seed=5).rename(columns={"account_id": "id"})
    first = linked(tmp_path, PEOPLE_FIELDS, {"a": rows}).records
    second = linked(tmp_path, PEOPLE_FIELDS, {"b": rows.sample(frac=1, random_state=1)}).records
    by_id = [frame.set_index("account_id")["customer_id"].sort_index() for frame in (first, second)]
    pd.testing.assert_series_equal(*by_id)


def test_three_lists_give_things_of_up_to_three_records(tmp_path):
    people_ = people(300, seed=7, family_size=1.0).drop_duplicates("person").rename(columns={"account_id": "id"})
    lists = {f"list{n}": people_.assign(id=[f"{n}-{p}" for p in people_["person"]]) for n in range(3)}
    made = linked(tmp_path, "link: one_to_one\n" + PEOPLE_FIELDS, lists).records
    sizes = made.groupby("customer_id").size()
    assert sizes.max() == 3
    assert (sizes == 3).mean() > 0.95
    assert (made.groupby(["customer_id", "channel"]).size() == 1).all()


def test_one_id_twice_is_refused_and_so_is_a_record_without_one(tmp_path):
    fields_yaml = "id: id\nfields:\n  given: {type: given_name}\n"
    with pytest.raises(ConfigError, match=r"1 records have the 'id' of another \(b\)"):
        loaded(tmp_path, fields_yaml, "id,given", "a,Ann", "b,Bob", "b,Bill")
    with pytest.raises(ConfigError, match="1 records have no 'id'"):
        loaded(tmp_path, fields_yaml, "id,given", "a,Ann", ",Bob")


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path):
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, "id: id\nfields:\n  n: {type: given_name, columns: [Given]}\n", "id,Giveb", "a,Ann")
    assert "no column 'Given'" in str(refused.value)
    assert "did you mean 'Giveb'?" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "records.csv"
    path.write_bytes(b"id,given\n1,\xff\xfe\xfa\n" * 3)
    with pytest.raises(ConfigError, match="cannot be read"):
        file_linkage.load(
            DuckDBEngine(), [path], settings_of(tmp_path, "id: id\nfields: {given: {type: given_name}}\n"), CONF
        )


@pytest.mark.parametrize(
    ("kind", "things", "words"),
    [("company", 40, "were joined"), ("given_name", 80, "nothing was joined")],
)
def test_one_field_alone_joins_equal_names_of_things_only_and_says_so(tmp_path, kind, things, words):
    names = [f"{chr(97 + n % 40 // 20)}{chr(97 + n % 20)} works" for n in range(80)]
    rows = pd.DataFrame({"id": range(80), "name": names})
    made = linked(tmp_path, f"id: id\nfields:\n  name: {{type: {kind}}}\n", {"a": rows})
    assert made.records["customer_id"].nunique() == things
    assert words in made.notes[0]


def test_fields_that_are_empty_constant_or_written_twice_are_named_and_do_not_count(tmp_path):
    rows = people(400, seed=5).rename(columns={"account_id": "id"})
    fields_yaml = (
        PEOPLE_FIELDS + "  empty: {type: city}\n  same: {type: region}\n  again: {type: family_name, columns: [copy]}\n"
    )
    made = linked(tmp_path, fields_yaml, {"a": rows.assign(empty="", same="X", copy=rows["surname"])})
    assert [note.split("'")[1] for note in made.notes[:3]] == ["empty", "same", "again"]


def test_records_that_are_equal_in_every_field_are_one_thing_and_the_report_wonders(tmp_path):
    rows = pd.DataFrame(
        {
            "id": range(30),
            "given_name": "Ann",
            "surname": "Bell",
            "birth_date": "1980-01-01",
            "postcode": "1",
            "phone": "030123456",
        }
    )
    made = linked(tmp_path, PEOPLE_FIELDS, {"a": rows})
    assert made.records["customer_id"].nunique() == 1
    assert "tells nothing apart" in made.notes[0]


def test_a_measure_of_nothing_is_none(tmp_path, capsys):
    rows = people(300, seed=3, family_size=1.0).drop_duplicates("person").rename(columns={"account_id": "id"})
    records, fields_yaml = tmp_path / "records.csv", tmp_path / "f.yaml"
    rows.to_csv(records, index=False)
    fields_yaml.write_text("truth: {entity: person}\n" + PEOPLE_FIELDS)
    assert cli.main(["linkage", "--records", str(records), "--fields", str(fields_yaml), "--truth", str(records)]) == 0
    printed = capsys.readouterr().out
    assert "none: no two were joined" in printed
    assert "none: the truth has no pair" in printed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: id\nfields:\n  a: {type: surname}\n", "did you mean|must be|no semantic type"),
        ("id: id\nfeilds: {}\n", "did you mean"),
    ],
)
def test_a_yaml_of_another_form_is_refused(tmp_path, text, words):
    fields_yaml = tmp_path / "f.yaml"
    fields_yaml.write_text(text)
    with pytest.raises(Exception, match=words):
        file_fields.settings_of(fields_yaml)


def test_a_file_without_the_key_is_refused_with_its_columns(tmp_path):
    csv = tmp_path / "a.csv"
    csv.write_text("x,y\n1,2\n")
    with pytest.raises(ConfigError, match="no column 'id'"):
        record_files.read(DuckDBEngine(), "raw", [csv], "id")


def test_the_command_prints_measures_and_mistakes_and_writes_the_clusters(tmp_path, capsys):
    rows = people(1500, seed=3)
    records, out = tmp_path / "records.csv", tmp_path / "out.csv"
    rows.to_csv(records, index=False)
    arguments = ["--records", str(records), "--fields", str(FIELDS_YAML), "--truth", str(records), "--out", str(out)]
    assert cli.main(["linkage", *arguments]) == 0
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
    assert cli.main(["linkage", "--records", str(records), "--fields", str(FIELDS_YAML)]) == 2


@pytest.mark.parametrize(("header", "message"), [("account_id,who", "no column"), ("a,b", "no column 'account_id'")])
def test_a_truth_with_other_columns_is_refused_before_anything_is_linked(
    tmp_path, monkeypatch, capsys, header, message
):
    records, truth = tmp_path / "records.csv", tmp_path / "truth.csv"
    people(300, seed=3).to_csv(records, index=False)
    truth.write_text(f"{header}\n1,2\n")
    monkeypatch.setattr(file_linkage, "link", lambda *_: pytest.fail("it was linked"))
    arguments = ["--records", str(records), "--fields", str(FIELDS_YAML), "--truth", str(truth)]
    assert cli.main(["linkage", *arguments]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert f"it has {header.replace(',', ', ')}" in printed
