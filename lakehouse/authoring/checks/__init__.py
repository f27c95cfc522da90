"""Validation of everything under conf/ and expectations/, without Spark: what `lakehouse check` says."""

from dataclasses import dataclass

from lakehouse.authoring.checks import exports, queries, subjects, suites
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
    found = exports.check(conf, loaded, findings)
    subjects.check(conf, loaded, findings)
    queries.check(conf, findings)
    return Checked(findings, found, loaded)
