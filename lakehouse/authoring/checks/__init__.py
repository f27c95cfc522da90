"""Validation of everything under conf/ and expectations/, without Spark: what `lakehouse check` says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lakehouse.authoring.checks import exports, queries, subjects, suites
from lakehouse.config.cut_texts import cut_texts
from lakehouse.config.documents import packaged
from lakehouse.config.exports import Export
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts import checks as contract_checks
from lakehouse.contracts import promises as lock
from lakehouse.contracts.contract import Contract


@dataclass(frozen=True)
class Checked:
    """What was found, and the parts whose form is right."""

    findings: Findings
    exports: dict[str, Export]
    contracts: dict[str, Contract]


def everything(conf: Conf) -> Checked:
    """Check contracts and their lock, suites, exports, subjects and profiles, then what all jobs ask."""
    findings = Findings()
    loaded = contract_checks.check(conf, findings)
    lock.compare(conf, loaded, findings)
    suites.check(conf, loaded, findings)
    checked = exports.check(conf, loaded, findings)
    subjects.check(conf, loaded, findings)
    for path in _yaml_files(conf):
        findings.items += cut_texts(path)
    queries.check(conf, findings)
    return Checked(findings, checked, loaded)


def _yaml_files(conf: Conf) -> Iterator[Path]:
    """Every YAML file of the layers, and the packaged expectations; other layers' lie inside them."""
    own = packaged("conf") / "sample"
    for folder in (*conf.layers, packaged("expectations")):
        for path in sorted(folder.rglob("*.y*ml")):
            if folder == own or not path.is_relative_to(own):
                yield path
