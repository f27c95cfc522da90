"""Who is meant by an audience, and where an audience is empty."""

import pytest

from jobs.activation import audiences as job
from jobs.activation import contactability, message_definitions
from jobs.activation.occasions import definitions
from jobs.activation.occasions.funnel import Funnel
from jobs.activation.settings.audiences import Audience
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from tests.activation.small_company import CONF, consents, customers, policy, rows
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake


def audience(**changes) -> Audience:
    said = {"version": "1", "owner": "o", "description": "d", "content": "c", "channels": "email", "expected_lift": 0.1}
    return Audience(**{**said, "in_segments": "champions", **changes})


def placed(audiences: dict[str, Audience], segments: list[tuple[str, str]], **tables) -> list[dict]:
    """Who is meant, with channel, rule and stage; everybody has agreed to e-mail but those named `silent`."""
    ids = sorted({customer for customer, _ in segments})
    told = consents(*((i, "marketing_email", True) for i in ids if i != "silent"))
    given = [{"customer_id": customer, "segment": segment} for customer, segment in segments]
    known = {**customers(*ids), "consents": told, "segments": rows("gold.segments", given), **tables}
    lake = MemoryLake(None, **known)
    lake.tables["contactability"] = lake.fetch(contactability.contactability_query(RUN_DATE, policy()))
    return lake.fetch(job.audience_query(audiences, policy(), RUN_DATE)).to_pylist()


def test_an_audience_has_the_customers_of_any_of_its_segments_once():
    both = audience(in_segments=("champions", "top_tenth"))
    found = placed({"x": both}, [("a", "champions"), ("a", "top_tenth"), ("b", "top_tenth"), ("c", "other")])
    assert sorted(row["customer_id"] for row in found) == ["a", "b"]


def test_a_segment_that_is_left_out_and_a_condition_take_customers_away():
    profile = rows(
        "gold.customer_profile", [{"customer_id": i, "order_count": n} for i, n in (("a", 1), ("b", 5), ("c", 5))]
    )
    chosen = audience(not_in="win_back", when="order_count > 2 AND coalesce(state, '{') = '{'")
    members = [("a", "champions"), ("b", "champions"), ("c", "champions"), ("c", "win_back")]
    assert [row["customer_id"] for row in placed({"x": chosen}, members, customer_profile=profile)] == ["b"]


def test_the_first_channel_that_may_be_used_is_taken():
    (row,) = placed({"x": audience(channels=("phone", "email"))}, [("a", "champions")])
    assert (row["channel"], row["rule"], row["stage_number"]) == ("email", "allowed", 5)


def test_who_may_not_be_contacted_is_counted_at_the_stage_that_stops_them():
    found = placed({"x": audience()}, [("a", "champions"), ("silent", "champions")])
    assert {row["customer_id"]: row["stage_number"] for row in found} == {"a": 5, "silent": 2}


def test_the_control_of_an_audience_is_in_it_and_not_left_at_the_end():
    (row,) = placed({"x": audience(holdout_share=1.0)}, [("a", "champions")])
    assert (row["is_held_out"], row["rule"], row["stage_number"]) == (True, "allowed", 4)


def test_an_audience_is_about_no_item():
    with pytest.raises(ValueError, match="about no item"):
        audience(content="for you: {item}")


def test_an_audience_that_is_over_is_nobodys():
    over = audience(expires_on=RUN_DATE)
    assert job.in_force({"x": over, "y": audience()}, RUN_DATE).keys() == {"y"}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((3, 2, 2, 2, 1), ""),
        ((0, 0, 0, 0, 0), "empty at the stage meant: nobody is meant tonight"),
        ((3, 0, 0, 0, 0), "empty at the stage reachable: none of its channels reaches anybody of the 3 meant"),
        ((3, 2, 0, 0, 0), "empty at the stage consented: none of its 2 reachable customers may be contacted, most by"),
        ((3, 2, 2, 0, 0), "empty at the stage under_the_caps: all of its 2 customers have had enough messages"),
        ((3, 2, 2, 1, 0), "empty at the stage not_held_out: all of its 1 customers are held out"),
    ],
)
def test_an_empty_audience_says_at_which_stage(counts, words):
    note = Funnel("audience", "x", counts, (None, "unreachable", "refused", "cap", "held_out")).note()
    assert words in note
    assert bool(note) == bool(words)


def test_a_night_publishes_who_may_be_contacted_and_the_funnel():
    ids = ("a", "b")
    members = rows("gold.segments", [{"customer_id": i, "segment": "champions"} for i in ids])
    tables = {**customers(*ids), "consents": consents(("a", "marketing_email", True)), "segments": members}
    lake = MemoryLake(CONF, **tables)
    lake.tables["contactability"] = lake.fetch(contactability.contactability_query(RUN_DATE, policy()))
    job.run(lake, RUN_DATE, CONF.settings("audiences", job.Settings))
    assert [row["customer_id"] for row in lake.published[job.AUDIENCES].to_pylist()] == ["a"]
    funnel = lake.published[job.FUNNELS].to_pylist()
    counts = [row["customer_count"] for row in funnel if row["name"] == "champions"]
    assert counts[:3] == [2, 2, 1]
    assert any("the audience win_back is empty at the stage meant" in note for note in lake.notes)


def test_a_changed_definition_under_the_same_version_is_refused(tmp_path):
    known = {
        (kind, name, m.version): definitions.definition_hash(m)
        for subject, kind in definitions.KINDS.items()
        for name, m in definitions.messages(CONF, subject).items()
    }
    assert [*definitions.changed(CONF, known)] == []
    (tmp_path / "audiences.yaml").write_text("audiences:\n  champions: {content: other_words}\n")
    (error,) = definitions.changed(Conf([tmp_path]), known)
    assert "audiences.yaml:2" in error.where
    assert "raise its version" in error.remedy
    (tmp_path / "audiences.yaml").write_text('audiences:\n  champions: {content: other_words, version: "2"}\n')
    assert [*definitions.changed(Conf([tmp_path]), known)] == []


def test_owner_priority_and_blanks_in_a_condition_change_no_definition():
    one = audience(when="order_count > 2", owner="a", priority=1)
    other = audience(when=" order_count  > 2", owner="b", priority=2)
    assert definitions.definition_hash(one) == definitions.definition_hash(other)
    assert definitions.definition_hash(one) != definitions.definition_hash(audience(when="order_count > 3"))


def test_the_night_stops_at_a_changed_definition():
    stored = rows(
        "activation.message_definitions",
        [{"kind": "audience", "name": "champions", "version": "1", "definition_hash": "0" * 16}],
    )
    lake = MemoryLake(CONF, message_definitions=stored)
    with pytest.raises(ConfigError, match="champions: the definition is not that of version 1"):
        message_definitions.run(lake, RUN_DATE, CONF.settings("audiences", job.Settings))


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("order_cuont > 2", "did you mean 'order_count'"),
        ("count(order_count) > 2", "an aggregate looks at more than one customer"),
        ("order_count", "not true or false"),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_with_its_line(tmp_path, when, words):
    (tmp_path / "audiences.yaml").write_text(f"audiences:\n  champions:\n    when: {when}\n")
    (error,) = definitions.faults(Conf([tmp_path]), "audiences")
    assert "audiences.yaml:3" in error.where
    assert words in f"{error.what} {error.remedy}"
