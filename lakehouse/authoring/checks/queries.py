"""Checks of all queries of all jobs, rendered with this configuration, and of the columns that they lead to."""

from lakehouse.authoring.lineage import kept
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf


def check(conf: Conf, findings: Findings) -> None:
    """Add what is wrong with them; a configuration that has errors itself renders nothing."""
    if not findings.errors:
        findings.items += kept.known(conf).findings
