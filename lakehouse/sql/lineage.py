"""From which columns each column of a query's answer is made: through steps, subqueries, unions and exploded arrays.

A column is made of those that stand in its expression, in its windows and in its subqueries. What a row is joined,
filtered or grouped by decides which rows there are, not what a column holds, and is left out; but a bare count of
rows comes from the keys of what is counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from lakehouse.sql.qualified import ANSWER, Looker
from lakehouse.sql.query import Appended, Made, Query, Table

Sources = frozenset[str]  # "gold.customer_rfm.spend"
Traced = Mapping[str, Sources]  # column -> what it is made of
NOTHING: Sources = frozenset()


@dataclass
class Tracer:
    """Traces queries that a Looker has looked at; each once."""

    looker: Looker
    traced: dict[int, Traced] = field(default_factory=dict)

    def trace(self, query: Query) -> Traced:
        """What each column of the answer is made of; nothing where the query could not be looked at."""
        if id(query) not in self.traced:
            known = {name: self._of_table(table) for name, table in query.tables.items()}
            for name, tree in self.looker.look(query).trees.items():
                known[name] = OneTree(known).columns(tree)
            self.traced[id(query)] = known.get(ANSWER, {})
        return self.traced[id(query)]

    def _of_table(self, table: Table) -> Traced:
        if isinstance(table, Query):
            return self.trace(table)
        if isinstance(table, Made):
            return {name: frozenset(table.sources.get(name, ())) for name in table.columns}
        columns = self.looker.columns_of(table)
        if isinstance(table, (str, Appended)):
            name = table if isinstance(table, str) else table.table
            return {column: frozenset({f"{name}.{column}"}) for column in columns} | {ROWS: self._keys(name)}
        return dict.fromkeys(columns, NOTHING)  # rows in memory are settings

    def _keys(self, name: str) -> Sources:
        contract = self.looker.contracts[name]
        return frozenset(f"{name}.{key}" for key in contract.key or [column.name for column in contract.columns[:1]])


ROWS = "*"  # stands for the rows themselves among the columns of a source


class OneTree:
    """One qualified SELECT over named sources.

    Args:
        known: name -> its columns, and ROWS, with what each is made of.
    """

    def __init__(self, known: Mapping[str, Traced]) -> None:
        self.known = known
        self.done: dict[int, Traced] = {}

    def columns(self, tree: exp.Query) -> Traced:
        """What the answer's columns are made of."""
        scope = build_scope(tree)
        return self._of_scope(scope) if scope else {}

    def _of_scope(self, scope: Scope) -> Traced:
        if id(scope) not in self.done:
            self.done[id(scope)] = {}  # a recursive table meets itself here and adds nothing
            self.done[id(scope)] = self._made(scope)
        return self.done[id(scope)]

    def _made(self, scope: Scope) -> Traced:
        if isinstance(scope.expression, exp.SetOperation):
            return _side_by_side([self._of_scope(part) for part in scope.set_operation_scopes])
        if isinstance(scope.expression, exp.Select):
            named = {one.alias_or_name: self._of(one, scope) for one in scope.expression.selects}
            return {**named, ROWS: self._rows(scope)}
        return {}

    def _of(self, expression: exp.Expr, scope: Scope) -> Sources:
        """What an expression is made of."""
        found: set[str] = set()
        for node in expression.walk(prune=lambda one: isinstance(one, exp.Query)):
            if isinstance(node, exp.Column):
                found |= self._column(node, scope)
            elif isinstance(node, exp.Count) and (isinstance(node.this, (exp.Star, exp.Literal)) or not node.this):
                found |= self._rows(scope)
            elif isinstance(node, exp.Query):
                found |= self._inner(node, scope)
        return frozenset(found)

    def _inner(self, query: exp.Query, scope: Scope) -> Sources:
        """What a subquery within an expression answers with."""
        own = query.this if isinstance(query, exp.Subquery) else query
        inner = next((one for one in scope.subquery_scopes if one.expression is own), None)
        columns = self._of_scope(inner) if inner else {}
        return _together(sources for name, sources in columns.items() if name != ROWS)

    def _column(self, column: exp.Column, scope: Scope) -> Sources:
        name, source = column.name, _source(scope, column.table)
        if isinstance(source, Scope) and isinstance(source.expression, (exp.UDTF, exp.Lateral)):
            return self._of(source.expression, source.parent or scope)
        return self._of_source(source, name) if source else NOTHING

    def _of_source(self, source: exp.Table | Scope, name: str) -> Sources:
        """A column of a table or subquery, or one that UNPIVOT makes of several of its columns."""
        around: exp.Expr | None
        if isinstance(source, exp.Table):
            around, columns = source, self.known.get(source.name, {})
        else:
            around, columns = source.expression.parent, self._of_scope(source)
        if name in columns:
            return columns[name]
        pivots = around.args.get("pivots") or () if around else ()
        return _together(columns.get(one.name, NOTHING) for pivot in pivots for one in _turned(pivot, name))

    def _rows(self, scope: Scope) -> Sources:
        """What says how many rows there are: the keys that are grouped by, or the rows that are read."""
        select = scope.expression
        group = select.args.get("group") if isinstance(select, exp.Select) else None
        if group and scope.parent and _is_source(scope):
            return _together(self._of(key, scope) for key in group.expressions)
        if isinstance(select, exp.SetOperation):
            return _together(self._rows(part) for part in scope.set_operation_scopes)
        return _together(self._rows_of(source) for _, source in scope.selected_sources.values())

    def _rows_of(self, source: exp.Table | Scope) -> Sources:
        if isinstance(source, exp.Table):
            columns = self.known.get(source.name, {})
            return columns.get(ROWS) or _together(columns.values())
        return self._of_scope(source).get(ROWS, NOTHING)


def _is_source(scope: Scope) -> bool:
    return scope.is_derived_table or scope.is_cte


def _turned(pivot: exp.Expr, name: str) -> Iterable[exp.Expr]:
    """The columns whose values UNPIVOT puts into one column of this name."""
    values = {one.name for one in pivot.expressions}
    lists = pivot.args.get("fields") or ()
    return [one for of in lists for one in of.expressions] if name in values else []


def _source(scope: Scope, name: str) -> exp.Table | Scope | None:
    """What a name stands for here, or around here where a subquery looks outside."""
    around: Scope | None = scope
    while around:
        turned = {pivot.alias: pivot.parent.alias_or_name for pivot in around.pivots if pivot.parent}
        found = around.sources.get(name) or around.sources.get(turned.get(name, ""))
        if isinstance(found, (exp.Table, Scope)):
            return found
        around = around.parent
    return None


def _together(sources: Iterable[Sources]) -> Sources:
    return frozenset().union(*sources)


def _side_by_side(parts: list[Traced]) -> Traced:
    """Columns of a union: those of the first part, each with what stands in its place in the others."""
    names = [name for name in parts[0] if name != ROWS]
    lists = [[sources for name, sources in part.items() if name != ROWS] for part in parts]
    whole = {name: _together(at) for name, at in zip(names, zip(*lists, strict=False), strict=False)}
    return {**whole, ROWS: _together(part.get(ROWS, NOTHING) for part in parts)}
