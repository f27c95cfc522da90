"""Values that do not fit their column's type: a batch with one is refused, whichever way it is written.

A value fits when the type holds it whole. Rounded are floating numbers that become decimals, and nothing else.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType, FractionalType, IntegralType, NumericType

from lakehouse.contracts.contract import Contract
from lakehouse.errors import GateError
from lakehouse.sql.literal import identifier

FLAG = "_misfit_"


def refused(contract: Contract, counts: Mapping[str, int]) -> GateError:
    """The refusal, with columns and how many rows; never a value."""
    types = {column.name: column.type for column in contract.columns}
    counted = "; ".join(f"{name}: {count} rows are no {types[name]}" for name, count in sorted(counts.items()))
    return GateError(
        f"values do not fit their columns ({counted}); last night's table stays",
        contract.table,
        "correct the job or its contract",
    )


def with_flags(rows: DataFrame, contract: Contract) -> DataFrame:
    """The contract's columns in its order and types, then a boolean for each column that had another type.

    Args:
        rows: have the contract's columns, and no others.

    Returns:
        the columns and the flags, whose names are FLAG and the column's: whether the value did not fit.
    """
    typed, flags = [], []
    for field in contract.schema():
        column, wanted = F.col(identifier(field.name)), field.dataType
        of = rows.schema[field.name].dataType
        if of.simpleString() == wanted.simpleString():
            typed.append(column)
            continue
        cast = column.try_cast(wanted.simpleString())
        typed.append(cast.alias(field.name))
        flags.append((column.isNotNull() & ~_is_whole(column, cast, of, wanted)).alias(FLAG + field.name))
    return rows.select(*typed, *flags)


def _is_whole(column: Column, cast: Column, of: DataType, wanted: DataType) -> Column:
    """Whether nothing was lost; a floating number that becomes a decimal may be rounded."""
    to_exact = isinstance(wanted, (IntegralType, DecimalType)) and isinstance(of, NumericType)
    is_rounded = isinstance(of, FractionalType) and not isinstance(of, DecimalType) and isinstance(wanted, DecimalType)
    if to_exact and not is_rounded:
        return cast.isNotNull() & F.coalesce(cast == column, F.lit(False))
    return cast.isNotNull()


def counted(flags: list[str]) -> list[Column]:
    """An aggregate for each flag, under its name."""
    return [F.count_if(F.col(identifier(flag))).alias(flag) for flag in flags]


def found(counts: Mapping[str, Any]) -> dict[str, int]:
    """Column -> rows that do not fit, of the aggregates of a batch."""
    return {name.removeprefix(FLAG): n for name, n in counts.items() if name.startswith(FLAG) and n}


def cast(rows: pa.Table, schema: pa.Schema, contract: Contract) -> pa.Table:
    """Rows in memory in the contract's columns and types; NULLs are left for the gate.

    Raises:
        GateError: values do not fit.
    """
    free = pa.schema([field.with_nullable(True) for field in schema])
    columns, counts = [], {}
    for field in free:
        column = _plain(rows[field.name], field.type)
        try:
            columns.append(column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
            counts[field.name] = misfits(column, field.type)
    if counts:
        raise refused(contract, counts) from None
    return pa.table(columns, schema=free)


def _plain(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """Text without the blanks around it, as Spark reads it where it becomes something else."""
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    becomes_other = not (pa.types.is_string(wanted) or pa.types.is_large_string(wanted))
    return pc.utf8_trim_whitespace(column) if is_text and becomes_other else column


def misfits(column: pa.ChunkedArray, wanted: pa.DataType) -> int:
    """How many values cannot be cast: halves that can are not looked at any further."""
    try:
        column.cast(wanted)
        return 0
    except pa.ArrowNotImplementedError:
        return int(len(column) - column.null_count)
    except (pa.ArrowInvalid, ValueError):
        if len(column) == 1:
            return 1
    middle = len(column) // 2
    return misfits(column.slice(0, middle), wanted) + misfits(column.slice(middle), wanted)
