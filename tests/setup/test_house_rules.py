"""The import rules name every plain file of jobs/, so that a new one cannot slip past them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_floor_module_is_under_the_rule_that_it_imports_no_room():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    ruled = next(contract for contract in contracts if contract["name"] == "the floor imports no room")
    floor = {f"jobs.{file.stem}" for file in (ROOT / "jobs").glob("*.py") if file.stem != "__init__"}
    assert floor == set(ruled["source_modules"])
