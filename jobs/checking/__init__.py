"""Validation of everything under conf/ and expectations/, without Spark: what `lakehouse check` says."""

from dataclasses import dataclass

from jobs.checking import contract_checks, exports, lock, subjects, suites
from jobs.checking.findings import Findings
from jobs.config import Conf
from jobs.contracts import Contract
from jobs.exports import Export


@dataclass(frozen=True)
class Checked:
    """What was found, and the parts whose form is right."""

    findings: Findings
    exports: dict[str, Export]
    contracts: dict[str, Contract]


def everything(conf: Conf) -> Checked:
    """Check contracts and their lock, suites, exports, subjects and profiles."""
    findings = Findings()
    loaded = contract_checks.check(conf, findings)
    lock.compare(conf, loaded, findings)
    suites.check(conf, loaded, findings)
    found = exports.check(conf, loaded, findings)
    subjects.check(conf, loaded, findings)
    return Checked(findings, found, loaded)
