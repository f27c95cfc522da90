"""`lakehouse decide` beyond one pair: whole customers, previews, what it refuses; all without a JVM."""

import json
import time
from datetime import date

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.identity import steward_decisions
from jobs.identity.persistent_ids import decision_file, decision_preview, whole_customers
from jobs.identity.persistent_ids.decision_preview import Known, Place
from lakehouse.cli import main as cli
from tests.identity.test_identity_commands import root as root

D1, D2 = date(2017, 10, 1), date(2017, 10, 2)
ACCOUNTS = [f"crm:{n:02}" for n in range(30)]


@pytest.fixture
def lake(root):
    """Customer c1 of 30 accounts (two birth dates, one unknown), c2 of one."""
    accounts = [*ACCOUNTS, "web:1"]
    births = [*(["1980-01-01"] * 20), *(["1955-05-05"] * 9), None, None]
    write_deltalake(
        str(root / "silver/customers"),
        pa.table({"account_id": accounts, "birth_date": births}),
        mode="overwrite",
        schema_mode="overwrite",
    )
    ids = ["c1"] * 30 + ["c2"]
    days = pa.array([D1] * 31, pa.date32())
    write_deltalake(
        str(root / "identity/customer_map"), pa.table({"account_id": accounts, "customer_id": ids, "arrived_on": days})
    )
    return root


def waiting(lake):
    return [row for path in sorted((lake / "_decisions").glob("*.json")) for row in json.loads(path.read_text())]


def decide(lake, *arguments):
    return cli.main(["decide", "--steward", "anna", *arguments, "--lake", str(lake)])


def test_a_pair_is_taken_in_no_time_with_a_preview_and_waits_for_the_night(lake, capsys):
    started = time.monotonic()
    assert decide(lake, "--same", "crm:01", "web:1") == 0
    assert time.monotonic() - started < 20  # a JVM alone takes longer on a busy machine; by itself it is under 2 s
    printed = capsys.readouterr().out
    assert "c2 (1 accounts) and c1 (30 accounts) become one; the id c1 stays." in printed
    assert [(row["account_id_left"], row["decision"]) for row in waiting(lake)] == [("crm:01", "same")]


def test_a_customer_is_split_into_all_its_accounts(lake, capsys):
    assert decide(lake, "--split", "c1") == 0
    assert len(waiting(lake)) == 30 * 29 // 2
    assert {row["decision"] for row in waiting(lake)} == {"never"}
    assert "c1 (30 accounts) is parted; the id stays with crm:00" in capsys.readouterr().out


def test_a_customer_is_split_by_a_field(lake):
    assert decide(lake, "--split", "c1", "--split-by", "birth_date") == 0
    words = [row["decision"] for row in waiting(lake)]
    assert (words.count("same"), words.count("never")) == (27, 1)
    assert not any("crm:29" in (row["account_id_left"], row["account_id_right"]) for row in waiting(lake))


def test_a_customer_is_confirmed(lake, capsys):
    assert decide(lake, "--confirm", "c1") == 0
    assert len(waiting(lake)) == 29
    assert "29 decisions say what is so already" in capsys.readouterr().out


def test_what_waits_counts_as_decided(lake, capsys):
    assert decide(lake, "--same", "crm:01", "web:1") == 0
    assert decide(lake, "--never", "crm:01", "web:1") == 1
    assert "contradicts the current 'same' of crm:01 and web:1" in capsys.readouterr().err
    assert decide(lake, "--withdraw", "crm:01", "web:1") == 0
    assert decide(lake, "--never", "crm:01", "web:1") == 0
    assert [row["decision"] for row in steward_decisions.in_force(str(lake), [])] == ["never"]


def test_a_dry_run_takes_nothing(lake, capsys):
    assert decide(lake, "--split", "c1", "--dry-run") == 0
    assert "nothing was taken" in capsys.readouterr().out
    assert not (lake / "_decisions").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--erase", "crm:01"], "nobody is erased by a decision"),
        (["--split", "c9"], "there is no customer c9"),
        (["--split", "c2"], "has one account"),
        (["--split", "c1", "--split-by", "birthdate"], "did you mean 'birth_date'?"),
        (["--same", "crm:01", "web:1", "--split-by", "birth_date"], "there is nobody to split"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(lake, capsys, arguments, words):
    assert decide(lake, *arguments) == 2
    assert words in capsys.readouterr().err
    assert not (lake / "_decisions").exists()


def test_split_by_holds_for_every_two_accounts():
    values = {"a": "1", "b": "1", "c": "2", "d": "3", "e": None}
    agreed = decision_file.Agreed()
    assert all(agreed.add(row.left, row.right, row.decision) for row in whole_customers.split_by(values, ""))
    assert not agreed.add("b", "c", "same")
    assert not agreed.add("a", "b", "never")
    assert agreed.add("e", "a", "same")


def test_the_older_id_stays_on_a_merge_and_the_native_account_keeps_it_on_a_split():
    known = Known(
        {"a": Place("c1", D1), "b": Place("c2", D2), "c": Place("c2", D1, is_native=False)}, {"c1": D2, "c2": D1}
    )
    merge, split = (
        decision_preview.sentences([decision_file.DecisionLine(1, *pair, word, "")], known)[0]
        for pair, word in ((("a", "b"), "same"), (("b", "c"), "never"))
    )
    assert "the id c2 stays" in merge
    assert "the id stays with b" in split
