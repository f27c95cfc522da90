"""The command line: every command, its options and exit codes; help by audience; what was probably meant."""

import subprocess
import sys

import pytest
from typer.core import TyperOption

from lakehouse.cli import grammar
from lakehouse.cli.commands import COMMANDS
from lakehouse.cli.main import main, version_text

COMMON = {"--conf", "--profile", "--lake", "--drop", "--log-level", "--log-format", "--help"}
DAY = {"--run-date", "--force", "--json"}
OPTIONS = {
    "night": DAY,
    "run": DAY | {"--night"},
    "plan": DAY,
    "sample": {"--nights", "--with-promotions"},
    "new-export": {"--name", "--channel", "--out", "--print", "--force"},
    "check": {"--export", "--file", "--rows", "--show-personal", "--no-preview"},
    "contracts": {"--odcs", "--lock", "--json-schema", "--out"},
    "sql": {"--format", "--as-of", "--engine"},
    "tables": set(),
    "summary": {"--run-date"},
    "linkage": {"--truth", "--records", "--fields", "--out"},
    "explain": {"--html", "--show-values"},
    "decide": {"--file", "--same", "--never", "--withdraw", "--erase", "--apply-model", "--reason", "--steward"},
    "resolve": {"--all", "--as-of"},
    "tags": {"--overlap", "--as-of", "--format"},
    "segments": {"--overlap", "--as-of", "--format"},
    "shell": {"-c"},
    "doctor": set(),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_options_it_had(name):
    options = [p for p in grammar.loaded(name).params if isinstance(p, TyperOption)]
    names = {text for option in options for text in (*option.opts, *option.secondary_opts)}
    assert names | {"--help"} >= OPTIONS.get(name, set()) | COMMON


def test_every_command_that_was_is_there():
    assert set(COMMANDS) >= set(OPTIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    assert main([name, "--help"]) == 0
    assert COMMANDS[name].text.split(":")[0] in " ".join(capsys.readouterr().out.split())


def test_the_help_lists_commands_by_audience(capsys):
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    sections = [line.rstrip(":") for line in printed.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert sections == ["Options", "Person on watch", "Analyst", "Data scientist", "Data steward", "Developer"]


def test_the_version_is_said(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == version_text()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["nigth"], "Did you mean 'night'?"),
        (["segment", "try"], "Did you mean 'segments'?"),
        (["sql", "SELECT 1", "--formt", "csv"], "Did you mean --format"),
        (["plan", "--rundate", "2017-10-01"], "--run-date"),
    ],
)
def test_a_misspelt_word_is_refused_with_what_was_meant(words, hint, capsys):
    assert main(words) == 2
    assert hint in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["sql"],
        ["run"],
        ["tags", "count"],
        ["sql", "SELECT 1", "--format", "xml"],
        ["plan", "--run-date", "tomorrow"],
        ["sample", "--nights", "many"],
        ["contracts"],
        ["contracts", "--odcs", "--lock"],
        ["decide", "--steward", "anna"],
        ["decide", "--same", "web:1"],
        ["decide", "--file", "a.csv", "--erase", "web:1"],
    ],
    ids=" ".join,
)
def test_wrong_usage_gives_exit_code_2_and_says_why(words, capsys):
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.err or printed.out


def test_a_configuration_that_is_not_there_gives_2(tmp_path, capsys):
    assert main(["plan", "--conf", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("lakehouse: ")


def test_only_the_asked_commands_module_is_imported():
    code = (
        "import sys; from lakehouse.cli import main, commands; main.main(['sql', '--help'])\n"
        "print([c.module for c in commands.COMMANDS.values() if c.module in sys.modules], 'pyspark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['lakehouse.cli.sql'] False"


def test_ctrl_c_says_that_the_run_resumes(monkeypatch, capsys):
    from lakehouse.cli import tables

    def interrupted(_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(tables, "run", interrupted)
    assert main(["tables"]) == 130
    assert "resumes there" in capsys.readouterr().err
