"""Every alarm and every error has an entry in the runbook: what it means, what to do, how to see that it worked."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from lakehouse.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
RUNBOOK = (ROOT / "docs" / "how-to" / "runbook.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
# errors that never reach a person: they are caught where they are raised, or shown under another name
INSIDE = {"UnlistedKeysError", "UndecodableError", "TooManyItemsetsError", "NotTakenError", "UnfitError", "_QueryError"}
BY_STATE = {
    "RefusedError": "refused",
    "MissingColumnsError": "refused",
    "TooLargeError": "refused",
    "WaitingError": "incomplete",
    "UnknownError": "unknown",
}
FAMILIES = {"Airflow": "Airflow and MLflow", "MLflow": "Airflow and MLflow"}


def modules(*folders: str) -> list[ast.Module]:
    return [ast.parse(p.read_text(encoding="utf-8")) for f in folders for p in sorted((ROOT / f).rglob("*.py"))]


def error_classes() -> set[str]:
    classes = [n for m in modules("lakehouse", "jobs", "dags") for n in ast.walk(m) if isinstance(n, ast.ClassDef)]
    return {one.name for one in classes if one.name.endswith("Error")}


def diagnosed() -> set[str]:
    """What doctor may find wrong, by the names that it gives."""
    calls = [n for m in modules("lakehouse/doctor") for n in ast.walk(m) if isinstance(n, ast.Call)]
    alarms = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id in ("warn", "fail") and c.args]
    return {str(c.args[0].value) for c in alarms if isinstance(c.args[0], ast.Constant)}


@pytest.mark.parametrize("name", sorted(error_classes() - INSIDE))
def test_every_error_has_an_entry(name):
    assert BY_STATE.get(name, name) in ENTRIES


@pytest.mark.parametrize("name", sorted(diagnosed()))
def test_everything_that_doctor_may_find_has_an_entry(name):
    assert FAMILIES.get(name, name) in ENTRIES


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_says_what_it_means_what_to_do_and_how_to_see_that_it_worked(name):
    for part in ("Meaning", "Do", "Worked"):
        found = re.search(rf"^- \*\*{part}:\*\* (.+)", ENTRIES[name], re.MULTILINE)
        assert found, f"{name} lacks {part}"


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`lakehouse ([^`]+)`", RUNBOOK))))
def test_a_command_of_the_runbook_is_one_of_ours(command):
    assert shlex.split(command)[0] in COMMANDS
