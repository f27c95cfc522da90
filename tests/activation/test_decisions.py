"""Who hears what: one decision a customer and night, held against a slow checker that shares no code with the job."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from jobs.activation import contactability
from jobs.activation import decisions as job
from jobs.activation.commands import contact
from jobs.activation.deciding import outcomes, sending
from jobs.activation.settings.contact_policy import Cap, Channel, Holdout, Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.sql.hashed_share import is_held_out
from tests.activation.small_company import CONF, Nights, consents, customers, policy, rows
from tests.conftest import RUN_DATE

DAY = timedelta(days=1)
AUDIENCES = """
audiences:
  champions: {holdout_share: 0.2, cool_down_days: 40}
  win_back: {channels: [email, phone], cool_down_days: 40, added_cost: 0}
  top_tenth: {purpose: service, cool_down_days: 40, holdout_share: 0}
"""


def conf(tmp_path, extra: str = AUDIENCES) -> Conf:
    (tmp_path / "audiences.yaml").write_text(extra)
    return Conf([tmp_path])


def company(seed: int, size: int) -> dict[str, pa.Table]:
    """Customers with all that may stop a message: consents that disagree, lists, ages, complaints."""
    chance = random.Random(seed)
    ids = [f"c{n:06d}" for n in range(size)]
    golden = [
        {
            "customer_id": i, "first_account_id": f"email:{i}", "email": chance.choice((f"{i}@x", f"{i}@x", None)),
            "phone": chance.choice(("1", None)), "state": chance.choice(("QLD", "NSW", None)),
            "country": ("Australia", "NZ", None)[int(i[1:]) % 3],
            "birth_date": chance.choice((None, date(1980, 1, 1), RUN_DATE - timedelta(days=17 * 365))),
        }
        for i in ids
    ]  # fmt: skip
    told = [(i, p, chance.random() < 0.8) for i in ids for p in PURPOSES if chance.random() < 0.6]
    told += [(i, "do_not_contact", False) for i in ids if chance.random() < 0.03]
    complaints = [
        {"feedback_id": i, "account_id": f"email:{i}", "rating": chance.choice((1, 5)), "given_date": RUN_DATE}
        for i in ids
        if chance.random() < 0.1
    ]
    segments = [
        {"customer_id": i, "segment": s}
        for i in ids
        for s in ("champions", "win_back", "top_tenth")
        if chance.random() < 0.5
    ]
    profile = [{"customer_id": i, "average_order": chance.randint(1, 90), "order_count": 1} for i in ids]
    return {
        **customers(*ids),
        "golden_customers": rows("identity.golden_customers", golden),
        "consents": consents(*told),
        "feedback": rows("silver.feedback", complaints),
        "segments": rows("gold.segments", segments),
        "customer_profile": rows("gold.customer_profile", profile),
    }


PURPOSES = ("marketing", "marketing_email", "marketing_phone")
POLICY: dict[str, Any] = {
    "holdout": Holdout(universal_share=0.1, default_share=0.15, salt="7"),
    "zones": {"QLD": "Australia/Brisbane", "NSW": "Australia/Sydney"},
    "caps": (Cap(days=1, most=1), Cap(days=4, most=2), Cap(days=6, most=1, channel="phone")),
    "days_between": 1,
}


def nights(tmp_path, tables: dict[str, pa.Table], settings: Settings, count: int) -> list[dict[str, Any]]:
    """All decisions of so many nights in a row."""
    lake = Nights(conf(tmp_path), **tables)
    for run_date in (RUN_DATE + n * DAY for n in range(count)):
        contactability.run(lake, run_date, settings)
        job.run(lake, run_date, settings)
    return lake.tables["decisions"].to_pylist()


def breaches(decisions: list[dict[str, Any]], tables: dict[str, pa.Table], settings: Settings) -> list[str]:
    """What no night may do, looked up anew for each chosen decision in the plainest way."""
    refused = {(r["account_id"], r["purpose"]): r["is_granted"] for r in tables["consents"].to_pylist()}
    golden = {r["customer_id"]: r for r in tables["golden_customers"].to_pylist()}
    complained = {r["account_id"] for r in tables["feedback"].to_pylist() if r["rating"] <= 2}
    sent: dict[str, list[dict[str, Any]]] = {}
    found, by_channel = [], {}
    for one in sorted((d for d in decisions if d["outcome"] == "chosen"), key=lambda d: d["run_date"]):
        who, night, channel = one["customer_id"], one["run_date"], one["channel"]
        account, person = f"email:{who}", golden[who]
        by_channel[night, channel] = by_channel.get((night, channel), 0) + 1
        before = sent.setdefault(who, [])
        if any(d["run_date"] == night for d in before):
            found.append(f"{who} hears twice on {night}")
        if refused.get((account, "do_not_contact")) is False:
            found.append(f"{who} is on a suppression list")
        if person["email" if channel == "email" else "phone"] is None:
            found.append(f"{who} cannot be reached by {channel}")
        if one["purpose"] == "marketing":
            answers = [refused.get((account, name)) for name in ("marketing", f"marketing_{channel}")]
            if False in answers or True not in answers:
                found.append(f"{who} has not agreed to {channel}")
            if person["birth_date"] and (night - person["birth_date"]).days < 18 * 365.24:
                found.append(f"{who} is a minor")
            if account in complained:
                found.append(f"{who} has an open complaint")
            if is_held_out("7", "", who, 0.1) or is_held_out("7", one["name"], who, SHARES[one["name"]]):
                found.append(f"{who} is held out")
            for cap in settings.caps:
                counted = [d for d in before if (night - d["run_date"]).days < cap.days]
                counted = [d for d in counted if cap.channel in (None, d["channel"])]
                if len(counted) >= cap.most and cap.channel in (None, channel):
                    found.append(f"{who} passes {cap}")
        known = {} if person["country"] == "NZ" else POLICY["zones"]  # NSW of New Zealand is not Sydney's
        zone = ZoneInfo(known.get(person["state"], CONF.profile.business_time_zone))
        quiet = settings.channels[channel]
        local = one["send_from"].astimezone(zone), one["send_until"].astimezone(zone)
        if (
            local[0].hour < quiet.quiet_to_hour
            or local[1].hour > quiet.quiet_from_hour
            or local[0].date() != night + DAY
        ):
            found.append(f"{who} is woken up")
        before.append(one)
    full = [key for key, n in by_channel.items() if n > settings.channels[key[1]].capacity_per_night]
    return [*found, *map(str, full)]


SHARES = {"champions": 0.2, "win_back": 0.15}


def tight(size: int) -> Settings:
    settings = policy(**POLICY)
    scarce = settings.channels["email"].replace(capacity_per_night=size // 6)
    calls = settings.channels["phone"].replace(capacity_per_night=size // 30, cost=0.01)
    return settings.replace(channels={**settings.channels, "email": scarce, "phone": calls})


@pytest.mark.parametrize("seed", range(2))
def test_no_night_breaches_consent_caps_quiet_hours_holdout_or_capacity(tmp_path, seed):
    tables, settings = company(seed, 600), tight(600)
    decisions = nights(tmp_path, tables, settings, 6)
    assert breaches(decisions, tables, settings) == []
    outcomes_seen = {d["outcome"] for d in decisions}
    assert outcomes_seen >= {"chosen", "held_out", "not_allowed", "outbid", "no_capacity", "cool_down"}
    assert all(len(d["reason"]) >= 8 for d in decisions)
    assert sum(d["outcome"] == "chosen" and d["purpose"] == "marketing" for d in decisions) > 80
    assert {d["rule"] for d in decisions} >= {
        "cap",
        "control",
        "universal_holdout",
        "minor",
        "open_complaint",
        "refused",
    }


@pytest.mark.slow
def test_a_million_decisions_hold_no_breach(tmp_path):
    tables, settings = company(9, 120_000), tight(120_000)
    decisions = nights(tmp_path, tables, settings, 6)
    assert len(decisions) >= 1_000_000
    assert breaches(decisions, tables, settings) == []


def test_the_checker_sees_a_breach(tmp_path):
    tables, settings = company(1, 60), tight(600)
    made = nights(tmp_path, tables, settings, 1)
    turned = [{**d, "outcome": "chosen", "send_from": NOON, "send_until": NOON} for d in made if d["channel"] != "none"]
    words = " ".join(breaches(turned, tables, settings))
    for what in ("twice", "suppression", "not agreed", "minor", "complaint", "held out"):
        assert what in words


NOON = datetime(2017, 1, 1, 12, tzinfo=UTC)


def test_a_night_run_twice_decides_the_same(tmp_path):
    tables, settings = company(3, 80), tight(80)
    lake = Nights(conf(tmp_path), **tables)
    results = []
    for run_date in (RUN_DATE, RUN_DATE + DAY, RUN_DATE + DAY):
        contactability.run(lake, run_date, settings)
        job.run(lake, run_date, settings)
        results.append(sorted(map(str, lake.tables["decisions"].to_pylist())))
    assert results[1] == results[2]
    assert set(results[0]) < set(results[1])


def test_an_occasion_that_was_answered_is_no_candidate_again(tmp_path):
    firing = {"trigger": "became_loyal", "occasion": "loyal since", "customer_id": "a", "account_id": "email:a"}
    firing |= {"version": "1", "fired_on": RUN_DATE, "occasion_date": RUN_DATE, "purpose": "marketing"}
    firing |= {"is_held_out": False, "evidence": "was loyal"}
    profile = rows("gold.customer_profile", [{"customer_id": "a", "average_order": 50, "order_count": 1}])
    told = {"consents": consents(("a", "marketing", True)), "customer_profile": profile}
    fired = rows("activation.trigger_firings", [firing])
    free = policy(caps=(), days_between=0)
    found = nights(tmp_path, {**customers("a"), **told, "trigger_firings": fired}, free, 3)
    assert [(d["run_date"], d["outcome"]) for d in found] == [(RUN_DATE, "chosen")]


def test_more_candidates_than_allowed_are_refused(tmp_path):
    lake = Nights(conf(tmp_path), **company(1, 20))
    settings = policy(max_candidates=1)
    contactability.run(lake, RUN_DATE, settings)
    with pytest.raises(LakehouseError, match="max_candidates is 1"):
        job.run(lake, RUN_DATE, settings)


def test_service_goes_before_what_needs_consent():
    base = {"customer_id": "a", "channel": "email", "account_id": "x", "occasion": "", "state": "candidate"}
    given = [
        {**base, "kind": "audience", "name": "offer", "value": 99.0, "cost": 0.0, "priority": 1, "needs_consent": True},
        {**base, "kind": "trigger", "name": "help", "value": 0.0, "cost": 1.0, "priority": 1, "needs_consent": False},
    ]
    ordered = outcomes.ordered(pa.Table.from_pylist(given))
    choice = outcomes.choose(ordered, outcomes.Capacities({"email": 1}, {}))
    named = dict(zip(ordered["name"].to_pylist(), choice.outcome.to_pylist(), strict=True))
    assert named == {"offer": "outbid", "help": "chosen"}


def test_of_equal_value_the_higher_priority_goes_then_the_first_name():
    base = {"customer_id": "a", "channel": "email", "account_id": "x", "occasion": "", "state": "candidate"}
    base |= {"kind": "audience", "value": 2.0, "cost": 1.0, "needs_consent": True}
    given = [{**base, "name": n, "priority": p} for n, p in (("a", 1), ("c", 2), ("b", 2))]
    ordered = outcomes.ordered(pa.Table.from_pylist(given))
    choice = outcomes.choose(ordered, outcomes.Capacities({}, {}))
    assert ordered["name"].to_pylist()[choice.outcome.to_pylist().index("chosen")] == "b"


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2024, 3, 30), "2024-03-30T07:00", "2024-03-30T20:00"),
        (date(2024, 3, 31), "2024-03-31T06:00", "2024-03-31T19:00"),  # clocks were put forward in the night
        (date(2024, 10, 27), "2024-10-27T07:00", "2024-10-27T20:00"),  # and back
    ],
)
def test_quiet_hours_follow_the_clocks_of_the_place(day, begins, ends):
    channel = Channel(reached_by="email", capacity_per_night=1, cost=0, quiet_from_hour=21, quiet_to_hour=8)
    found = sending.window(channel, "Europe/Berlin", day)
    assert [instant.replace(tzinfo=None).isoformat(timespec="minutes") for instant in found] == [begins, ends]


@pytest.mark.parametrize(
    ("company", "zone", "begins", "ends"),
    [
        ("UTC", "UTC", "2024-01-11T08:00", "2024-01-11T21:00"),
        ("UTC", "Australia/Sydney", "2024-01-10T21:00", "2024-01-11T10:00"),
        ("America/Los_Angeles", "Pacific/Auckland", "2024-01-11T19:00", "2024-01-12T08:00"),
        ("America/New_York", "Asia/Tokyo", "2024-01-11T23:00", "2024-01-12T12:00"),
        ("Australia/Sydney", "America/New_York", "2024-01-10T13:00", "2024-01-11T02:00"),
        ("Pacific/Kiritimati", "Pacific/Midway", "2024-01-10T19:00", "2024-01-11T08:00"),
    ],
)
def test_far_from_the_company_the_hours_are_of_the_day_that_shares_most_with_its_own(company, zone, begins, ends):
    """The night of 10 January is over at midnight where the company is."""
    channel = Channel(reached_by="email", capacity_per_night=1, cost=0, quiet_from_hour=21, quiet_to_hour=8)
    day = sending.local_day(channel, zone, date(2024, 1, 10), company)
    found = sending.window(channel, zone, day)
    assert [instant.replace(tzinfo=None).isoformat(timespec="minutes") for instant in found] == [begins, ends]


@pytest.mark.parametrize("company", ["Pacific/Kiritimati", "Asia/Kolkata", "UTC", "America/St_Johns", "Pacific/Midway"])
def test_wherever_a_customer_lives_some_open_hours_are_left_when_a_night_of_four_hours_is_over(company):
    channel = Channel(reached_by="email", capacity_per_night=1, cost=0, quiet_from_hour=21, quiet_to_hour=8)
    for zone in (
        "Pacific/Kiritimati",
        "Pacific/Auckland",
        "Asia/Tokyo",
        "Europe/Berlin",
        "America/Lima",
        "Pacific/Midway",
    ):
        for night in (date(2024, 1, 10), date(2024, 3, 30), date(2024, 10, 26)):
            midnight = datetime.combine(night + DAY, datetime.min.time(), ZoneInfo(company))
            first, last = sending.window(channel, zone, sending.local_day(channel, zone, night, company))
            over, next_over = midnight + timedelta(hours=4), midnight + timedelta(hours=24)
            assert min(last, next_over) - max(first, over) >= timedelta(hours=3), (zone, night)


QUIET = [((21, 8), (8, 21)), ((0, 9), (9, 24)), ((24, 8), (8, 24)), ((5, 5), (0, 24))]


@pytest.mark.parametrize(("quiet", "open_hours"), QUIET)
def test_what_is_not_quiet_is_open(quiet, open_hours):
    hours = {"quiet_from_hour": quiet[0], "quiet_to_hour": quiet[1]}
    channel = Channel(reached_by="email", capacity_per_night=1, cost=0, **hours)
    assert sending.open_hours(channel) == open_hours


def test_explaining_a_contact_tells_each_candidate_and_the_rule(tmp_path, monkeypatch):
    made = nights(tmp_path, company(1, 60), tight(600), 2)
    monkeypatch.setattr(contact, "of_customer", lambda conf, i: [d for d in made if d["customer_id"] == i])
    who = next(d["customer_id"] for d in made if d["outcome"] == "chosen" and d["run_date"] == RUN_DATE)
    head, *told = contact.explain(CONF, who, RUN_DATE)
    assert head.startswith(f"Night of {RUN_DATE}: 1 message to {who}")
    assert len(told) == sum(d["customer_id"] == who and d["run_date"] == RUN_DATE for d in made)
    assert told[0].strip().startswith("chosen")
