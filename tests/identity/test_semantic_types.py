"""Levels of agreement: which of them two values of a kind reach."""

import pytest

from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.semantic_types import TYPES, fields_of


def reached(kind, left, right):
    """The label of the first level that holds for two values."""
    (field,) = fields_of({"x": kind})
    levels = [one for one in TYPES[kind].levels(field) if one["sql_condition"] != "ELSE"]
    cases = " ".join(f"WHEN {one['sql_condition']} THEN '{one['label_for_charts']}'" for one in levels)
    values = f"SELECT '{left}' AS x_l, '{right}' AS x_r, 0.0 AS cos_x"
    return DuckDBEngine().connection.sql(f"SELECT CASE {cases} ELSE 'differs' END FROM ({values})").fetchall()[0][0]


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ("3595lasvegasblvds", "3595lasvegasblvd", "2 edits in letters or begins alike, the same numbers"),
        ("3595lasvegasblvds", "3500lasvegasblvds", "2 edits or begins alike"),
        ("837secondave", "840secondave", "2 edits or begins alike"),
    ],
)
def test_another_house_number_is_no_slip_of_the_keyboard(left, right, label):
    assert reached("address", left, right) == label


def test_another_number_in_a_text_is_another_thing():
    assert reached("free_text", "power drill dx 100", "power dril dx 100").startswith("nearly all words")
    assert reached("free_text", "power drill dx 100", "power drill dx 200") == "differs"
