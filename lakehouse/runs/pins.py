"""Which pinned distributions can change a job's result: those that its code uses, and what their figures rest on."""

import importlib.metadata
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from lakehouse.runs.graph import FOLDER

DISTRIBUTIONS = {  # what is imported -> what is installed, where the names differ
    "delta": "delta-spark",
    "great_expectations": "great-expectations",
    "sklearn": "scikit-learn",
    "xgboost": "xgboost-cpu",
    "yaml": "pyyaml",
}
RESTS_ON = {  # a job that uses the one has figures of the other, too
    "pandas": ("numpy",),
    "scipy": ("numpy",),
    "scikit-learn": ("numpy", "scipy"),
    "splink": ("duckdb", "sqlglot"),
    "statsforecast": ("coreforecast", "numpy", "pandas", "scipy", "utilsforecast"),
    "xgboost-cpu": ("numpy", "scipy"),
}
NO_FIGURES = ("matplotlib", "mlflow", "psutil", "rich")  # they draw, log and measure


def pins(outside: Iterable[str]) -> dict[str, str]:
    """Distribution -> version for these dotted names of other distributions.

    A distribution that the lock does not have is named by the version that is installed, or "none".
    """
    tops = {name.split(".")[0] for name in outside} - set(sys.stdlib_module_names)
    used = {DISTRIBUTIONS.get(top, top.replace("_", "-")) for top in tops}
    used |= {below for name in used for below in RESTS_ON.get(name, ())}
    return {name: _version(name) for name in sorted(used - {*NO_FIGURES})}


def _version(name: str) -> str:
    locked = read_lock(FOLDER.parent / "requirements.lock")
    if name in locked:
        return locked[name]
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


@cache
def read_lock(path: Path) -> dict[str, str]:
    """Distribution -> version of a lock file; {} where there is none (an installed wheel)."""
    if not path.exists():
        return {}
    lines = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in lines}
