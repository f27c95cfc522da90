"""From one value back, table by table: the rows with its key, the tables that their columns are made of, the lines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyarrow as pa

from lakehouse.authoring.lineage.graph import Graph, table_of
from lakehouse.authoring.tracing import commits, links, source_lines
from lakehouse.authoring.tracing.commits import Publish
from lakehouse.authoring.tracing.rows import MOST_ROWS, Pairs, Rows
from lakehouse.authoring.tracing.source_lines import Lines
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract
from lakehouse.runs import graph as jobs_graph


@dataclass(frozen=True)
class Step:
    """One table on the way back.

    Args:
        columns: those that the value is made of.
        rows: the rows that belong to the value; None where the way back is through the whole table.
        row_count: how many there are.
        pairs: by which columns they were found.
        through: the tables in between, where there was no column in common.
        is_again: the same rows stand above.
    """

    contract: Contract
    columns: tuple[str, ...]
    version: int
    publish: Publish
    rows: pa.Table | None
    row_count: int
    pairs: Pairs = ()
    through: tuple[str, ...] = ()
    lines: tuple[Lines, ...] = ()
    steps: tuple["Step", ...] = ()
    is_again: bool = False

    @property
    def table(self) -> str:
        """The table's name."""
        return self.contract.table


@dataclass
class Walk:
    """A walk back through one lake."""

    conf: Conf
    graph: Graph
    rows: Rows
    seen: set[tuple[str, tuple[str, ...], int]] = field(default_factory=set)

    def back(self, table: str, column: str, version: int, rows: pa.Table) -> Step:
        """The value's own table, and everything behind it."""
        publish = commits.publish_of(self.rows.root, table, version)
        return self._step(Step(self.rows.contracts[table], (column,), version, publish, rows, rows.num_rows))

    def _step(self, step: Step) -> Step:
        columns = self._with_own_sources(step.table, step.columns)
        place = (step.table, columns, _identity(step))
        if place in self.seen:
            return replace(step, columns=columns, is_again=True)
        self.seen.add(place)
        lines = tuple(self._lines(step, columns))
        steps = tuple(self._behind(step, columns))
        return replace(step, columns=columns, lines=lines, steps=steps)

    def _with_own_sources(self, table: str, columns: Iterable[str]) -> tuple[str, ...]:
        """The columns, and those of the same row that they are made of."""
        found, waiting = list(columns), list(columns)
        while waiting:
            for source in self.graph.sources.get(f"{table}.{waiting.pop()}", ()):
                name = source.rsplit(".", 1)[1]
                if table_of(source) == table and name not in found:
                    found.append(name)
                    waiting.append(name)
        return tuple(found)

    def _lines(self, step: Step, columns: tuple[str, ...]) -> Iterator[Lines]:
        if step.table.startswith("silver.") and step.rows is not None and step.rows.num_rows:
            yield from source_lines.of_rows(self.conf, self.rows, step.table, step.rows, columns)

    def _behind(self, step: Step, columns: tuple[str, ...]) -> Iterator[Step]:
        """The tables that the columns are made of."""
        needed: dict[str, list[str]] = {}
        for column in columns:
            for source in self.graph.sources.get(f"{step.table}.{column}", ()):
                table, name = table_of(source), source.rsplit(".", 1)[1]
                if table != step.table and not table.startswith("bronze."):
                    needed.setdefault(table, []).append(name)
        for table, names in needed.items():
            version = self.rows.readable(table, dict(step.publish.inputs).get(table))
            if version is not None and self.rows.count(table, version):
                yield self._step(self._source(step, table, tuple(dict.fromkeys(names)), version))

    def _source(self, step: Step, table: str, columns: tuple[str, ...], version: int) -> Step:
        contract = self.rows.contracts[table]
        publish = commits.publish_of(self.rows.root, table, version)
        whole = Step(contract, columns, version, publish, None, self.rows.count(table, version))
        if step.rows is None:
            return whole
        is_linked = False
        for through, known in self._known(step, contract):
            for pairs in links.candidates(self.graph, through[-1] if through else step.contract, contract):
                found = self.rows.matching(table, version, known, pairs)
                names = tuple(one.table for one in through)
                if 0 < found.num_rows < MOST_ROWS and links.is_sure(known, found, pairs):
                    return replace(whole, rows=found, row_count=found.num_rows, pairs=pairs, through=names)
                is_linked = is_linked or (found.num_rows == 0 and links.is_by_id(pairs))
        return replace(whole, row_count=0, rows=self.rows.none(table, version)) if is_linked else whole

    def _known(self, step: Step, source: Contract) -> Iterator[tuple[tuple[Contract, ...], pa.Table]]:
        """The step's own rows, then those of tables in between that belong to them."""
        assert step.rows is not None
        yield (), step.rows
        for through in links.bridges(self.graph, step.contract, source, self._between(step, source)):
            known, made = step.rows, step.contract
            for one in through:
                known, made = self._next(step, made, one, known), one
            if known.num_rows:
                yield tuple(through), known

    def _next(self, step: Step, made: Contract, one: Contract, known: pa.Table) -> pa.Table:
        version = self.rows.readable(one.table, dict(step.publish.inputs).get(one.table))
        if version is not None:
            for pairs in links.candidates(self.graph, made, one):
                found = self.rows.matching(one.table, version, known, pairs)
                if 0 < found.num_rows < MOST_ROWS and links.is_sure(known, found, pairs):
                    return found
        return known.slice(0, 0)

    def _between(self, step: Step, source: Contract) -> Mapping[str, Contract]:
        """The other tables that the job read."""
        named = [name for name, _ in step.publish.inputs if name not in (step.table, source.table)]
        declared = [name for job in self._jobs.get(step.table, ()) for name in job.reads]
        names = [n for n in dict.fromkeys((*named, *declared)) if n in self.rows.contracts and n != source.table]
        return {name: self.rows.contracts[name] for name in names}

    @cached_property
    def _jobs(self) -> dict[str, tuple[jobs_graph.Job, ...]]:
        return {table: (job,) for job in jobs_graph.jobs() for table in job.writes}


def _identity(step: Step) -> int:
    """What tells these rows of the table from others: the values of their keys."""
    if step.rows is None:
        return 0
    names = [name for name in step.contract.key if name in step.rows.column_names]
    return hash(frozenset(map(str, step.rows.select(names).to_pylist())))
