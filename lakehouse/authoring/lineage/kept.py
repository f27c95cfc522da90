"""What is known of all queries and columns, kept in var/lineage.json until code or configuration changes."""

from dataclasses import asdict, dataclass
from pathlib import Path

from lakehouse.authoring.lineage import graph as graphs
from lakehouse.authoring.lineage import query_checks
from lakehouse.authoring.lineage.graph import Graph
from lakehouse.config.findings import Finding, Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.runs import job_queries, kept_lineage
from lakehouse.sql.lineage import Tracer
from lakehouse.sql.qualified import Looker


@dataclass(frozen=True)
class Known:
    """What is wrong with the queries and with the graph of columns, and the graph."""

    findings: tuple[Finding, ...]
    graph: Graph


def known(conf: Conf, file: Path | None = None) -> Known:
    """As it was kept, where code and configuration are still the same; else looked at anew, and kept."""
    file = file or kept_lineage.place()
    digest = kept_lineage.digest(conf)
    kept = _read(file, digest)
    if kept is None:
        kept = looked_at(conf)
        _write(file, digest, kept)
    return kept


def looked_at(conf: Conf) -> Known:
    """Render every job's queries, look at them, and follow every column."""
    contracts, findings = Contracts(conf), Findings()
    asked, looker = tuple(job_queries.of_jobs(conf)), Looker(contracts)
    query_checks.check(asked, looker, findings)
    whole = graphs.built(asked, Tracer(looker), contracts, findings)
    if not findings.errors:  # else every column of a wrong query would be named, too
        graphs.gaps(whole, asked, contracts, findings)
    return Known(tuple(findings.items), whole)


def _read(file: Path, digest: str) -> Known | None:
    told = kept_lineage.read(file, digest)
    if told is None:
        return None
    sources = {name: tuple(of) for name, of in told["sources"].items()}
    graph = Graph(sources, frozenset(told["personal"]), frozenset(told["unfilled"]))
    return Known(tuple(Finding(**one) for one in told["findings"]), graph)


def _write(file: Path, digest: str, of: Known) -> None:
    told = {
        "digest": digest,
        "findings": [asdict(one) for one in of.findings],
        "sources": of.graph.sources,
        "personal": sorted(of.graph.personal),
        "unfilled": sorted(of.graph.unfilled),
    }
    kept_lineage.write(file, told)
