"""Columns by their facts, and blocking rules from them."""

import pyarrow as pa
import pytest

from benchmarks.people import people
from jobs.identity.matching import blocking, profiling
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.semantic_types import fields_of
from jobs.identity.record_sets import record_files
from lakehouse.errors import LakehouseError

FIELDS = fields_of(
    {
        "given_name": "given_name",
        "surname": "family_name",
        "birth_date": "birth_date",
        "postcode": "postcode",
        "phone": "phone",
    }
)


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine()
    made.put("raw", pa.Table.from_pandas(people(3000, seed=9), preserve_index=False))
    columns = {f.name: f.name for f in FIELDS}
    made.make("cleaned", record_files.cleaned("raw", columns, FIELDS, "account_id", "channel"))
    made.number("numbered", "cleaned", "record_hash IS NOT NULL")
    return made


def budget(pairs: int, rules: int = 20) -> profiling.Budget:
    return profiling.Budget(pairs, pairs, largest_block=500, most_rules=rules)


def test_a_profile_tells_known_distinct_and_the_chance_to_agree():
    small = DuckDBEngine()
    small.put("t", pa.table({"given_name": ["a", "a", "b", None]}))
    (profile,) = profiling.profile_columns(small, "t", FIELDS[:1])
    assert (profile.known, profile.distinct, profile.most_common) == (0.75, 2, pytest.approx(2 / 3))
    assert profile.collision == pytest.approx(5 / 9)


def test_chosen_rules_stay_within_the_budget_of_pairs_and_of_rules(engine):
    for pairs, most in ((2_000, 20), (60_000, 3)):
        rules = profiling.choose_rules(engine, "numbered", FIELDS, 3000, budget(pairs, most))
        keys = blocking.keys_of(engine, "numbered", rules)
        assert 0 < sum(count.pairs for count in blocking.count_pairs(engine, keys, 500).values()) <= pairs * 1.3
        assert len(rules) <= most


def test_more_pairs_miss_fewer_matches(engine):
    def caught(pairs: int) -> int:
        rules = profiling.choose_rules(engine, "numbered", FIELDS, 3000, budget(pairs))
        keys = blocking.keys_of(engine, "numbered", rules)
        met = blocking.pairs(engine, keys, 500, only_new=False)
        return engine.connection.sql(f"""SELECT count(*) FROM {met}
            JOIN numbered a ON rid_l = a.rid JOIN numbered b ON rid_r = b.rid
            JOIN raw x ON a.account_id = x.account_id JOIN raw y ON b.account_id = y.account_id
            WHERE x.person = y.person""").fetchall()[0][0]

    assert caught(60_000) >= caught(1_000) > 0


def test_the_same_records_choose_the_same_rules(engine):
    first, again = (profiling.choose_rules(engine, "numbered", FIELDS, 3000, budget(30_000)) for _ in range(2))
    assert first == again


def test_records_that_share_nothing_are_refused():
    alone = DuckDBEngine()
    columns = [*[f.name for f in FIELDS], *record_files.parts(FIELDS)]
    alone.put(
        "t", pa.table({"rid": [1, 2], "account_id": ["a", "b"], **{n: pa.nulls(2, pa.string()) for n in columns}})
    )
    with pytest.raises(LakehouseError, match="no two records share"):
        profiling.choose_rules(alone, "t", FIELDS, 2, budget(100))
