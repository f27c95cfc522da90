"""Which pairs meet."""

import pyarrow as pa
import pytest

from jobs.identity.matching import blocking, words
from jobs.identity.matching.lanes import DuckDBLane
from lakehouse.errors import LakehouseError


@pytest.fixture
def lane():
    made = DuckDBLane()
    rows = [(1, "anna", "meyer"), (2, "anna", "meier"), (3, "bela", "meyer"), (4, None, "meyer"), (5, "anna", "meyer")]
    rid, given, family = zip(*rows, strict=True)
    made.put("numbered", pa.table({"rid": rid, "given": given, "family": family, "channel": ["a", "b", "a", "b", "a"]}))
    yield made
    made.close()


def met(lane, rules, largest_block=500, only_new=False, across=False):
    blocking.make_keys(lane, "keys", "numbered", rules)
    blocking.pairs(lane, "met", "keys", largest_block, only_new, across)
    return lane.connection.sql("SELECT rid_l, rid_r, rule FROM met ORDER BY ALL").fetchall()


def test_a_pair_that_shares_two_keys_meets_once_with_the_first(lane):
    assert met(lane, [("given",), ("given", "family")]) == [(1, 2, 0), (1, 5, 0), (2, 5, 0)]


def test_a_missing_part_makes_no_key(lane):
    assert all(4 not in pair[:2] for pair in met(lane, [("given:1", "family")]))


def test_too_large_a_block_says_nothing(lane):
    assert met(lane, [("family",)], largest_block=3) == []
    assert len(met(lane, [("family",)], largest_block=4)) == 6


def test_lists_without_doubles_meet_across_only(lane):
    assert met(lane, [("given",)], across=True) == [(1, 2, 0), (2, 5, 0)]


def test_keys_of_changed_records_make_the_pairs_of_all_keys(lane):
    lane.put("changed_rids", pa.table({"rid": [2, 5]}))
    rules = [("given",), ("family",)]
    everything = [pair for pair in met(lane, rules) if {2, 5} & set(pair[:2])]
    blocking.make_keys_of_changed(lane, "keys", "numbered", rules)
    blocking.pairs(lane, "met", "keys", 500, only_new=True)
    assert lane.connection.sql("SELECT rid_l, rid_r, rule FROM met ORDER BY ALL").fetchall() == everything


def test_an_explosion_is_refused_before_it_happens(lane):
    blocking.make_keys(lane, "keys", "numbered", [("family",)])
    with pytest.raises(
        LakehouseError, match="would make 6 pairs, 5 are allowed; its largest block has 4 records"
    ) as error:
        blocking.refuse_explosions(lane, "keys", [("family",)], largest_block=500, most_pairs=5)
    assert "meyer" not in error.value.paragraph()


def test_a_night_that_would_explode_is_refused_by_the_pairs_of_its_new_records(lane):
    lane.put("changed_rids", pa.table({"rid": [2, 5]}))
    rules = [("given",), ("family",)]
    made = {rule: len(met(lane, [rule], only_new=True)) for rule in rules}
    blocking.make_keys_of_changed(lane, "keys", "numbered", rules)
    counted = blocking.count_pairs(lane, "keys", 500, only_new=True)
    assert {rule: counted[i].pairs for i, rule in enumerate(rules)} == made
    blocking.refuse_explosions(lane, "keys", rules, 500, most_pairs=3, only_new=True)
    with pytest.raises(LakehouseError, match="'given' would make 3 pairs, 2 are allowed; its largest block has 3"):
        blocking.refuse_explosions(lane, "keys", rules, 500, most_pairs=2, only_new=True)


def test_what_a_rule_would_make_is_counted(lane):
    blocking.make_keys(lane, "keys", "numbered", [("family",), ("given", "family:2")])
    counted = blocking.count_pairs(lane, "keys", largest_block=3)
    assert (counted[0].pairs, counted[0].largest, counted[0].share) == (0, 4, 0.2)
    assert (counted[1].pairs, counted[1].share) == (3, 1.0)


def test_texts_that_share_two_of_their_rarest_words_meet(lane):
    texts = ["red lamp 15", "lamp 15 blue", "blue kettle", "kettle red 15", "red kettle 17"]
    lane.put("named", pa.table({"rid": [1, 2, 3, 4, 5], "name": texts}))
    words.make_tokens(lane, "named", ["name"])
    blocking.make_keys(lane, "keys", "named", [("name**",)])
    blocking.pairs(lane, "met", "keys", 500, only_new=False)
    assert lane.connection.sql("SELECT rid_l, rid_r FROM met ORDER BY ALL").fetchall() == [(1, 2), (1, 4), (4, 5)]
