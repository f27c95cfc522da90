"""By which columns rows of a table belong to rows of a table that it is made of.

Ids have one name in every table, so rows with the same id belong together; where a key has another name in its source,
the jobs' queries say which column it comes from. Several ways are tried, the narrowest first.
"""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from lakehouse.authoring.lineage.graph import Graph
from lakehouse.authoring.tracing.rows import Pairs
from lakehouse.contracts.contract import Contract

DATES = ("DATE", "TIMESTAMP")


def candidates(graph: Graph, made: Contract, source: Contract) -> Iterator[Pairs]:
    """Ways to find the rows of `source` that belong to rows of `made`, without doubles."""
    seen: set[Pairs] = set()
    for pairs in (*_by_whole_key(made, source), *_traced(graph, made, source), *_by_shared_keys(made, source)):
        if pairs and pairs not in seen:
            seen.add(pairs)
            yield pairs


def _by_whole_key(made: Contract, source: Contract) -> Iterator[Pairs]:
    for key in (made.key, source.key):
        if key and set(key) <= _names(made) & _names(source):
            yield tuple((name, name) for name in key)


def _traced(graph: Graph, made: Contract, source: Contract) -> Iterator[Pairs]:
    """The key's columns by what the queries say that they are: all at once, then each alone."""
    pairs = [
        (key, column.rsplit(".", 1)[1])
        for key in made.key
        for column in graph.sources.get(f"{made.table}.{key}", ())
        if column.startswith(f"{source.table}.")
    ]
    if len({mine for mine, _ in pairs}) == len(pairs) > 1:
        yield tuple(pairs)
    yield from ((pair,) for pair in pairs)


def _by_shared_keys(made: Contract, source: Contract) -> Iterator[Pairs]:
    """Ids and other key columns of both; then without days, since a table may be about other days than its source."""
    shared = [c for c in made.columns if c.name in _names(source) and (c.key or c.name in source.key)]
    ids = [c for c in shared if c.name.endswith("_id")]
    plain = [c for c in shared if c.type not in DATES]
    for chosen in (shared, plain, ids):
        yield tuple((c.name, c.name) for c in chosen)


def bridges(
    graph: Graph, made: Contract, source: Contract, between: Mapping[str, Contract]
) -> Iterator[Sequence[Contract]]:
    """Tables in between, where both ends have no column in common: one, or two in a row."""
    first = [one for one in between.values() if _has_id(graph, made, one)]
    for one in first:
        if _has_id(graph, one, source):
            yield (one,)
    for one in first:
        for two in between.values():
            if two is not one and _has_id(graph, one, two) and _has_id(graph, two, source):
                yield (one, two)


def _has_id(graph: Graph, made: Contract, source: Contract) -> bool:
    return any(any(other.endswith("_id") for _, other in pairs) for pairs in candidates(graph, made, source))


def is_sure(known: pa.Table, found: pa.Table, pairs: Pairs) -> bool:
    """Whether rows found by columns of other names can be believed: only where every known value is among theirs.

    A query may make a key out of a column and not take it as it is: the week of a day is a day, too.
    """
    for mine, other in pairs:
        if mine != other:
            if pa.types.is_temporal(known.schema.field(mine).type):
                return False
            wanted = {value for value in known[mine].to_pylist() if value is not None}
            if not wanted <= set(found[other].to_pylist()):
                return False
    return True


def is_by_id(pairs: Pairs) -> bool:
    """Whether rows are looked for by an id of one name in both tables: where it leads to none, none belong there."""
    return all(mine == other for mine, other in pairs) and any(mine.endswith("_id") for mine, _ in pairs)


def _names(contract: Contract) -> set[str]:
    return {column.name for column in contract.columns}
