"""For what each customer may be contacted, and by which rule."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from jobs.activation import contactability as job
from jobs.activation.contact.policy_tables import years_before
from jobs.activation.settings.contact_policy import Cap, Holdout
from lakehouse.sql.hashed_share import is_held_out, threshold
from tests.activation.small_company import CONF, consents, customers, events, policy, rows
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake

DAY = timedelta(days=1)


def judged(tables: dict, channel: str = "email", purpose: str = "marketing", **changes) -> dict[str, tuple[str, str]]:
    """Customer -> (rule, reason) for a purpose and channel."""
    lake = MemoryLake(None, **tables)
    answer = lake.fetch(job.contactability_query(RUN_DATE, policy(**changes))).to_pylist()
    return {
        r["customer_id"]: (r["rule"], r["reason"]) for r in answer if (r["purpose"], r["channel"]) == (purpose, channel)
    }


def agreed(*ids: str) -> dict:
    return {**customers(*ids), "consents": consents(*((i, "marketing_email", True) for i in ids))}


def test_of_two_consents_that_disagree_the_stricter_holds():
    tables = {**customers("a"), "consents": consents(("a", "marketing", False), ("a", "marketing_email", True))}
    assert judged(tables)["a"][0] == "refused"


def test_silence_is_no_consent_and_service_needs_none():
    assert judged(customers("a"))["a"][0] == "no_consent"
    assert judged(customers("a"), purpose="service")["a"][0] == "allowed"


def test_a_consent_for_one_channel_is_none_for_another():
    tables = {**customers("a", phone="1"), "consents": consents(("a", "marketing_email", True))}
    assert judged(tables, "phone")["a"][0] == "no_consent"
    assert judged(tables)["a"][0] == "allowed"


def test_a_suppression_list_stops_every_message():
    tables = {**customers("a"), "consents": consents(("a", "marketing_email", True), ("a", "do_not_contact", False))}
    assert judged(tables)["a"][0] == "suppressed"
    assert judged(tables, purpose="service")["a"][0] == "suppressed"


@pytest.mark.parametrize(("years", "rule"), [(17, "minor"), (18, "allowed")])
def test_nobody_is_written_to_before_the_birthday(years, rule):
    tables = agreed("a") | customers("a", birth_date=years_before(RUN_DATE, years))
    assert judged(tables)["a"][0] == rule


def test_a_birthday_on_a_leap_day_is_on_the_first_of_march_in_other_years():
    assert years_before(date(2024, 2, 29), 18) == date(2006, 3, 1)


def test_a_bounced_address_is_left_alone_until_its_days_are_over():
    old = {**agreed("a"), **events(("email:a", "email_bounced", RUN_DATE - 365 * DAY))}
    new = {**agreed("a"), **events(("email:a", "email_bounced", RUN_DATE - 364 * DAY))}
    assert judged(old)["a"][0] == "allowed"
    assert judged(new)["a"][0] == "bounced"


def test_an_unsubscribe_that_comes_back_holds_until_a_consent_of_a_later_day():
    """Consents of test customers are of no day, or of the one that is given."""
    left = events(("email:a", "email_unsubscribed", RUN_DATE - 3 * DAY))
    rule, reason = judged({**agreed("a"), **left})["a"]
    assert (rule, reason) == (
        "refused",
        f"said no to messages by email on {RUN_DATE - 3 * DAY}, and has not agreed since",
    )
    assert judged({**agreed("a"), **left}, purpose="service")["a"][0] == "allowed"
    for days, expected in ((4, "refused"), (3, "refused"), (2, "allowed")):
        again = agreed("a")
        rows_of = again["consents"].to_pylist()
        at = datetime.combine(RUN_DATE - days * DAY, time(12), UTC)
        again["consents"] = rows("silver.consents", [{**row, "recorded_at": at} for row in rows_of])
        assert judged({**again, **left})["a"][0] == expected
    by_phone = {**customers("a", phone="1"), "consents": consents(("a", "marketing_phone", True)), **left}
    assert judged(by_phone, "phone")["a"][0] == "allowed"


def test_an_open_complaint_stops_marketing_and_an_answer_opens_it_again():
    complaint = ("email:a", "complaint", RUN_DATE - 2 * DAY)
    assert judged({**agreed("a"), **events(complaint)})["a"][0] == "open_complaint"
    answered = events(complaint, ("email:a", "complaint_answered", RUN_DATE))
    assert judged({**agreed("a"), **answered})["a"][0] == "allowed"


def test_the_first_day_of_a_cap_counts_and_the_day_before_does_not():
    caps = (Cap(days=7, most=1),)
    inside = {**agreed("a"), **events(("email:a", "email_sent", RUN_DATE - 6 * DAY))}
    before = {**agreed("a"), **events(("email:a", "email_sent", RUN_DATE - 7 * DAY))}
    assert judged(inside, caps=caps)["a"] == ("cap", "at most 1 message in 7 days")
    assert judged(before, caps=caps)["a"][0] == "allowed"


def test_a_cap_says_its_purpose_and_channel_in_words():
    sent = events(*(("email:a", "email_sent", RUN_DATE - n * DAY) for n in (2, 4)))
    of_both = judged({**agreed("a"), **sent}, caps=(Cap(days=7, most=2, purpose="marketing", channel="email"),))
    of_one = judged({**agreed("a"), **sent}, caps=(Cap(days=7, most=2, purpose="marketing"),))
    assert of_both["a"] == ("cap", "at most 2 marketing email messages in 7 days")
    assert of_one["a"] == ("cap", "at most 2 marketing messages in 7 days")


def test_our_own_message_that_comes_back_as_a_send_counts_once():
    decision = {
        "run_date": RUN_DATE - 5 * DAY, "customer_id": "a", "account_id": "email:a", "channel": "email",
        "purpose": "marketing", "outcome": "chosen", "kind": "audience", "name": "x", "occasion": "", "version": "1",
        "content": "c", "expected_value": 0, "cost": 0, "priority": 1, "rule": "r", "reason": "r",
    }  # fmt: skip
    sent = events(("email:a", "email_sent", RUN_DATE - 4 * DAY))
    tables = {**agreed("a"), **sent, "decisions": rows("activation.decisions", [decision])}
    assert judged(tables, caps=(Cap(days=7, most=2),))["a"][0] == "allowed"
    assert judged(tables, caps=(Cap(days=7, most=1),))["a"][0] == "cap"


def test_several_sends_of_a_day_are_several_and_two_words_for_one_send_are_one():
    """An export may tell of one mail as sent and as delivered."""
    day = RUN_DATE - 2 * DAY
    twice = {**agreed("a"), **events(("email:a", "email_sent", day), ("email:a", "email_sent", day))}
    once = {**agreed("a"), **events(("email:a", "email_sent", day), ("email:a", "email_delivered", day))}
    known = policy().channels
    both = {**known, "email": known["email"].replace(contacted_by=("email_sent", "email_delivered"))}
    caps = (Cap(days=7, most=2),)
    assert judged(twice, caps=caps, channels=both)["a"][0] == "cap"
    assert judged(once, caps=caps, channels=both)["a"][0] == "allowed"


def test_who_does_not_respond_hears_less_and_an_order_ends_it():
    sends = [("email:a", "email_sent", RUN_DATE - n * DAY) for n in (5, 20, 40, 60)]
    tables = {**agreed("a"), **events(*sends)}
    assert judged(tables, caps=())["a"][0] == "fatigue"
    profile = rows("gold.customer_profile", [{"customer_id": "a", "last_order_date": RUN_DATE - 3 * DAY}])
    assert judged({**tables, "customer_profile": profile}, caps=())["a"][0] == "allowed"


def test_segments_that_get_nothing_get_service_all_the_same():
    tables = {**agreed("a"), "segments": rows("gold.segments", [{"customer_id": "a", "segment": "prospects"}])}
    assert judged(tables, excluded_segments=("prospects",))["a"] == ("excluded", "in the excluded segment prospects")
    assert judged(tables, purpose="service", excluded_segments=("prospects",))["a"][0] == "allowed"


def test_sql_and_python_hold_out_the_same_customers_and_about_the_share():
    ids = [f"c{n}" for n in range(2000)]
    holdout = Holdout(universal_share=0.1, default_share=0, salt="7")
    found = judged(agreed(*ids), holdout=holdout)
    held = {i for i, (rule, _) in found.items() if rule == "universal_holdout"}
    assert held == {i for i in ids if is_held_out("7", "", i, 0.1)}
    assert 150 < len(held) < 250


def test_no_share_holds_out_nobody_and_a_whole_one_everybody():
    assert threshold(0) == "00000000"
    assert not any(is_held_out("1", "", str(n), 0) for n in range(100))
    assert all(is_held_out("1", "", str(n), 1) for n in range(100))


def test_a_night_notes_the_purpose_that_no_consent_has():
    lake = MemoryLake(CONF, **customers("a"), consents=consents(("a", "letters", True)))
    job.run(lake, RUN_DATE, policy())
    (note,) = lake.notes
    assert "nobody may be contacted for marketing" in note
    assert "consents are for letters" in note
