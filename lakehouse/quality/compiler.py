"""Expectations as aggregates in Spark SQL, so that judging a table costs one pass however many checks there are.

What cannot be compiled is left to Great Expectations itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakehouse.quality.suites import Expectation
from lakehouse.sql import expressions
from lakehouse.sql.literal import identifier, listed, literal

Observed = dict[str, Any]


@dataclass(frozen=True)
class Distinct:
    """Different values (none of them NULL) of some columns, among the rows that a SQL condition holds for."""

    names: tuple[str, ...]
    rows: str

    @property
    def validated(self) -> str:
        """The rows that count, as a SQL condition."""
        return " AND ".join([f"({self.rows})", *(f"{column(name)} IS NOT NULL" for name in self.names)])

    @property
    def count(self) -> str:
        """The number of different values, as an aggregate of Spark SQL."""
        return f"count(DISTINCT CASE WHEN {self.validated} THEN struct({', '.join(map(column, self.names))}) END)"


@dataclass(frozen=True)
class Check:
    """A compiled expectation: aggregates in Spark SQL, and the validation result that their values give.

    Args:
        distinct: the one value that needs all rows side by side, observed as `distinct`.
        of_nothing: what the aggregates come to where there are no rows.
    """

    expectation: Expectation
    columns: dict[str, str]
    result_of: Callable[[Observed], tuple[bool, Observed]]
    distinct: Distinct | None = None
    of_nothing: int | None = None


def compiled(expectation: Expectation) -> Check | None:
    """The expectation as aggregates, or None when GX itself must validate it."""
    compile_one = COMPILERS.get(expectation.type)
    return compile_one(expectation) if compile_one else None


def column(name: str) -> str:
    """A column's name in SQL."""
    return identifier(name)


def _rows(kwargs: dict[str, Any]) -> str:
    """Rows that the expectation is about; GX's row_condition in its Spark dialect is a SQL predicate."""
    condition = kwargs.get("row_condition")
    if condition:
        expressions.parse(condition)  # refuses what reaches beyond a row
    return f"coalesce({condition}, false)" if condition else "true"


def _count(condition: str) -> str:
    # not count_if: of no rows DuckDB's is NULL
    return f"count(CASE WHEN {condition} THEN 1 END)"


def _map(expectation: Expectation, value: str, bad: str, ignore_null: bool = True) -> Check:
    """A row-by-row expectation: share of validated rows that are good must reach `mostly`; NULLs are not validated."""
    validated = f"({_rows(expectation.kwargs)})" + (f" AND ({value}) IS NOT NULL" if ignore_null else "")
    columns = {"validated": _count(validated), "bad": _count(f"{validated} AND coalesce({bad}, false)")}
    mostly = float(expectation.kwargs.get("mostly", 1.0))

    def result_of(seen: Observed) -> tuple[bool, Observed]:
        validated_rows, bad_rows = seen["validated"] or 0, seen["bad"] or 0
        good = 1.0 if validated_rows == 0 else (validated_rows - bad_rows) / validated_rows
        return good >= mostly, {"element_count": validated_rows, "unexpected_count": bad_rows}

    return Check(expectation, columns, result_of, of_nothing=0)


def _not_null(e: Expectation) -> Check:
    name = column(e.kwargs["column"])
    return _map(e, name, f"{name} IS NULL", ignore_null=False)


def _between(e: Expectation) -> Check:
    name = column(e.kwargs["column"])
    return _map(e, name, f"NOT ({_inside(name, e.kwargs)})")


def _inside(value: str, kwargs: dict[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    above = "true" if low is None else f"{value} {'>' if kwargs.get('strict_min') else '>='} {literal(low)}"
    below = "true" if high is None else f"{value} {'<' if kwargs.get('strict_max') else '<='} {literal(high)}"
    return f"{above} AND {below}"


def _in_set(e: Expectation) -> Check:
    name = column(e.kwargs["column"])
    allowed = listed(e.kwargs["value_set"])
    return _map(e, name, f"NOT coalesce({name} IN ({allowed}), false)")


def _regex(e: Expectation) -> Check:
    name = column(e.kwargs["column"])
    return _map(e, name, f"NOT ({name} RLIKE {literal(e.kwargs['regex'])})")


def _lengths(e: Expectation) -> Check:
    name = column(e.kwargs["column"])
    return _map(e, name, f"NOT ({_inside(f'length({name})', e.kwargs)})")


def _pair_greater(e: Expectation) -> Check:
    a, b = column(e.kwargs["column_A"]), column(e.kwargs["column_B"])
    good = f"{a} {'>=' if e.kwargs.get('or_equal') else '>'} {b}"
    return _map(e, f"CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN 1 END", f"NOT ({good})")


def _unique(e: Expectation) -> Check | None:
    if float(e.kwargs.get("mostly", 1.0)) < 1.0:
        return None
    different = Distinct(tuple(e.kwargs.get("column_list") or [e.kwargs["column"]]), _rows(e.kwargs))
    return Check(
        e,
        {"validated": _count(different.validated)},
        lambda s: (s["validated"] == s["distinct"], {"element_count": s["validated"], "distinct": s["distinct"]}),
        different,
        of_nothing=0,
    )


def _bounded(e: Expectation, value: str, of_nothing: int | None = None) -> Check:
    """An aggregate inside bounds; GX fails it when there is no value to validate."""
    return Check(e, {"value": value}, lambda seen: _bounds(e, seen["value"]), of_nothing=of_nothing)


def _bounds(e: Expectation, observed: Any) -> tuple[bool, Observed]:
    return observed is not None and _within(float(observed), e.kwargs), {"observed_value": observed}


def _distinct_count(e: Expectation) -> Check:
    different = Distinct((e.kwargs["column"],), _rows(e.kwargs))
    return Check(e, {}, lambda seen: _bounds(e, seen["distinct"]), different, of_nothing=0)


def _within(value: float, kwargs: dict[str, Any]) -> bool:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    above = low is None or (value > float(low) if kwargs.get("strict_min") else value >= float(low))
    return above and (high is None or (value < float(high) if kwargs.get("strict_max") else value <= float(high)))


def _over(function: str) -> Callable[[Expectation], Check]:
    return lambda e: _bounded(e, f"{function}(CASE WHEN {_rows(e.kwargs)} THEN {column(e.kwargs['column'])} END)")


COMPILERS: dict[str, Callable[[Expectation], Check | None]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_match_regex": _regex,
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_pair_values_a_to_be_greater_than_b": _pair_greater,
    "expect_column_values_to_be_unique": _unique,
    "expect_compound_columns_to_be_unique": _unique,
    "expect_table_row_count_to_be_between": lambda e: _bounded(e, _count(_rows(e.kwargs)), of_nothing=0),
    "expect_column_sum_to_be_between": _over("sum"),
    "expect_column_min_to_be_between": _over("min"),
    "expect_column_max_to_be_between": _over("max"),
    "expect_column_mean_to_be_between": _over("avg"),
    "expect_column_unique_value_count_to_be_between": _distinct_count,
}
