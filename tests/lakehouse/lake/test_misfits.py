"""What does not fit its column is refused alike by both ways to publish: with table, column and count, no value."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import GateError
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.conftest import places

DAY = date(2026, 3, 1)
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: gold.things
version: 1.0.0
status: active
schema:
  - name: things
    physicalName: gold.things
    dataGranularityDescription: one row per thing
    customProperties: [{property: publish, value: replace}, {property: retention, value: kept}]
    properties:
      - {name: thing, logicalType: string, physicalType: STRING, primaryKey: true, required: true, description: name}
      - {name: pieces, logicalType: integer, physicalType: INT, description: count}
      - {name: price, logicalType: number, physicalType: "DECIMAL(6,2)", description: money}
      - {name: day, logicalType: date, physicalType: DATE, description: day}
      - {name: kind, logicalType: string, physicalType: STRING, required: true, description: kind}
"""
WAYS = {"here": {}, "spark": {"engine": "spark"}}
Columns = dict[str, tuple[pa.DataType, list[Any]]]
GOOD: Columns = {
    "thing": (pa.string(), ["a", "b", "c"]),
    "pieces": (pa.int32(), [1, 2, None]),
    "price": (pa.decimal128(6, 2), [Decimal("1.00"), Decimal("9999.99"), None]),
    "day": (pa.date32(), [DAY, None, DAY]),
    "kind": (pa.string(), ["x", "y", "z"]),
}


@pytest.fixture(params=[*WAYS])
def things(request, spark, tmp_path: Path) -> Lake:
    """A lake with one table that publishes in this process, or by Spark alone."""
    layer = tmp_path / "layer" / "contracts" / "gold"
    layer.mkdir(parents=True)
    (layer / "things.odcs.yaml").write_text(CONTRACT)
    conf = Conf([tmp_path / "layer"], overrides={**places(tmp_path), **WAYS[request.param]})
    lake = Lake(spark, conf, conf.profile.lake, Run("r", DAY), Contracts(conf))
    return lake.for_job("gold.things", "h")


def rows(**other: tuple[pa.DataType, list[Any]]) -> pa.Table:
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in (GOOD | other).items()})


MISFITS = [
    ({"pieces": (pa.int64(), [1, 2**31, -(2**31) - 1])}, "pieces: 2 rows are no INT", "2147483648"),
    ({"pieces": (pa.string(), ["1", "seven", "8x"])}, "pieces: 2 rows are no INT", "seven"),
    ({"pieces": (pa.float64(), [1.0, 2.5, 1e12])}, "pieces: 2 rows are no INT", "2.5"),
    ({"price": (pa.decimal128(20, 2), [Decimal("1.00"), Decimal("12345.67"), None])}, "price: 1 rows", "12345"),
    ({"price": (pa.decimal128(20, 4), [Decimal("1.0000"), Decimal("1.2345"), None])}, "price: 1 rows", "1.2345"),
    ({"price": (pa.float64(), [1.5, 1e9, None])}, "price: 1 rows", "1000000000"),
    ({"price": (pa.string(), ["1.50", "much", None])}, "price: 1 rows", "much"),
    ({"day": (pa.string(), ["2026-03-01", "soon", None])}, "day: 1 rows are no DATE", "soon"),
]


@pytest.mark.parametrize(("other", "words", "value"), MISFITS)
def test_a_batch_with_a_value_that_does_not_fit_is_refused(things, other, words, value):
    things.publish("gold.things", rows(), DAY)
    for batch in (rows(**other), things.spark.createDataFrame(rows(**other))):
        with pytest.raises(GateError) as refused:
            things.publish("gold.things", batch, DAY)
        assert "gold.things" in str(refused.value)
        assert words in str(refused.value)
        assert value not in str(refused.value)
    assert things.for_job("see", "").read("gold.things").count() == 3
    assert things.version("gold.things") == things.for_job("see", "").pin("gold.things")


def test_several_columns_are_named_at_once(things):
    other = {"pieces": (pa.int64(), [2**40, 1, 1]), "day": (pa.string(), ["x", "y", "2026-01-01"])}
    with pytest.raises(GateError, match=r"day: 2 rows are no DATE; pieces: 1 rows are no INT"):
        things.publish("gold.things", rows(**other), DAY)


def test_a_missing_value_where_none_may_be_is_refused_with_its_column_and_count(things):
    other = {"kind": (pa.string(), ["x", None, None])}
    for batch in (rows(**other), things.spark.createDataFrame(rows(**other))):
        with pytest.raises(GateError, match=r"kind.*unexpected_count 2") as refused:
            things.publish("gold.things", batch, DAY)
        assert "gold.things" in str(refused.value)
    assert not things.exists("gold.things")


def test_what_another_type_holds_whole_is_taken(things):
    other = {
        "pieces": (pa.string(), ["1", " 2 ", None]),
        "price": (pa.float64(), [1.5, 0.005, None]),
        "day": (pa.string(), ["2026-03-01", None, "2026-03-01"]),
    }
    things.publish("gold.things", rows(**other), DAY)
    things.publish("gold.things", rows(pieces=(pa.float64(), [1.0, 2.0, None])), DAY)
    found = things.for_job("see", "").read("gold.things").orderBy("thing").collect()
    assert [row.pieces for row in found] == [1, 2, None]
