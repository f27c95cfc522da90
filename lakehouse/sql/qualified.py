"""A query looked at without an engine: every column under its table, with the type that Spark gives it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

import pyarrow as pa
import sqlglot
from pyspark.sql import DataFrame
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from lakehouse.config.findings import nearest
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.sql.query import Appended, Made, Query, Table, spark_columns
from lakehouse.sql.types import type_of

Columns = Mapping[str, str]  # column -> Spark SQL type, "" where it is not known
Known = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # the same of several names, in order
BRACES = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
UNRESOLVED = re.compile(r"[Cc]olumn:? '?\"?(?:\w+\.)?(\w+)")


@dataclass(frozen=True)
class Seen:
    """What is known of a query without an engine.

    trees: each step, then the answer (under ANSWER), qualified; those that could not be are left out.
    columns: of the answer; None where it could not be made out.
    problems: what is wrong, and the remedy.
    """

    trees: Mapping[str, exp.Query]
    columns: Columns | None
    problems: tuple[tuple[str, str], ...]


@dataclass
class Looker:
    """Looks at queries over the tables that contracts declare; each query once."""

    contracts: Contracts
    seen: dict[int, tuple[Query, Seen]] = field(default_factory=dict)

    def look(self, query: Query) -> Seen:
        """The query's trees, columns and problems."""
        if id(query) not in self.seen:
            self.seen[id(query)] = (query, self._look(query))
        return self.seen[id(query)][1]

    def columns_of(self, table: Table) -> Columns:
        """The columns that stand behind a name; none for what only Spark holds.

        Raises:
            ConfigError: no contract declares the table.
        """
        if isinstance(table, Query):
            return self.look(table).columns or {}
        if isinstance(table, Made):
            return table.columns
        if isinstance(table, pa.Table):
            return spark_columns(table.schema)
        if isinstance(table, DataFrame):
            return dict(table.dtypes)
        name = table.table if isinstance(table, Appended) else table
        return {column.name: column.type for column in self.contracts[name].columns}

    def _look(self, query: Query) -> Seen:
        problems: list[tuple[str, str]] = []
        known: dict[str, Columns] = {}
        for name, table in query.tables.items():
            try:
                known[name] = self.columns_of(table)
            except ConfigError as error:
                problems.append((error.what, nearest(str(table), self.contracts)))
        trees: dict[str, exp.Query] = {}
        for name, text in (*query.steps.items(), (ANSWER, query.sql)):
            try:
                trees[name] = self._tree(text, known)
                known[name] = columns_of(trees[name])
            except _QueryError as wrong:
                problems.append((f"step {name}: {wrong.what}" if name != ANSWER else wrong.what, wrong.remedy))
                break
        return Seen(trees, known.get(ANSWER), tuple(problems))

    def _tree(self, text: str, known: Mapping[str, Columns]) -> exp.Query:
        named = dict.fromkeys(BRACES.findall(text))
        for name in named:
            if name not in known:
                raise _QueryError(f"{{{name}}} is no table and no earlier step", nearest(name, known))
        return qualified(text, tuple((name, tuple(known[name].items())) for name in named))


ANSWER = "the answer"
# Hive, whose types sqlglot takes for Spark's, widens what COALESCE and IF give; Spark keeps the type of their arguments
KNOWN_TYPES = {
    **Spark.EXPRESSION_METADATA,
    exp.Coalesce: {"annotator": lambda self, e: self._annotate_by_args(e, "this", "expressions")},
    exp.If: {"annotator": lambda self, e: self._annotate_by_args(e, "true", "false")},
}


class _QueryError(Exception):
    """What is wrong with a text."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@lru_cache(maxsize=4096)
def qualified(text: str, tables: Known) -> exp.Query:
    """One SELECT over tables of these columns, with every column under its table, and typed; nobody may change it.

    Many queries have steps in common, and a configuration that is checked again most of them.
    """
    known = {name: dict(columns) for name, columns in tables}
    schema = MappingSchema(
        {name: {column: _typed(kind) for column, kind in columns.items()} for name, columns in known.items()},
        dialect="spark",
    )
    try:
        tree = sqlglot.parse_one(text.format(**{name: name for name in known}), read="spark")
        whole = qualify(tree, schema=schema, dialect="spark", quote_identifiers=False)
        typed = annotate_types(whole, schema=schema, dialect="spark", expression_metadata=KNOWN_TYPES)
    except ParseError as error:
        raise _QueryError("this is no SQL", str(error).splitlines()[0]) from error
    except OptimizeError as error:
        raise _unresolved(str(error), known) from error
    if not isinstance(typed, exp.Query):
        raise _QueryError("this is no SELECT")
    return typed


@cache
def _typed(kind: str) -> exp.DataType:
    return exp.DataType.build(kind or "UNKNOWN", dialect="spark")


def _unresolved(message: str, known: Mapping[str, Columns]) -> _QueryError:
    found = UNRESOLVED.search(message)
    if found is None:
        return _QueryError(message.splitlines()[0])
    columns = {column for columns in known.values() for column in columns}
    return _QueryError(f"there is no column '{found.group(1)}'", nearest(found.group(1), sorted(columns)))


def columns_of(tree: exp.Query) -> Columns:
    """The columns that a qualified SELECT answers with, by their types."""
    names = [projection.alias_or_name for projection in tree.selects]
    parts = [[type_of(projection) for projection in part.selects] for part in parts_of(tree)]
    return {name: next(filter(None, kinds), "") for name, kinds in zip(names, zip(*parts, strict=True), strict=True)}


def parts_of(tree: exp.Expr) -> Iterator[exp.Select]:
    """The SELECTs that a UNION puts together; of one, itself."""
    if isinstance(tree, exp.SetOperation):
        yield from parts_of(tree.left)
        yield from parts_of(tree.right)
    elif isinstance(tree, exp.Subquery):
        yield from parts_of(tree.this)
    elif isinstance(tree, exp.Select):
        yield tree
