"""Row hashes without a JVM are Spark's own."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from pyspark.sql import functions as F

from lakehouse.quality import gate, nine_digits, row_hashes

KINDS = {
    "STRING": ["", "a", "seven_b", "eight_by", "twelve bytes", "thirty-one bytes of some text..", None, "王小明 " * 9],
    "ARRAY<STRING>": [[], ["a"], ["a", None, 'say "hi"\\', "王\n\t/"], None],
    "ARRAY<STRUCT<a: STRING, b: DOUBLE, c: INT>>": [
        [],
        [("x", 0.8333, 1), (None, 1.0, None)],
        [("y", None, -3), None],
        [("z", 0.0, 7), ("w", 1234567.5, 0)],
        None,
    ],
    "ARRAY<DOUBLE>": [
        [1e-4, -0.00012345, 1e7, 9999999.999, 123456789.125, 1e15, 1e-3],
        [3.3e-290, 5e-5, -0.0, 1e14 + 0.5],
    ],
    "MAP<STRING, DOUBLE>": [{"zeta": 1.5, "alpha": 2.5e-17, "Zeta": None}, {}, {"é": 4.0e8, "e": 0.1 + 0.2}, None],
    "MAP<STRING, BIGINT>": [{"b": 2, "a": 2**62}, {}],
    "BOOLEAN": [True, False, None],
    "INT": [0, 1, -1, 2**31 - 1, -(2**31), None],
    "BIGINT": [0, 1, -1, 2**63 - 1, -(2**63), None],
    "DATE": [date(1970, 1, 1), date(1890, 5, 1), date(2026, 11, 24), None],
    "TIMESTAMP": [datetime(1969, 12, 31, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), None],
    "DECIMAL(18,2)": [Decimal("0.01"), Decimal("-12345.67"), Decimal("9999999999999999.99"), None],
    "DOUBLE": [
        0.0,
        -0.0,
        1 / 3,
        2.0**-13,
        -(2.0**-13),
        12.5,
        1e100,
        1e-100,
        123456789.5,
        1234567890.5,
        float("nan"),
        float("inf"),
        float("-inf"),
        0.1 + 0.2,
        9.999999995,
        99999999.95,
        None,
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_any_kind_is_hashed_as_spark_hashes_it(spark, kind):
    rows = spark.createDataFrame([(value, i) for i, value in enumerate(KINDS[kind])], f"value {kind}, i INT")

    result_of = gate.observe(rows, [])

    hashes = row_hashes.row_hashes(rows.toArrow())
    assert str(row_hashes.total(hashes)) == result_of.fingerprint


def test_texts_of_every_length_up_to_a_hundred_and_nulls_are_hashed_one_after_the_other(spark):
    chance = random.Random(3)
    texts = ["".join(chance.choices("aé王\U0001f600 z", k=k)) for k in range(100)]
    rows = spark.createDataFrame(
        [(a, None if i % 7 == 0 else b) for i, (a, b) in enumerate(zip(texts, texts[::-1], strict=True))],
        "a STRING, b STRING",
    )

    theirs = [row[0] for row in rows.select(F.xxhash64("a", "b")).collect()]

    assert row_hashes.row_hashes(rows.toArrow()).tolist() == theirs


def texts_of(numbers: np.ndarray) -> list[str]:
    """What nine_digits writes, byte by byte."""
    texts = nine_digits.written(numbers)
    both = np.stack([texts.first, texts.second], axis=1).astype("<u8").tobytes()
    return [both[16 * row : 16 * row + length].decode() for row, length in enumerate(texts.lengths)]


def test_nine_digits_are_rounded_as_java_rounds_them(spark):
    numbers = np.random.default_rng(5).lognormal(0, 20, 20_000)
    ties = [(2 * k + 1) * 5 * 10.0 ** (e - 10) for k in range(5 * 10**7, 5 * 10**7 + 200) for e in (-3, 0, 4)]
    rows = spark.createDataFrame([(float(v),) for v in [*numbers, *ties]], "value DOUBLE")

    theirs = [row[0] for row in rows.select(F.format_string("%.8e", F.col("value"))).collect()]

    assert texts_of(rows.toArrow()["value"].to_numpy()) == theirs


def test_digits_of_a_whole_column_are_those_of_each_number():
    """Any pattern of bits, numbers with few digits, their halves, powers of ten and their neighbours."""
    chance = np.random.default_rng(11)
    powers = 10.0 ** np.arange(-307, 308)
    sets = [
        chance.integers(0, 2**64, 30_000, np.uint64).view(np.float64),
        np.round(chance.lognormal(0, 8, 20_000), 2) * chance.choice([-1, 1], 20_000),
        chance.integers(10**8, 10**9, 5_000) + 0.5,
        np.r_[powers, np.nextafter(powers, 0), np.nextafter(powers, np.inf)],
        np.array([0.0, -0.0, 9.999999995, 999999999.5, 5e-324, 1.7976931348623157e308]),
    ]
    numbers = np.concatenate(sets)

    assert texts_of(numbers) == [nine_digits.one(float(number)) for number in numbers]


def test_numbers_in_lists_and_maps_are_written_as_java_writes_them(spark):
    """Java may write a digit more than needed of numbers beyond 10^15: these are left to Spark."""
    chance = np.random.default_rng(9)
    numbers = [float(v) for v in chance.uniform(-1, 1, 5_000) * 10.0 ** chance.integers(-280, 15, 5_000)]
    numbers += [float(v) for v in np.round(chance.uniform(0, 1, 1_000), 3) * 10.0 ** chance.integers(-12, 12, 1_000)]
    rows = spark.createDataFrame([([v], {"v": v}) for v in numbers], "list ARRAY<DOUBLE>, map MAP<STRING, DOUBLE>")

    hashes = row_hashes.row_hashes(rows.toArrow())

    assert str(row_hashes.total(hashes)) == gate.observe(rows, []).fingerprint
    beyond = spark.createDataFrame([([1e17], {"v": 1e17})], rows.schema).toArrow()
    assert [row_hashes.row_hashes(beyond.select([name])) for name in rows.columns] == [None, None]


def test_sums_of_hashes_do_not_overflow():
    largest = np.full(1000, 2**63 - 1, np.int64)
    assert row_hashes.total(largest) == 1000 * (2**63 - 1)
    assert row_hashes.total(-largest) == -1000 * (2**63 - 1)
