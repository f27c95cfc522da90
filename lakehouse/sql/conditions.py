"""Stewards' SQL over what is known of one row: what is wrong with it, and what it is in either engine's words.

A condition names columns of its main table as they are, columns of the tables beside it as `customer_rfm.spend`, and
`run_date`, the day that the night closes.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
from sqlglot import exp

from lakehouse.config.findings import Findings
from lakehouse.errors import ConfigError
from lakehouse.sql import dialect, duckdb_engine, expressions
from lakehouse.sql.checks import Scope, check_expression
from lakehouse.sql.literal import identifier

RUN_DATE = "run_date"
Vocabulary = Mapping[str, Mapping[str, str]]  # short name of a table -> column -> Spark SQL type

# what both engines answer alike, as tests show; an expression with anything else runs on Spark
ALIKE = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.And,
    exp.Or,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Between,
    exp.In,
    exp.Is,
    exp.NullSafeEQ,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Neg,
    exp.Abs,
    exp.Case,
    exp.If,
    exp.Coalesce,
    exp.Concat,
    exp.Round,
    exp.ArraySize,
    exp.ArrayContains,
    exp.Like,
    exp.DateDiff,
    exp.TsOrDsToDate,
    exp.Var,
    exp.Greatest,
    exp.Least,
)


@dataclass(frozen=True)
class Language:
    """What a condition may speak of.

    Args:
        main: short name of the table whose columns stand without a table's name.
    """

    main: str

    def faults(self, sql: str, known: Vocabulary, is_condition: bool = True) -> list[tuple[str, str]]:
        """What is wrong with a condition (or with an expression for evidence): what, remedy.

        Args:
            is_condition: it must be true or false of a row.
        """
        if not sql.strip():
            return [("the condition is empty" if is_condition else "the expression is empty", "write a SQL expression")]
        try:
            wrong = [*_not_of_one_row(expressions.parse(sql))]
        except ConfigError as error:
            return [(error.what, error.remedy)]
        findings = Findings()
        scope = Scope({*known[self.main], RUN_DATE}, {table: set(columns) for table, columns in known.items()})
        check_expression(sql, scope, "", findings)
        wrong = wrong or [(item.what, item.remedy) for item in findings.errors]
        return wrong or [*self._wrong_type(sql, known, is_condition)]

    def _wrong_type(self, sql: str, known: Vocabulary, is_condition: bool) -> Iterable[tuple[str, str]]:
        """Types are judged by DuckDB over tables of one row without values.

        Of what both engines read alike everything, else only a text that is no number or day: what else DuckDB cannot
        read is left for Spark to judge.
        """
        query = f"SELECT {self.in_spark(sql, date(2000, 1, 1))} AS answer FROM {', '.join(known)}"
        try:
            with _valueless_tables(
                tuple((table, tuple(columns.items())) for table, columns in known.items())
            ) as engine:
                answer = engine.sql(dialect.in_duckdb(query))
                kind = str(answer.types[0])
                answer.fetchall()
        except duckdb.Error as error:
            if not agree(sql) and not isinstance(error, duckdb.ConversionException):
                return
            yield f"types do not fit: {str(error).splitlines()[0][:160]}", "compare like with like"
            return
        if is_condition and agree(sql) and kind != "BOOLEAN":
            yield "this is not true or false of a customer", "write a comparison"

    def tables_of(self, sql: str) -> set[str]:
        """Short names of the tables that a good expression needs beside the main one."""
        columns = expressions.parse(sql).find_all(exp.Column)
        return {column.table.lower() for column in columns if column.table} - {self.main}

    def in_spark(self, sql: str, run_date: date) -> str:
        """A good expression with every column under its table's name, and the day put in.

        A division by nothing, and a text that is not what it is cast to, are NULL: one row's value ends no night.
        """
        tree = expressions.parse(sql).copy().transform(self._told, run_date)
        return tree.transform(_tried).sql(dialect="spark", comments=False)

    def _told(self, node: exp.Expr, run_date: date) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table:
            if node.name.lower() == RUN_DATE:
                return exp.cast(exp.Literal.string(str(run_date)), "date")
            return exp.column(node.this.copy(), table=self.main)
        if isinstance(node, exp.Div) and not isinstance(node.expression, exp.Nullif):
            divisor = exp.Nullif(this=node.expression.copy(), expression=exp.Literal.number(0))
            node.set("expression", divisor)
        return node


def _not_of_one_row(tree: exp.Expr) -> Iterable[tuple[str, str]]:
    if tree.find(exp.AggFunc, exp.Window):
        yield "an aggregate looks at more than one customer", "use a column that has the figure per customer"


def _valueless_tables(known: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> duckdb.DuckDBPyConnection:
    """A connection of the caller's own to a database of tables with one row of NULLs, which is made once."""
    return _database(known).cursor()


@functools.lru_cache(maxsize=4)
def _database(known: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> duckdb.DuckDBPyConnection:
    engine = duckdb_engine.connect()
    for table, columns in known:
        typed = ", ".join(f"{identifier(name, 'duckdb')} {dialect.duck_type(of)}" for name, of in columns)
        engine.execute(f"CREATE TABLE {table} ({typed}); INSERT INTO {table} DEFAULT VALUES")
    return engine


def agree(sql: str) -> bool:
    """Whether both engines give the same answer, by the parts that the expression is made of.

    Texts made of floating numbers are spelt alike from 0.001 up to ten millions.
    """
    return all(isinstance(node, ALIKE) or _is_day(node) for node in expressions.parse(sql).walk())


def _is_day(node: exp.Expr) -> bool:
    """A day as a literal: DATE '2024-01-31'."""
    cast = node.parent if isinstance(node, exp.DataType) else node
    return isinstance(cast, exp.Cast) and isinstance(cast.this, exp.Literal) and cast.to.is_type("date")


def _tried(node: exp.Expr) -> exp.Expr:
    """A cast that gives NULL for what does not fit."""
    if not isinstance(node, exp.Cast) or _is_day(node):
        return node
    return exp.TryCast(this=node.this.transform(_tried), to=node.to.copy(), safe=True)
