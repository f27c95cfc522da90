"""Conditions of segments and tags name RFM segments and states that there are."""

import pytest

from jobs.gold.membership import faults, named_values
from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("rfm_segment = 'champion'", ["the rfm_segment 'champion'"]),
        ("'loyl' = customer_rfm.rfm_segment", ["'loyl'"]),
        ("state IN ('dormant', 'gone', 'lapsed')", ["'gone'", "'lapsed'"]),
        ("NOT state <> 'asleep'", ["the state 'asleep'"]),
        ("rfm_segment = 'others' AND state = 'won_back' AND favourite_category = 'TEA'", []),
        ("rfm_segment LIKE 'champ%'", []),
        ("rfm_segment = (", []),
    ],
)
def test_a_value_that_a_column_never_has_is_named(sql, words):
    found = [what for what, _ in named_values.unknown_names(sql, named_values.names_of(Conf()))]
    assert len(found) == len(words)
    assert all(word in what for word, what in zip(words, found, strict=True))


def test_it_is_told_with_its_line_and_the_nearest(tmp_path):
    text = "segments:\n  best: {description: d, when: rfm_segment = 'chmpions'}\n"
    (tmp_path / "segments.yaml").write_text(text)
    (fault,) = faults.faults(Conf([tmp_path]), "segments")
    assert fault.where.endswith("segments.yaml:2")
    assert (fault.what, fault.remedy) == (
        "best: no customer has the rfm_segment 'chmpions'",
        "did you mean 'champions'?",
    )


def test_a_company_may_rename_its_rfm_segments_whatever_the_products_own_conditions_say(tmp_path):
    (tmp_path / "customer_rfm.yaml").write_text("segments: [{segment: gold, when: m_score = 5}]\n")
    assert list(faults.faults(Conf([tmp_path]), "segments")) == []


@pytest.mark.parametrize("subject", ["segments", "tags"])
def test_the_packaged_conditions_are_right(subject):
    assert list(faults.faults(Conf([packaged("conf") / "sample"]), subject)) == []
