"""A steward's file is taken whole or not at all, and what it says is in the table."""

from datetime import date

import pytest

from jobs.identity import steward_decisions
from jobs.identity.persistent_ids import decision_file
from lakehouse.errors import ConfigError

NIGHT, LATER = date(2017, 10, 2), date(2017, 10, 5)
KNOWN = {f"web:{n}" for n in range(9)}


def lines(*rows):
    names = decision_file.COLUMNS
    return [decision_file.decision_line(i, dict(zip(names, (*row, ""), strict=True))) for i, row in enumerate(rows, 2)]


def faults(*rows, current=()):
    return decision_file.faults(lines(*rows), KNOWN, current)


def test_an_unknown_account_is_named_with_its_line_and_column():
    messages = faults(("web:1", "web:2", "same"), ("web:3", "web:99", "never"))
    assert len(messages) == 1
    assert messages[0].startswith("line 3, column account_id_left or account_id_right: there is no account 'web:99'")


def test_a_word_that_is_no_decision_and_a_pair_of_one_are_refused():
    assert "maybe" in faults(("web:1", "web:2", "maybe"))[0]
    assert "twice" in faults(("web:1", "web:1", "same"))[0]


def test_a_contradiction_through_third_accounts_is_refused():
    same = [("web:1", "web:2", "same"), ("web:2", "web:3", "same")]
    assert "line 4" in faults(*same, ("web:1", "web:3", "never"))[0]
    assert "line 2" in faults(("web:4", "web:3", "same"), current=[("web:3", "web:4", "never")])[0]
    assert "line 3" in faults(*same, current=[("web:1", "web:3", "never")])[0]
    assert faults(*same, ("web:1", "web:4", "never")) == []


def test_a_contradiction_names_the_lines_that_stand_against_it():
    same = [("web:1", "web:2", "same"), ("web:2", "web:3", "same")]
    (message,) = faults(*same, ("web:1", "web:3", "never"))
    assert message.startswith("line 4 ('never' of web:1 and web:3) contradicts line 2")
    assert "line 3 ('same' of web:2 and web:3)" in message
    (message,) = faults(("web:5", "web:6", "same"), ("web:5", "web:6", "never"))
    assert "line 3" in message
    assert "line 2" in message
    (message,) = faults(*same, current=[("web:1", "web:3", "never")])
    assert "contradicts the current 'never' of web:1 and web:3, with line 2" in message


def test_a_decision_is_replaced_by_withdrawing_it_in_the_same_file():
    rows = [("web:1", "web:2", "withdraw"), ("web:1", "web:2", "never")]
    current = ("web:1", "web:2", "same")
    assert faults(*rows, current=[current]) == []
    assert faults(*rows[1:], current=[current]) != []
    row = {**dict(zip(decision_file.COLUMNS, current, strict=False)), "decided_on": NIGHT, "withdrawn_on": None}
    made = decision_file.as_table_rows(lines(*rows), [row], "anna", LATER)
    assert [(r["decision"], r["decided_on"], r["withdrawn_on"]) for r in made] == [
        ("same", NIGHT, LATER),
        ("never", LATER, None),
    ]


def test_nothing_can_be_withdrawn_that_is_not_decided():
    assert "withdrawn" in faults(("web:1", "web:2", "withdraw"))[0]


def test_a_file_with_other_columns_is_refused(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("left,right\nweb:1,web:2\n")
    with pytest.raises(ConfigError, match="account_id_left"):
        decision_file.read(path)


def test_a_file_is_read_with_its_line_numbers_and_the_smaller_account_first(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(
        '\ufeffaccount_id_left,account_id_right,decision,reason\nweb:2, web:1 ,SAME,"moved, then married"\n'
    )
    assert decision_file.read(path) == [decision_file.DecisionLine(2, "web:1", "web:2", "same", "moved, then married")]


def test_checked_decisions_are_published_once_and_a_second_run_takes_nothing(lake):
    rows = decision_file.as_table_rows(lines(("web:1", "web:2", "same")), [], "anna", NIGHT)
    steward_decisions.leave(lake.root, rows)
    for _ in range(2):
        steward_decisions.run(lake.for_job("identity.steward_decisions", "h"), NIGHT, lake.profile)
        table = lake.for_job("test", "h").read("identity.steward_decisions").collect()
        assert [(r.account_id_left, r.decision, r.steward, r.withdrawn_on) for r in table] == [
            ("web:1", "same", "anna", None)
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has the columns account_id_left, account_id_right, decision, reason, parted by commas"),
        (b"account_id_left;account_id_right;decision;reason\nweb:1;web:2;same;\n", "parted by commas"),
        (b"account_id_left,account_id_right,decision,reason\n", "no line below its header"),
        (b"\xff\xfea\x00c\x00", "cannot be read"),
        (b'account_id_left,account_id_right,decision,reason\na:1,a:2,same,"no end\na:3,a:4,same,\n', "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_it_should_be(tmp_path, content, message):
    path = tmp_path / "decisions.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        decision_file.read(path)
    assert message in refused.value.paragraph()


def test_a_byte_order_mark_and_other_orders_of_columns_are_read(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_bytes(b'\xef\xbb\xbfdecision,reason,account_id_right,account_id_left\r\n SAME ,"a, b",web:2,web:1\r\n')
    assert decision_file.read(path) == [decision_file.DecisionLine(2, "web:1", "web:2", "same", "a, b")]
