"""Events of the OpenLineage specification as plain JSON: one that a run starts, one of how it ended.

Datasets are named as the specification names files; what people call the table stands in the facet symlinks. An event
has names of tables and columns, versions, counts and expectations, and never a value of the data.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.delta.log import table_path

PRODUCER = "https://github.com/customer-lakehouse/customer-lakehouse"  # a URI that identifies us, as the spec asks
SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
NAMESPACE = "customer-lakehouse"
FACETS = {  # facet -> its version and its name in the specification
    "schema": ("1-2-0", "SchemaDatasetFacet"),
    "columnLineage": ("1-2-0", "ColumnLineageDatasetFacet"),
    "version": ("1-0-1", "DatasetVersionDatasetFacet"),
    "documentation": ("1-1-0", "DocumentationDatasetFacet"),
    "symlinks": ("1-0-1", "SymlinksDatasetFacet"),
    "dataQualityAssertions": ("1-1-0", "DataQualityAssertionsDatasetFacet"),
    "outputStatistics": ("1-0-2", "OutputStatisticsOutputDatasetFacet"),
    "parent": ("1-2-0", "ParentRunFacet"),
    "nominalTime": ("1-0-1", "NominalTimeRunFacet"),
    "errorMessage": ("1-0-1", "ErrorMessageRunFacet"),
    "processing_engine": ("1-1-1", "ProcessingEngineRunFacet"),
    "jobType": ("2-0-4", "JobTypeJobFacet"),
}
Event = dict[str, Any]
Sources = Mapping[str, Sequence[str]]  # "gold.customer_rfm.spend" -> what it is made of


@dataclass(frozen=True)
class Node:
    """A run of a job.

    Args:
        facets: of the run.
        kind: what the specification calls the job's type: JOB, or DAG for a night.
        namespace: of the job; another one than ours for what Airflow runs.
    """

    job: str
    run_id: str
    facets: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "JOB"
    namespace: str = NAMESPACE


@dataclass(frozen=True)
class Datasets:
    """The lake's tables as datasets.

    Args:
        sources: the lineage of all columns; empty while it is not known.
    """

    root: str
    contracts: Contracts
    sources: Sources = field(default_factory=dict)

    def input(self, table: str, version: int | None) -> Event:
        """A table that was read, at a version."""
        return {**self._named(table), "facets": self._facets(table, version)}

    def output(self, table: str, version: int | None, rows: int | None = None) -> Event:
        """A table that was written: with the lineage of its columns, and how many rows came."""
        facets = self._facets(table, version)
        if lineage := self.column_lineage(table):
            facets["columnLineage"] = lineage
        counted = {} if rows is None else {"outputStatistics": facet("outputStatistics", rowCount=rows)}
        return {**self._named(table), "facets": facets, "outputFacets": counted}

    def checked(self, table: str, version: int | None, checks: Iterable[Mapping[str, Any]]) -> Event:
        """A table as its expectations were checked on it."""
        assertions = [assertion(check) for check in checks]
        quality = {"dataQualityAssertions": facet("dataQualityAssertions", assertions=assertions)}
        return {**self.input(table, version), "inputFacets": quality}

    def column_lineage(self, table: str) -> Event:
        """The facet of each column with what it is made of; {} where nothing is known."""
        fields = {}
        for column in self.contracts[table].columns:
            sources = self.sources.get(f"{table}.{column.name}", ())
            if sources:
                fields[column.name] = {"inputFields": [self._field(source) for source in sources]}
        return facet("columnLineage", fields=fields) if fields else {}

    def _field(self, name: str) -> Event:
        layer, table, column = name.split(".", 2)
        return {**self._named(f"{layer}.{table}"), "field": column, "transformations": [{"type": "DIRECT"}]}

    def _named(self, table: str) -> Event:
        path = table_path(self.root, table)
        if "://" not in path:
            return {"namespace": "file", "name": path}
        place = urlsplit(path)
        return {"namespace": f"{place.scheme}://{place.netloc}", "name": place.path.lstrip("/")}

    def _facets(self, table: str, version: int | None) -> Event:
        contract = self.contracts[table]
        names = [{"namespace": NAMESPACE, "name": table, "type": "TABLE"}]
        known = {} if version is None else {"version": facet("version", datasetVersion=str(version))}
        return {
            "schema": facet("schema", fields=fields_of(contract)),
            "documentation": facet("documentation", description=contract.description),
            "symlinks": facet("symlinks", identifiers=names),
            **known,
        }


def fields_of(contract: Contract) -> list[Event]:
    """The columns with types and descriptions."""
    return [{"name": c.name, "type": c.type, "description": c.description} for c in contract.columns]


def assertion(check: Mapping[str, Any]) -> Event:
    """A row of ops.quality: what was expected and whether it held; what was observed stays where it is."""
    severity = {"critical": "error"}.get(str(check.get("severity")), "warn")
    made = {"assertion": str(check["type"]), "success": bool(check["is_passed"]), "severity": severity}
    column = _column(str(check["expectation"]))
    return {**made, "name": str(check["expectation"]), **({"column": column} if column else {})}


def _column(expectation: str) -> str:
    """The column that an expectation's name is about, such as `not_null(spend)`; '' where it is not about one."""
    _, opened, rest = expectation.partition("(")
    inside = rest.removesuffix(")") if opened else ""
    return inside if inside.isidentifier() else ""


def event(kind: str, node: Node, at: datetime, inputs: Iterable[Event] = (), outputs: Iterable[Event] = ()) -> Event:
    """One event.

    Args:
        kind: START, COMPLETE, FAIL or OTHER.
    """
    job_type = {"processingType": "BATCH", "integration": "CUSTOMER_LAKEHOUSE", "jobType": node.kind}
    return {
        "eventType": kind,
        "eventTime": at.astimezone(UTC).isoformat(),
        "run": {"runId": node.run_id, "facets": dict(node.facets)},
        "job": {"namespace": node.namespace, "name": node.job, "facets": {"jobType": facet("jobType", **job_type)}},
        "inputs": list(inputs),
        "outputs": list(outputs),
        "producer": PRODUCER,
        "schemaURL": EVENT,
    }


def facet(name: str, /, **fields: Any) -> Event:
    """One facet of the specification."""
    version, schema = FACETS[name]
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{version}/{schema}.json#/$defs/{schema}", **fields}


def parent(node: Node) -> Event:
    """The facet that names the run which this one is a part of."""
    job = {"namespace": node.namespace, "name": node.job}
    return facet("parent", run={"runId": node.run_id}, job=job)


def nominal(run_date: Any) -> Event:
    """The facet with the business day that a run is about."""
    return facet("nominalTime", nominalStartTime=f"{run_date}T00:00:00Z", nominalEndTime=f"{run_date}T23:59:59Z")


def failed(message: str) -> Event:
    """The facet with why a run failed; our errors hold no values."""
    return facet("errorMessage", message=message, programmingLanguage="Python")


def engine(name: str) -> Event:
    """The facet of what worked on the rows: Spark, or DuckDB and delta-rs in this process."""
    package = "duckdb" if name == "local" else "pyspark"
    return facet("processing_engine", name=package, version=metadata.version(package))


def run_uuid(*parts: str) -> str:
    """A run's UUID that follows from what it is called by: each step of a night gives the night the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join((PRODUCER, *parts))))
