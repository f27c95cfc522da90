"""The pages of the reference hold every command, table, subject and module, and say what is declared."""

import json

from lakehouse.cli.commands import COMMANDS
from lakehouse.cli.main import main
from lakehouse.cli.reference_pages import command_line, markdown, modules, settings, tables
from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts


def test_every_command_is_on_the_page_of_the_command_line():
    text = command_line.pages()["command-line.md"]
    assert [name for name in COMMANDS if f"### lakehouse {name}\n" not in text] == []
    assert "`--as-of D`" in text
    assert "`--lake DIR`" in text


def test_every_table_is_on_its_layers_page_with_its_columns():
    contracts = Contracts(Conf())
    text = "\n".join(tables.pages(contracts).values())
    assert [table for table in contracts if f"## {table}\n" not in text] == []
    assert "| `order_id` | `STRING` | key |" in text
    assert "`ARRAY<STRING>`" in text


def test_every_subject_is_on_the_page_of_settings():
    text = settings.pages(packaged("conf"))["settings.md"]
    assert [path.stem for path in packaged("conf").glob("*.yaml") if f"## {path.stem}\n" not in text] == []


def test_ranges_come_from_the_subjects_json_schema(tmp_path):
    (tmp_path / "schema").mkdir()
    (tmp_path / "churn.yaml").write_text("horizon_days: 28  # days\n")
    schema = {
        "properties": {
            "horizon_days": {"type": "integer", "minimum": 1, "maximum": 365},
            "deep": {"$ref": "#/$defs/D"},
        },
        "$defs": {"D": {"properties": {"share": {"type": "number", "exclusiveMinimum": 0, "description": "of all"}}}},
    }
    (tmp_path / "schema" / "churn.schema.json").write_text(json.dumps(schema))
    text = settings.pages(tmp_path)["settings.md"]
    assert "| `horizon_days` | integer | from 1, to 365 |" in text
    assert "| `deep.share` | number | above 0 | of all |" in text


def test_modules_say_what_their_docstrings_say(tmp_path):
    room = tmp_path / "jobs" / "gold"
    room.mkdir(parents=True)
    (room / "__init__.py").write_text('"""The room."""\n')
    (room / "rfm.py").write_text(
        '"""How recently."""\n\n\ndef run(lake: int) -> None:\n    """Do it."""\n\n\ndef _own(): ...\n'
    )
    text = modules.pages(tmp_path, "jobs")["code/jobs-gold.md"]
    assert "## jobs.gold.rfm\n\n```text\nHow recently.\n```" in text
    assert "### `run(lake: int)`\n\n```text\nDo it.\n```" in text
    assert "_own" not in text


def test_a_cell_breaks_no_table_and_no_markup():
    assert markdown.cell("a | b\nc <d> [e]") == "a \\| b c &lt;d> \\[e]"


def test_the_command_writes_the_pages(tmp_path, capsys):
    assert main(["reference", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "code.md").is_file()
    assert "pages" in capsys.readouterr().out
