"""The compiled verdict is Great Expectations' own verdict, on rows that pass and on rows that fail."""

import pytest

from lakehouse.quality import compiler, gate, great_expectations
from lakehouse.quality.suites import Expectation


def compiled(suite):
    return [check for e in suite if (check := compiler.compiled(e))]


CASES = [
    ("expect_column_values_to_not_be_null", {"column": "name"}),
    ("expect_column_values_to_not_be_null", {"column": "name", "mostly": 0.6}),
    ("expect_column_values_to_be_between", {"column": "n", "min_value": 1, "max_value": 3}),
    ("expect_column_values_to_be_between", {"column": "n", "min_value": 1, "strict_min": True, "mostly": 0.5}),
    ("expect_column_values_to_be_in_set", {"column": "name", "value_set": ["a", "b"]}),
    ("expect_column_values_to_match_regex", {"column": "name", "regex": "^[ab]$"}),
    ("expect_column_value_lengths_to_be_between", {"column": "name", "min_value": 1, "max_value": 1}),
    ("expect_column_values_to_be_unique", {"column": "n"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["name", "n"]}),
    ("expect_table_row_count_to_be_between", {"min_value": 2, "max_value": 4}),
    ("expect_column_sum_to_be_between", {"column": "n", "min_value": 7}),
    ("expect_column_min_to_be_between", {"column": "n", "min_value": 1}),
    ("expect_column_max_to_be_between", {"column": "n", "max_value": 3}),
    ("expect_column_mean_to_be_between", {"column": "n", "min_value": 2, "max_value": 3}),
    ("expect_column_unique_value_count_to_be_between", {"column": "n", "max_value": 3}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "m", "column_B": "n"}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "m", "column_B": "n", "or_equal": True}),
]
BATCHES = {
    "clean": [("a", 1, 2), ("b", 2, 3), ("a", 3, 4)],
    "odd": [("a", 1, 1), (None, 2, 1), ("abc", 9, 10), ("a", 1, 2)],
    "nulls": [("a", None, None), ("b", 2, 2), (None, 3, None)],
}


@pytest.mark.parametrize("rows", BATCHES.values(), ids=BATCHES.keys())
def test_the_compiled_verdict_is_the_verdict_of_great_expectations(spark, rows):
    batch = spark.createDataFrame(rows, "name STRING, n INT, m INT")
    suite = [Expectation(of, kwargs) for of, kwargs in CASES]
    checks = [check for e in suite if (check := compiler.compiled(e))]

    ours = [passed for _, passed, _ in gate.observe(batch, checks).results]
    theirs = [passed for _, passed, _ in great_expectations.validate(batch, suite)]

    assert len(checks) == len(suite)
    assert dict(zip(map(str, CASES), ours, strict=True)) == dict(zip(map(str, CASES), theirs, strict=True))


@pytest.mark.parametrize("rows", [*BATCHES.values(), []], ids=[*BATCHES.keys(), "nothing"])
def test_rows_judged_while_they_are_collected_get_the_same_verdict(spark, rows):
    batch = spark.createDataFrame(rows, "name STRING, n INT, m INT")
    conditional = {"column": "n", "row_condition": "name = 'a'"}
    suite = [Expectation(of, kwargs) for of, kwargs in [*CASES, ("expect_column_values_to_be_unique", conditional)]]
    checks = compiled(suite)

    result_of, collected = gate.collect(batch, checks)

    assert result_of == gate.observe(batch, checks)
    assert sorted(collected.to_pylist(), key=repr) == sorted((r.asDict() for r in batch.collect()), key=repr)


@pytest.mark.parametrize("rows", [*BATCHES.values(), []], ids=[*BATCHES.keys(), "nothing"])
def test_rows_at_hand_get_the_same_verdict_without_spark(spark, rows):
    batch = spark.createDataFrame(rows, "name STRING, n INT, m INT")
    conditional = {"column": "n", "row_condition": "name = 'a'"}
    suite = [Expectation(of, kwargs) for of, kwargs in [*CASES, ("expect_column_values_to_be_unique", conditional)]]
    checks = compiled(suite)

    assert gate.observe_local(batch.toArrow(), checks) == gate.observe(batch, checks)


def test_a_regular_expression_of_javas_own_kind_is_left_to_spark(spark):
    batch = spark.createDataFrame([("ab",)], "name STRING")
    checks = compiled([Expectation("expect_column_values_to_match_regex", {"column": "name", "regex": "a(?=b)"})])

    assert gate.observe_local(batch.toArrow(), checks) is None
    assert gate.observe(batch, checks).results[0][1]


def test_quotes_and_backslashes_of_a_suite_mean_themselves(spark):
    batch = spark.createDataFrame([("O'Neill\\1",)], "name STRING")
    checks = compiled(
        [
            Expectation("expect_column_values_to_be_in_set", {"column": "name", "value_set": ["O'Neill\\1"]}),
            Expectation("expect_column_values_to_match_regex", {"column": "name", "regex": r"^O'\w+\\\d$"}),
        ]
    )

    for result_of in (gate.observe(batch, checks), gate.observe_local(batch.toArrow(), checks)):
        assert [passed for _, passed, _ in result_of.results] == [True, True]


def test_what_is_not_compiled_is_judged_by_great_expectations_itself(spark):
    batch = spark.createDataFrame([("a", 1), ("b", 1)], "name STRING, n INT")
    e = Expectation("expect_column_distinct_values_to_equal_set", {"column": "name", "value_set": ["a", "b"]})

    assert compiler.compiled(e) is None
    assert [passed for _, passed, _ in great_expectations.validate(batch, [e])] == [True]
