"""What is known of all queries and columns, kept in var/lineage.json until code or configuration changes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lakehouse.authoring.lineage import graph as graphs
from lakehouse.authoring.lineage import query_checks
from lakehouse.authoring.lineage.graph import Graph
from lakehouse.config.documents import home
from lakehouse.config.findings import Finding, Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.runs import job_queries
from lakehouse.runs.graph import FOLDER
from lakehouse.sql.lineage import Tracer
from lakehouse.sql.qualified import Looker


@dataclass(frozen=True)
class Known:
    """What is wrong with the queries and with the graph of columns, and the graph."""

    findings: tuple[Finding, ...]
    graph: Graph


def known(conf: Conf, file: Path | None = None) -> Known:
    """As it was kept, where code and configuration are still the same; else looked at anew, and kept."""
    file = file or home() / "var" / "lineage.json"
    digest = _digest(conf)
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


def _digest(conf: Conf) -> str:
    sha = hashlib.sha256()
    for path in _files(conf):
        sha.update(str(path).encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


def _files(conf: Conf) -> Iterator[Path]:
    for folder in (FOLDER, FOLDER.parent / "lakehouse"):
        yield from sorted(folder.rglob("*.py"))
    for layer in conf.layers:
        yield from sorted(layer.rglob("*.yaml"))


def _read(file: Path, digest: str) -> Known | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if told.get("digest") != digest:
        return None
    sources = {name: tuple(of) for name, of in told["sources"].items()}
    graph = Graph(sources, frozenset(told["personal"]), frozenset(told["unfilled"]))
    return Known(tuple(Finding(**one) for one in told["findings"]), graph)


def _write(file: Path, digest: str, of: Known) -> None:
    """Keep it; where nothing can be written it is looked at anew each time."""
    told = {
        "digest": digest,
        "findings": [asdict(one) for one in of.findings],
        "sources": of.graph.sources,
        "personal": sorted(of.graph.personal),
        "unfilled": sorted(of.graph.unfilled),
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(told, indent=1), encoding="utf-8")
        new.replace(file)
    except OSError:
        return
