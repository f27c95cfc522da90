"""Checks of every query that the jobs ask, against the contracts and without an engine: tables, columns, types."""

import fnmatch
from collections.abc import Iterable

from lakehouse.config.findings import Findings, nearest
from lakehouse.contracts.contract import Contracts
from lakehouse.runs.job_queries import Asked, tables_of
from lakehouse.sql.qualified import Looker
from lakehouse.sql.query import Query
from lakehouse.sql.types import columns_in, misfits


def check(asked: Iterable[Asked], looker: Looker, findings: Findings) -> None:
    """Look at each job's queries, and compare what they read with what the job says it reads."""
    for one in asked:
        if one.fault:
            findings.error(one.fault.where or one.where, one.fault.what, one.fault.remedy)
        for query in one.queries:
            check_query(query, looker, findings)
        _undeclared(one, findings)
        _unused(one, findings)


def check_query(query: Query, looker: Looker, findings: Findings) -> None:
    """Add what is wrong with one query: names that nothing has, and an answer that is other than it says."""
    seen = looker.look(query)
    for what, remedy in seen.problems:
        findings.error(query.where, what, remedy)
    if seen.columns is None or query.answers is None:
        return
    declared = _declared(query, looker.contracts)
    said = f"the query for {query.fills}" if query.fills else "the query"
    for name in [name for name in seen.columns if name not in declared]:
        findings.error(query.where, f"{said} answers with '{name}', which is not declared", nearest(name, declared))
    for name in [name for name in declared if name not in seen.columns]:
        findings.error(query.where, f"{said} does not answer with '{name}'", nearest(name, seen.columns))
    for name, (answered, wanted) in misfits(seen.columns, declared).items():
        remedy = f"write CAST(... AS {wanted}), or declare {answered}"
        findings.error(query.where, f"{said} answers with '{name}' of type {answered}, declared is {wanted}", remedy)


def _declared(query: Query, contracts: Contracts) -> dict[str, str]:
    if query.fills:
        return {column.name: column.type for column in contracts[query.fills].columns}
    return columns_in(query.answers or "")


def _undeclared(asked: Asked, findings: Findings) -> None:
    for query in asked.queries:
        for table in sorted(set(tables_of(query)) - asked.readable):
            if any(fnmatch.fnmatchcase(table, name) for name in asked.readable):
                continue
            findings.error(
                query.where,
                f"{table} is read, and {asked.job.module} does not declare it",
                f"add it to READS; {nearest(table, sorted(asked.readable))}",
            )


def _unused(asked: Asked, findings: Findings) -> None:
    """A job that is nothing but queries reads what they name and no more."""
    filled = {query.fills for query in asked.queries}
    if not asked.queries or not set(asked.job.writes) <= filled:
        return
    for table in [table for table in asked.job.reads if table not in asked.tables and "*" not in table]:
        remedy = "take it out: the job runs whenever it changes"
        findings.error(asked.where, f"{table} is in READS, and no query of the job reads it", remedy)
