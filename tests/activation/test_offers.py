"""Candidates out of gold: recommendations, due items and actions against leaving (jobs/activation/decisions)."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from jobs.activation import contactability
from jobs.activation import decisions as job
from lakehouse.config.layers import Conf
from lakehouse.sql.hashed_share import is_held_out
from tests.activation.small_company import Nights, consents, customers, policy, rows
from tests.conftest import RUN_DATE

DAY = timedelta(days=1)
FREE = {"caps": (), "days_between": 0, "margin_share": 0.5}


def conf(tmp_path, extra: str = "") -> Conf:
    (tmp_path / "offers.yaml").write_text(f"offers:\n  recommended: {{min_probability: 0.2{extra}}}\n")
    return Conf([tmp_path])


def recommended(*given: tuple[str, int, str, float], **changes: Any) -> pa.Table:
    """(customer, rank, item, score)."""
    said = {
        "item_level": "x",
        "category": "",
        "department": "",
        "kind": "new",
        "source": "taste",
        "reason": "as you like",
    }
    said |= {"is_long_tail": False, "consent": "agreed", **changes}
    return rows(
        "gold.recommendations",
        [{**said, "customer_id": c, "rank": r, "item": i, "item_name": i, "score": s} for c, r, i, s in given],
    )


def night(tmp_path, ids: str, extra: str = "", **tables: pa.Table) -> list[dict[str, Any]]:
    profile = [{"customer_id": i, "average_order": 100, "order_count": 1, "spend": 100} for i in ids]
    known = {**customers(*ids), "consents": consents(*((i, "marketing", True) for i in ids))}
    lake = Nights(conf(tmp_path, extra), **known, customer_profile=rows("gold.customer_profile", profile), **tables)
    contactability.run(lake, RUN_DATE, policy(**FREE))  # type: ignore[arg-type]
    job.run(lake, RUN_DATE, policy(**FREE))  # type: ignore[arg-type]
    return sorted(lake.tables["decisions"].to_pylist(), key=lambda row: (row["customer_id"], row["name"]))


def test_the_first_recommendation_that_is_probable_enough_is_worth_its_probability(tmp_path):
    known = recommended(("a", 1, "tea", 0.1), ("a", 2, "milk", 0.5), ("a", 3, "salt", 0.9), ("b", 1, "tea", 0.1))
    (row,) = night(tmp_path, "ab", recommendations=known)
    assert (row["customer_id"], row["kind"], row["name"], row["item"]) == ("a", "offer", "recommended", "milk")
    assert (row["content"], str(row["expected_value"]), row["outcome"]) == ("for you: milk", "0.50", "chosen")


def test_only_kinds_that_are_asked_for_count(tmp_path):
    known = recommended(("a", 1, "milk", 0.5), kind="repurchase")
    assert night(tmp_path, "a", recommendations=known) == []
    assert len(night(tmp_path, "a", ", kinds: [new, repurchase]", recommendations=known)) == 1


@pytest.mark.parametrize(("begins", "ends", "count"), [(1, 9, 1), (2, 9, 0), (-9, 1, 1), (-9, 0, 0)])
def test_an_item_is_offered_when_it_is_due_on_the_day_that_messages_go_out(tmp_path, begins, ends, count):
    due = {"customer_id": "a", "item_level": "x", "item": "salt", "kind": "repurchase", "evidence": "each month"}
    due |= {"probability": 0.9, "due_from": RUN_DATE + begins * DAY, "due_to": RUN_DATE + ends * DAY}
    assert len(night(tmp_path, "a", due_now=rows("gold.due_now", [due]))) == count


def test_an_offer_has_a_control_and_cools_down(tmp_path):
    ids = "abcdefghijklmnop"
    known = recommended(*((i, 1, "milk", 0.9) for i in ids))
    made = night(tmp_path, ids, ", holdout_share: 0.4", recommendations=known)
    held = {row["customer_id"] for row in made if row["rule"] == "control"}
    assert held == {i for i in ids if is_held_out(policy().holdout.salt, "recommended", i, 0.4)}
    assert 0 < len(held) < len(ids)


def test_an_action_against_leaving_brings_its_own_value_and_leaves_alone_whom_the_table_leaves_alone(tmp_path):
    said = {"kind": "price", "reason": "dear", "sentence": "give a voucher", "as_of": RUN_DATE, "action": "voucher"}
    actions = [
        {**said, "customer_id": i, "expected_value": 7, "cost": 3, "is_holdout": held}
        for i, held in (("a", False), ("b", True))
    ]
    a, b = night(tmp_path, "ab", retention_actions=rows("gold.retention_actions", actions))
    assert (a["name"], a["outcome"], a["content"], float(a["expected_value"])) == (
        "stay",
        "chosen",
        "stay: voucher",
        7.0,
    )
    assert float(a["cost"]) == pytest.approx(3.002)
    assert (b["outcome"], b["rule"]) == ("held_out", "retention_holdout")
