"""Expectation suites: Great Expectations' own form in YAML, with the structural ones made from the contract."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakehouse.config.documents import packaged, read_document
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract
from lakehouse.errors import ConfigError


@dataclass(frozen=True)
class Expectation:
    """One expectation as GX writes it; `where` is the file and line a steward finds it at."""

    type: str
    kwargs: dict[str, Any]
    severity: str = "critical"
    meta: dict[str, Any] = field(default_factory=dict)
    where: str = ""

    @property
    def name(self) -> str:
        """A short, stable name: type and columns."""
        columns = self.kwargs.get("column") or "+".join(self.kwargs.get("column_list", []))
        return f"{self.type}({columns})" if columns else self.type


def suite(conf: Conf, contract: Contract) -> list[Expectation]:
    """The structural expectations of the contract, then what stewards wrote for the table."""
    return structural(contract) + stewards(conf, contract.table)


def structural(contract: Contract) -> list[Expectation]:
    """Keys, NOT NULL and enums of a contract as expectations."""
    why = {"why": "the contract says so"}
    expectations = [
        Expectation("expect_column_values_to_not_be_null", {"column": c.name}, meta=why)
        for c in contract.columns
        if c.required
    ]
    expectations += [
        Expectation("expect_column_values_to_be_in_set", {"column": c.name, "value_set": list(c.enum)}, meta=why)
        for c in contract.columns
        if c.enum
    ]
    if len(contract.key) == 1:
        expectations.append(Expectation("expect_column_values_to_be_unique", {"column": contract.key[0]}, meta=why))
    elif contract.key:
        expectations.append(
            Expectation("expect_compound_columns_to_be_unique", {"column_list": list(contract.key)}, meta=why)
        )
    return expectations


def suite_files(conf: Conf, table: str) -> list[Path]:
    """The suite's files: the packaged one and those of the --conf layers (expectations/ inside a layer)."""
    name = f"{table.replace('.', '/', 1)}.yaml"
    folders = [packaged("expectations"), *(layer / "expectations" for layer in conf.layers[1:])]
    return [folder / name for folder in folders if (folder / name).exists()]


def stewards(conf: Conf, table: str) -> list[Expectation]:
    """What stewards wrote for a table; unknown keys and severities are refused with file and line."""
    expectations = []
    for path in suite_files(conf, table):
        document = read_document(path)
        for i, item in enumerate(document.value or []):
            unknown = set(item) - {"type", "kwargs", "severity", "meta"}
            if unknown or item.get("severity", "critical") not in ("critical", "warning", "info"):
                raise ConfigError(
                    f"unknown {', '.join(sorted(unknown)) or 'severity ' + item['severity']}",
                    document.where((i,)),
                    "use type, kwargs, severity (critical or warning) and meta",
                )
            expectations.append(
                Expectation(
                    item["type"],
                    item.get("kwargs", {}),
                    item.get("severity", "critical"),
                    item.get("meta", {}),
                    document.where((i,)),
                )
            )
    return expectations
