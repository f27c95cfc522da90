"""Mistakes by kind, ids only; partners of two clean lists."""

import pandas as pd
import pyarrow as pa

from jobs.identity.matching import one_to_one
from jobs.identity.record_sets.mistakes import mistakes
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf

ENDS = ["account_id_left", "account_id_right", "match_weight"]


def test_each_wrong_pair_is_of_one_kind_and_the_weightiest_are_listed():
    both = pd.DataFrame(
        {
            "account_id": ["a", "b", "c", "d", "e"],
            "customer_id": ["1", "1", "2", "3", "1"],
            "person_id": ["p", "q", "p", "p", "r"],
        }
    )
    pairs = pd.DataFrame([("a", "b", 5.0), ("a", "c", 3.0)], columns=ENDS)
    actual = mistakes(both, pairs)
    assert actual.counts == {
        "missed: no pair kept": 2,
        "missed: kept apart": 1,
        "false: joined by its own pair": 1,
        "false: joined through others": 2,
    }
    assert actual.missed.to_numpy().tolist() == [["a", "c", 3.0]]
    assert actual.false.to_numpy().tolist()[0] == ["a", "b", 5.0]


def test_a_record_has_one_partner_and_the_best_pair_goes_first():
    rows = [("a1", "b1", 3.0), ("a1", "b2", 9.0), ("a2", "b2", 8.0), ("a2", "b1", -1.0)]
    pairs = pa.table(dict(zip(ENDS, map(list, zip(*rows, strict=True)), strict=True)))
    bounds = Conf().settings("identity", Settings).clustering.model_copy(update={"join_weight_bits": 0.0})
    actual = one_to_one.partners(pairs, bounds).set_index("account_id")["cluster"].to_dict()
    assert actual == {"a1": "a1", "b2": "a1", "a2": "a2", "b1": "b1"}
