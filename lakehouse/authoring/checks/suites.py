"""Checks of expectation suites: known expectations, columns that exist, and a reason for each."""

import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lakehouse.config.documents import packaged, shown
from lakehouse.config.findings import Findings, nearest
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract
from lakehouse.quality import compiler, suites
from lakehouse.quality.suites import Expectation
from lakehouse.sql.checks import Scope, check_expression

UNSUITED = ("ops", "bronze", "quarantine")  # as they come
COLUMN_KEYS = ("column", "column_A", "column_B", "column_list", "column_set")


def check(conf: Conf, contracts: Mapping[str, Contract], findings: Findings) -> None:
    """Check that every table has a suite, the suites, and suites without a table."""
    for table, contract in contracts.items():
        if table.split(".")[0] not in UNSUITED and not suites.suite_files(conf, table):
            remedy = f"write expectations/{table.replace('.', '/')}.yaml"
            findings.error(shown(contract.file), f"{table} has no expectations", remedy)
        with findings.caught(table):
            for expectation in suites.stewards(conf, table):
                _one(expectation, contract, findings)
    for folder in [packaged("expectations"), *(layer / "expectations" for layer in conf.layers[1:])]:
        for path in sorted(folder.rglob("*.y*ml")):
            table = ".".join(path.relative_to(folder).with_suffix("").parts)
            if table not in contracts or path.suffix != ".yaml":
                findings.error(shown(path), f"there is no table {table}", nearest(table, contracts))


def _one(expectation: Expectation, contract: Contract, findings: Findings) -> None:
    where, names = expectation.where, [c.name for c in contract.columns]
    if expectation.type not in known_types():
        remedy = nearest(expectation.type, known_types())
        findings.error(where, f"Great Expectations has no '{expectation.type}'", remedy)
    for key in COLUMN_KEYS:
        for name in _many(expectation.kwargs.get(key, [])):
            if name not in names:
                findings.error(where, f"{contract.table} has no column '{name}'", nearest(name, names))
    if condition := expectation.kwargs.get("row_condition"):
        check_expression(condition, Scope(names), where, findings)
    _pattern(expectation, findings)
    if not expectation.meta.get("why"):
        findings.warning(where, "the expectation does not say why it matters", "add meta: {why: ...}")


def _pattern(expectation: Expectation, findings: Findings) -> None:
    try:
        re.compile(str(expectation.kwargs.get("regex", "")))
    except re.error as error:
        findings.error(expectation.where, f"the regex does not compile: {error}", "correct it")


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value]


@cache
def known_types() -> frozenset[str]:
    """What Great Expectations offers, by its files: importing it takes seconds."""
    spec = importlib.util.find_spec("great_expectations")
    core = Path(spec.origin).parent / "expectations" / "core" if spec and spec.origin else Path()
    return frozenset(path.stem for path in core.glob("expect_*.py")) | frozenset(compiler.COMPILERS)
