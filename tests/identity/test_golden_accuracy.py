"""How right golden records are, on people whose truth is known and whose accounts have dirt at known rates."""

import pytest

from benchmarks.dirty_people import generated
from benchmarks.golden import measured

PERSONS = 2000


@pytest.fixture(scope="module")
def accuracies():
    return {row.attribute: row for row in measured(*generated(PERSONS, least_accounts=3))}


def test_of_people_with_three_accounts_or_more_98_percent_of_the_values_are_right_after(accuracies):
    assert {name: row.right_after for name, row in accuracies.items() if row.right_after < 0.98} == {}
    assert all(row.right_before < 0.93 for row in accuracies.values())


def test_gaps_are_filled(accuracies):
    assert all(row.filled_before < 0.92 and row.filled_after > 0.998 for row in accuracies.values())


def test_the_estimate_without_truth_is_close_to_the_truth(accuracies):
    assert all(abs(row.estimated - row.right_after) < 0.015 for row in accuracies.values())
