"""The graph of columns: what each is made of, from what the jobs' queries, their declarations and the exports say.

A job says of a table that its own code makes, or of a column that its query takes from nothing:
    LINEAGE = {"gold.basket_rules": {"lift": ("gold.basket_days.itemset_counts",), "level": ()}}
where () is a column of the run itself (a day, a number given out, a constant) and "*" stands for all other columns.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakehouse.authoring.lineage import of_exports
from lakehouse.config.findings import Findings, nearest
from lakehouse.contracts.contract import Contracts
from lakehouse.runs.job_queries import Asked
from lakehouse.sql.lineage import ROWS, Tracer

OTHERS = "*"
Names = tuple[str, ...]
Sources = dict[str, Names]
LAYERS = ("silver", "identity", "gold", "models", "activation")


@dataclass
class Graph:
    """Columns as "gold.customer_rfm.spend".

    sources: column -> what it is made of, in order; () where it is the run's own.
    personal: the columns that hold personal values.
    unfilled: silver columns that no export of this company fills.
    """

    sources: Sources = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    unfilled: frozenset[str] = frozenset()

    def users(self) -> Sources:
        """The same the other way: column -> those that are made of it."""
        found: dict[str, list[str]] = {name: [] for name in self.sources}
        for name, sources in self.sources.items():
            for source in sources:
                found.setdefault(source, []).append(name)
        return {name: tuple(sorted(users)) for name, users in found.items()}


def built(asked: Iterable[Asked], tracer: Tracer, contracts: Contracts, findings: Findings) -> Graph:
    """The graph of all columns; what a declaration names and nothing has is added to the findings."""
    asked = list(asked)
    exports = contracts.conf.exports()
    found = {name: set(sources) for name, sources in of_exports.edges(exports).items()}
    for one in asked:
        for query in one.queries:
            if query.fills:
                for column, of in tracer.trace(query).items():
                    name = f"{query.fills}.{column}"
                    if column != ROWS and of - {name}:  # what it held last night says nothing of where it comes from
                        found.setdefault(name, set()).update(of)
    for one in asked:
        _declared(one, contracts, found, findings)
    unfilled = _silver(contracts) - set(found)
    found |= {name: set() for name in unfilled}
    leaves: Sources = {f"bronze.{e.name}.{column}": () for e in exports.values() for column in e.columns}
    sources = leaves | _without_empty({name: tuple(sorted(of - {name})) for name, of in found.items()}, leaves)
    return Graph(sources, _personal(contracts, sources), frozenset(unfilled))


def _silver(contracts: Contracts) -> set[str]:
    tables = [table for table in contracts if table.startswith("silver.")]
    return {f"{table}.{column.name}" for table in tables for column in contracts[table].columns}


def _without_empty(sources: Sources, leaves: Collection[str]) -> Sources:
    """Without what silver columns would take from others of their table that no export of this company fills."""
    graph = Graph({**sources, **dict.fromkeys(leaves, ())})
    users, filled, waiting = graph.users(), set(leaves), list(leaves)
    while waiting:
        new = set(users.get(waiting.pop(), ())) - filled
        filled |= new
        waiting += new
    return {
        name: tuple(s for s in of if s in filled or not name.startswith("silver.") or table_of(s) != table_of(name))
        for name, of in sources.items()
    }


def _personal(contracts: Contracts, names: Iterable[str]) -> frozenset[str]:
    tables = {table_of(name) for name in names}
    return frozenset(f"{table}.{column}" for table in tables for column in contracts[table].personal)


def table_of(column: str) -> str:
    """The table of a column's whole name."""
    return ".".join(column.split(".", 2)[:2])


def _declared(asked: Asked, contracts: Contracts, found: dict[str, set[str]], findings: Findings) -> None:
    """Add what a job's module declares: in place of what was traced, beside what exports map."""
    for table, columns in getattr(asked.module, "LINEAGE", {}).items():
        if table not in asked.job.writes:
            findings.error(asked.where, f"LINEAGE speaks of {table}, which is not of this job", "see its WRITES")
            continue
        for name in {name for sources in columns.values() for name in sources} | {
            f"{table}.{column}" for column in columns if column != OTHERS
        }:
            _known(name, asked, contracts, findings)
        for name, sources in spread(table, columns, contracts, found).items():
            before = found.get(name, set()) if table.startswith("silver.") else set()
            found[name] = before | set(sources)


def spread(table: str, columns: Mapping[str, Names], contracts: Contracts, found: Collection[str]) -> dict[str, Names]:
    """The declared columns by their whole names; OTHERS stands for those that nothing says anything of."""
    named = {f"{table}.{column}": sources for column, sources in columns.items() if column != OTHERS}
    whole = [f"{table}.{column.name}" for column in contracts[table].columns]
    others = [name for name in whole if name not in named and name not in found]
    return named | (dict.fromkeys(others, columns[OTHERS]) if OTHERS in columns else {})


def _known(name: Any, asked: Asked, contracts: Contracts, findings: Findings) -> None:
    """Whether a declared column exists, in a table that the job reads or writes."""
    table, column = table_of(name), name.split(".", 2)[-1]
    if table not in asked.declared:
        findings.error(
            asked.where, f"LINEAGE names {table}, which the job does not read", nearest(table, asked.declared)
        )
    elif column not in (columns := [one.name for one in contracts[table].columns]):
        findings.error(asked.where, f"LINEAGE names {name}, which does not exist", nearest(column, columns))


def gaps(graph: Graph, asked: Iterable[Asked], contracts: Contracts, findings: Findings) -> None:
    """Name each column of whose making nothing says anything, or that leads to no export's column."""
    writers: Mapping[str, Asked] = {table: one for one in asked for table in one.job.writes}
    for table in [table for table in contracts if table.startswith(LAYERS)]:
        writer = writers.get(table)
        where = writer.where if writer else str(contracts[table].file)
        for column in contracts[table].columns:
            name = f"{table}.{column.name}"
            if name not in graph.sources:
                remedy = f'add LINEAGE = {{"{table}": {{"{column.name}": (...)}}}}; () says that it is the run\'s own'
                findings.error(where, f"nothing says what {name} is made of", remedy)
            elif graph.sources[name] and not ends(graph, name):
                findings.error(where, f"{name} leads to no column of an export", f"it is made of {graph.sources[name]}")


def ends(graph: Graph, name: str) -> set[str]:
    """The exports' columns, and the run's own ones, that a column comes from in the end."""
    seen, waiting, found = {name}, [name], set()
    while waiting:
        one = waiting.pop()
        sources = graph.sources.get(one)
        if sources == ():
            found.add(one)
        for source in sources or ():
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return found
