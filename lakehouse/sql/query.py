"""A query as a value: Spark's SQL, what stands behind each name in it, and what it answers with.

Jobs build queries by functions of their settings and of the day, which need no lake: so a check can look at every
query of every job without an engine, and follow each column to the columns that it comes from.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import TypeAlias

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_type

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Appended:
    """The rows that were appended to a table after a version; nothing else may have changed since."""

    table: str
    since: int


@dataclass(frozen=True)
class Made:
    """What a check sees where a run has rows that its own code made.

    columns: column -> Spark SQL type.
    sources: column -> the tables' columns that it is made from ("gold.basket_rules.lift"); a column that is not named
    comes from the run itself (a number given out, a constant of a model).
    """

    columns: Mapping[str, str]
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Query:
    """One question. The text names its tables and steps in braces as `{order_lines}`.

    tables: what stands behind each name: a table of the lake, rows in memory, or a DataFrame; in a check `Made` or
    the query that the rows are the answer of stand for what only a run has.
    steps: named intermediate results, in order: SELECTs over tables and earlier steps. Each is computed once.
    answers: the table that it fills, or its columns and their Spark types ("level STRING, lines BIGINT"); None where
    it hands on the columns of a table as they are.
    """

    sql: str
    tables: Mapping[str, "Table"]
    steps: Mapping[str, str] = field(default_factory=dict)
    answers: str | None = None
    where: str = field(init=False, default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        """Freeze the mappings, and keep which function made the query: a check names it."""
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))
        object.__setattr__(self, "steps", MappingProxyType(dict(self.steps)))
        object.__setattr__(self, "where", _maker(sys._getframe(2)))

    @property
    def names(self) -> tuple[str, ...]:
        """All names that the texts may use in braces."""
        return (*self.tables, *self.steps)

    @property
    def fills(self) -> str | None:
        """The table whose rows the answer is, if it is one's."""
        return self.answers if self.answers and " " not in self.answers else None


# a table of the lake by name, what was appended to one, rows in memory, or what only Spark holds; in a check, what
# stands for rows of a run
Table: TypeAlias = str | Appended | pa.Table | DataFrame | Made | Query


def spark_columns(schema: pa.Schema) -> dict[str, str]:
    """Column -> Spark SQL type of rows in memory."""
    return {field.name: from_arrow_type(field.type).simpleString() for field in schema}


def _maker(frame: FrameType) -> str:
    """`file:line` of the function that made a query; the line is where the function begins."""
    code = frame.f_code
    path = Path(code.co_filename)
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{shown}:{code.co_firstlineno if code.co_name != '<module>' else frame.f_lineno}"
