"""Texts that YAML cuts at a comma are found, in the packaged files and in a company's own."""

import pytest

from lakehouse.cli.main import main
from lakehouse.config.cut_texts import cut_texts
from lakehouse.config.documents import packaged

FILES = [path for folder in ("conf", "expectations") for path in sorted(packaged(folder).rglob("*.yaml"))]


def test_no_packaged_text_is_cut():
    assert [finding.line() for path in FILES for finding in cut_texts(path)] == []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("meta: {why: late, or wrong}", ["or wrong"]),
        ("- a: [{why: one, two, three}]", ["two", "three"]),
        ("{why: 早, 晚}", ["晚"]),
        ('{why: "late, or wrong"}', []),
        ("{a: , b: null, c: {}}", []),
        ("columns:\n  a:\n  b:\n", []),
        ("[late, or wrong]", []),
        ("a: [", []),
    ],
)
def test_a_bare_key_of_a_flow_mapping_is_a_cut_text(tmp_path, text, keys):
    path = tmp_path / "any.yaml"
    path.write_text(text)
    found = [finding.what.split("'")[-2] for finding in cut_texts(path)]
    assert found == keys


def test_check_warns_of_it_in_a_companys_files(tmp_path, capsys):
    (tmp_path / "expectations" / "gold").mkdir(parents=True)
    text = "- type: expect_table_row_count_to_be_between\n  kwargs: {min_value: 0}\n  meta: {why: none, or late}\n"
    (tmp_path / "expectations" / "gold" / "due_now.yaml").write_text(text)
    main(["check", "--no-preview", "--conf", str(tmp_path)])
    assert "due_now.yaml:3: a text of 'why' is cut at its comma: 'or late' became a key" in "".join(capsys.readouterr())
