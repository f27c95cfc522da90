"""Hashes of exported lines, whose columns come and go: one per line, the same in Spark and without it.

Each value is hashed after its column's name, then these hashes in order of the names; NULL leaves no trace, so that a
column that a file has not is as one without values. Lines repeat most of their values: each is hashed once.
"""

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.quality import row_hashes, xxh64
from lakehouse.quality.xxh64 import Words
from lakehouse.sql.literal import identifier

LINE = "line"


def hashed(lines: pa.Table) -> pa.Table | None:
    """One column of numbers, one per line; None where a column's type is Spark's alone."""
    hashes = np.full(lines.num_rows, row_hashes.SEED, np.uint64)
    with np.errstate(over="ignore"):
        for name in sorted(lines.column_names):
            encoded = lines[name].combine_chunks().dictionary_encode()
            values = _values(name, encoded.dictionary)
            if values is None:
                return None
            if encoded.null_count == 0:
                hashes = xxh64.of_longs(values[encoded.indices.to_numpy()].view(np.int64), hashes)
            elif encoded.null_count < len(encoded):
                known = np.asarray(encoded.indices.is_valid())
                places = encoded.indices.drop_null().to_numpy()
                hashes[known] = xxh64.of_longs(values[places].view(np.int64), hashes[known])
    return pa.table({LINE: hashes.view(np.int64)})


def _values(name: str, different: pa.Array) -> Words | None:
    """Hashes of a column's different values, each after its name."""
    named = pa.table({"name": pa.array([name] * len(different), pa.string()), "value": different})
    found = row_hashes.row_hashes(named)
    return None if found is None else found.view(np.uint64)


def by_spark(lines: DataFrame) -> DataFrame:
    """The same by Spark."""
    columns = [_named(name) for name in sorted(lines.columns)]
    return lines.select(F.xxhash64(*columns).alias(LINE))


def _named(name: str) -> Column:
    value = F.col(identifier(name))
    return F.when(value.isNotNull(), F.xxhash64(F.lit(name), value))
