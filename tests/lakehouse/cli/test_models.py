"""`lakehouse models` at any width."""

import pytest

from lakehouse.cli.models import block

ROW = {
    "model": "customer_churn",
    "champion": "3",
    "age_days": 2,
    "auc": "0.881",
    "alarms": [
        "the values of spend_28d are no longer distributed as in training (PSI 0.95, 0.25 is the line)",
        "another",
    ],
    "health": "all of them",
    "challenger": "4",
    "why": "it is not better in 95 % of the resamples: the difference is 0.0012 (-0.0030 to 0.0050), and " * 2,
}


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_screen_and_no_word_is_lost(width):
    lines = block(ROW, width)

    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for said in (*ROW["alarms"], ROW["why"]):
        assert " ".join(said.split()) in text


def test_a_model_that_nobody_has_trained_says_so():
    assert block({"model": "leads", "champion": "none"}, 80) == ["leads", "  champion    none"]
