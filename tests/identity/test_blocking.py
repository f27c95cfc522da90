"""Which pairs meet."""

import pyarrow as pa
import pytest

from jobs.identity.matching import blocking, words
from jobs.identity.matching.engines import DuckDBEngine
from lakehouse.errors import LakehouseError


@pytest.fixture
def engine():
    made = DuckDBEngine()
    rows = [(1, "anna", "meyer"), (2, "anna", "meier"), (3, "bela", "meyer"), (4, None, "meyer"), (5, "anna", "meyer")]
    rid, given, family = zip(*rows, strict=True)
    made.put("numbered", pa.table({"rid": rid, "given": given, "family": family, "channel": ["a", "b", "a", "b", "a"]}))
    yield made
    made.close()


def met(engine, rules, largest_block=500, only_new=False, across=False):
    pairs = blocking.pairs(engine, blocking.keys_of(engine, "numbered", rules), largest_block, only_new, across)
    return engine.connection.sql(f"SELECT rid_l, rid_r, rule FROM {pairs} ORDER BY ALL").fetchall()


def test_a_pair_that_shares_two_keys_meets_once_with_the_first(engine):
    assert met(engine, [("given",), ("given", "family")]) == [(1, 2, 0), (1, 5, 0), (2, 5, 0)]


def test_a_missing_part_makes_no_key(engine):
    assert all(4 not in pair[:2] for pair in met(engine, [("given:1", "family")]))


def test_too_large_a_block_says_nothing(engine):
    assert met(engine, [("family",)], largest_block=3) == []
    assert len(met(engine, [("family",)], largest_block=4)) == 6


def test_lists_without_duplicates_meet_across_only(engine):
    assert met(engine, [("given",)], across=True) == [(1, 2, 0), (2, 5, 0)]


def test_keys_of_changed_records_make_the_pairs_of_all_keys(engine):
    engine.put("changed_rids", pa.table({"rid": [2, 5]}))
    rules = [("given",), ("family",)]
    everything = [pair for pair in met(engine, rules) if {2, 5} & set(pair[:2])]
    pairs = blocking.pairs(engine, blocking.keys_of_changed(engine, "numbered", rules), 500, only_new=True)
    assert engine.connection.sql(f"SELECT rid_l, rid_r, rule FROM {pairs} ORDER BY ALL").fetchall() == everything


def test_an_explosion_is_refused_before_it_happens(engine):
    keys = blocking.keys_of(engine, "numbered", [("family",)])
    with pytest.raises(
        LakehouseError, match="would make 6 pairs, 5 are allowed; its largest block has 4 records"
    ) as error:
        blocking.refuse_explosions(engine, keys, [("family",)], largest_block=500, most_pairs=5)
    assert "meyer" not in error.value.paragraph()


def test_a_night_that_would_explode_is_refused_by_the_pairs_of_its_new_records(engine):
    engine.put("changed_rids", pa.table({"rid": [2, 5]}))
    rules = [("given",), ("family",)]
    made = {rule: len(met(engine, [rule], only_new=True)) for rule in rules}
    keys = blocking.keys_of_changed(engine, "numbered", rules)
    counted = blocking.count_pairs(engine, keys, 500, only_new=True)
    assert {rule: counted[i].pairs for i, rule in enumerate(rules)} == made
    blocking.refuse_explosions(engine, keys, rules, 500, most_pairs=3, only_new=True)
    with pytest.raises(LakehouseError, match="'given' would make 3 pairs, 2 are allowed; its largest block has 3"):
        blocking.refuse_explosions(engine, keys, rules, 500, most_pairs=2, only_new=True)


def test_what_a_rule_would_make_is_counted(engine):
    keys = blocking.keys_of(engine, "numbered", [("family",), ("given", "family:2")])
    counted = blocking.count_pairs(engine, keys, largest_block=3)
    assert (counted[0].pairs, counted[0].largest, counted[0].share) == (0, 4, 0.2)
    assert (counted[1].pairs, counted[1].share) == (3, 1.0)


def test_texts_that_share_two_of_their_rarest_words_meet(engine):
    texts = ["red lamp 15", "lamp 15 blue", "blue kettle", "kettle red 15", "red kettle 17"]
    engine.put("named", pa.table({"rid": [1, 2, 3, 4, 5], "name": texts}))
    words.make_tokens(engine, "named", ["name"])
    keys = blocking.keys_of(engine, "named", [("name**",)])
    pairs = blocking.pairs(engine, keys, 500, only_new=False)
    assert engine.connection.sql(f"SELECT rid_l, rid_r FROM {pairs} ORDER BY ALL").fetchall() == [
        (1, 2),
        (1, 4),
        (4, 5),
    ]
