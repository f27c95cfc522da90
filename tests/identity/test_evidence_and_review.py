"""Keys with declared trust, and the questions that a steward gets."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from jobs.identity.grouping import deterministic
from jobs.identity.grouping.groups import WEAK
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.settings.identity import DeterministicKey, Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Company, cleaned
from tests.identity.test_persistent_ids import population

CONF = Conf().settings("identity", Settings)
NIGHT = date(2017, 10, 2)
SCORED = pa.schema(
    [
        ("account_id_left", pa.string()),
        ("account_id_right", pa.string()),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
        ("match_rule", pa.string()),
    ]
)


def held(accounts, scored=(), conf=CONF, changed=None):
    """Pairs that the model or a key holds: (left, right) -> (rule, weight), and the values that are too common."""
    engine = DuckDBEngine(None)
    rows = cleaned([{"account_id": name, **values} for name, values in accounts.items()], NIGHT)
    names = ("account_id_left", "account_id_right", "match_weight", "match_probability", "match_rule")
    scored_pairs = engine.table_of(
        "scored", pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in scored], SCORED)
    )
    deterministic.without_frequent_values(engine, engine.table_of("accounts", rows), conf, rows.column_names)
    if changed is not None:
        engine.put("changed", pa.table({"account_id": pa.array(changed, pa.string())}))
    keys = deterministic.key_evidence(engine, conf, rows.column_names, only_new=changed is not None)
    pairs = engine.fetch(deterministic.held(scored_pairs, keys.pairs)).to_pylist()
    frequent_values = engine.fetch("SELECT field, accounts FROM frequent_values").to_pylist()
    engine.close()
    return {
        (r["account_id_left"], r["account_id_right"]): (r["match_rule"], r["match_weight"]) for r in pairs
    }, frequent_values


def test_a_key_gives_at_least_the_bits_that_it_is_trusted_with():
    accounts = {"a": {"national_id": "123"}, "b": {"national_id": "123"}, "c": {"device": "d1"}, "d": {"device": "d1"}}
    pairs, _ = held(accounts, [("a", "b", 3.0, 0.9, "family"), ("c", "d", 11.0, 0.99, "email")])
    assert pairs[("a", "b")] == ("key national_id", 8.0)
    assert pairs[("c", "d")] == ("email", 11.0)  # the model is surer than the key


def test_the_most_trusted_of_several_shared_keys_counts():
    both = {"national_id": "123", "loyalty_card": "LC1"}
    pairs, _ = held({"a": both, "b": both})
    assert pairs == {("a", "b"): ("key loyalty_card", CONF.clustering.most_weight_bits)}


def test_only_changed_accounts_meet_the_others_again():
    accounts = {name: {"national_id": "123"} for name in "abc"}
    assert set(held(accounts, changed=["b"])[0]) == {("a", "b"), ("b", "c")}
    assert len(held(accounts)[0]) == 3


def test_a_value_of_too_many_accounts_is_no_key_and_is_counted():
    most = CONF.guards.replace(most_accounts_of_a_value={"national_id": 3})
    conf = CONF.replace(guards=most)
    pairs, frequent_values = held({f"n{i}": {"national_id": "123"} for i in range(4)}, conf=conf)
    assert pairs == {}
    assert frequent_values == [{"field": "national_id", "accounts": 4}]
    assert len(held({f"n{i}": {"national_id": "123"} for i in range(3)}, conf=conf)[0]) == 3


def test_keys_that_no_export_fills_or_the_conf_leaves_out_hold_nobody():
    none = CONF.replace(evidence=CONF.evidence.replace(keys={}))
    unknown = {"no_such_column": DeterministicKey(trust_bits="certain")}
    odd = CONF.replace(evidence=CONF.evidence.replace(keys=unknown))
    accounts = {name: {"national_id": "123"} for name in "ab"}
    assert held(accounts, conf=none)[0] == held(accounts, conf=odd)[0] == {}


@pytest.fixture(scope="module")
def asking() -> tuple[Company, list]:
    """A company whose first night leaves questions: every join is worth a question."""
    accounts = list(population(12, 200).values())
    guards = CONF.guards.replace(review_joins_below_bits=12)
    company = Company(CONF.replace(guards=guards))
    company.night(accounts, NIGHT)
    return company, accounts


@pytest.mark.parametrize(("reason", "decision"), [(WEAK, "same"), (WEAK, "never")])
def test_a_question_that_was_decided_does_not_come_back(asking, reason, decision):
    company, accounts = asking[0].copy(), asking[1]
    question = next(q for q in company.review if q["reason"] == reason)
    company.decide(question["account_id_left"], question["account_id_right"], decision, NIGHT)
    company.night(accounts, NIGHT + timedelta(days=1))
    pairs = {(q["account_id_left"], q["account_id_right"]) for q in company.review}
    assert (question["account_id_left"], question["account_id_right"]) not in pairs
    before = {(q["account_id_left"], q["account_id_right"], q["reason"]) for q in asking[0].review}
    again = [q for q in company.review if (q["account_id_left"], q["account_id_right"], q["reason"]) in before]
    assert {q["since"] for q in again} == {NIGHT}
    assert len(company.review) < len(asking[0].review) + 2


def test_a_question_says_what_deciding_would_touch(asking):
    company, _ = asking
    sizes: dict[str, int] = {}
    for customer in company.ids().values():
        sizes[customer] = sizes.get(customer, 0) + 1
    for question in company.review:
        touched = {question["customer_id_left"], question["customer_id_right"]}
        assert question["customer_count"] == len(touched)
        assert question["account_count"] == sum(sizes[customer] for customer in touched)
        assert question["change_if_decided"] == ("never" if question["reason"] == WEAK else "same")
