"""All queries that the jobs ask, rendered with a configuration and without a lake."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType

from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.runs import graph, job_modules
from lakehouse.runs.graph import Job
from lakehouse.runs.plan import settings_of
from lakehouse.sql.query import Appended, Query

RUN_DATE = date(2024, 1, 31)  # any day: what a query reads does not depend on it


@dataclass(frozen=True)
class Asked:
    """What one job asks: its queries, and where its module is, for what is said of all of them."""

    job: Job
    module: ModuleType | None
    queries: tuple[Query, ...] = ()
    fault: LakehouseError | None = None  # why its queries could not be rendered

    @property
    def where(self) -> str:
        """The module's file."""
        return f"{self.job.module.replace('.', '/')}.py:1"

    @property
    def readable(self) -> set[str]:
        """The tables that the job says it reads, last night's own among them."""
        return {*self.job.reads, *getattr(self.module, "READS_PREVIOUS", ())}

    @property
    def declared(self) -> set[str]:
        """The tables that the job says it reads or writes."""
        return {*self.readable, *self.job.writes}

    @property
    def tables(self) -> set[str]:
        """The tables that its queries read."""
        return {table for query in self.queries for table in tables_of(query)}


def of_jobs(conf: Conf, run_date: date = RUN_DATE) -> Iterator[Asked]:
    """Every job with what it asks."""
    for job in graph.jobs():
        module = job_modules.load(job) if _speaks(job) else None
        try:
            yield Asked(job, module, tuple(_queries(job, module, conf, run_date)))
        except LakehouseError as error:
            yield Asked(job, module, fault=error)


def _speaks(job: Job) -> bool:
    """Whether a module has queries or says what its columns are made of: others are not worth their imports."""
    text = Path(graph.FOLDER.parent, *job.module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    return "\ndef queries(" in text or "LINEAGE" in text


def _queries(job: Job, module: ModuleType | None, conf: Conf, run_date: date) -> Iterator[Query]:
    if module is not None and hasattr(module, "queries"):
        yield from module.queries(conf, run_date, settings_of(job, conf))


def tables_of(query: Query) -> Iterator[str]:
    """The tables of the lake that stand behind a query's names, also behind queries that stand there."""
    for table in query.tables.values():
        if isinstance(table, Query):
            yield from tables_of(table)
        elif isinstance(table, Appended):
            yield table.table
        elif isinstance(table, str):
            yield table
