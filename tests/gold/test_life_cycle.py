"""gold.life_cycle, its history and its moves."""

import itertools
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from jobs.gold import life_cycle
from jobs.gold.life import moves, states
from jobs.gold.life.interpurchase_time import InterpurchaseTimes
from jobs.gold.settings.life_cycle import STATES, Inactivity, RhythmSettings, Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from tests.both_engines import stepwise_answers, stepwise_duckdb_answer
from tests.gold.rows import customer_map, order_days

AS_OF = date(2026, 6, 30)
MOVES = Conf().settings("life_cycle", Settings).moves
SHARES = {"from_share_of_returns": 0.5, "to_share_of_returns": 0.75}
SETTINGS = Settings(
    dormant=Inactivity(longer_than_share_of_gaps=0.9, at_least_days=10, at_most_days=60, **SHARES),
    lost=Inactivity(longer_than_share_of_gaps=0.99, at_least_days=30, at_most_days=180, **SHARES),
    rhythm=RhythmSettings(
        refit_after_days=28,
        min_customers=3,
        fit_customers=1000,
        longest_gap_days=180,
        assumed_gap_days=20.0,
        intervals_days=(28,),
    ),
    won_back_order_days=3,
    loyal_share_of_customers=0.75,
    loyal_at_least_order_days=3,
    loyal_order_days=5,
    moves=MOVES,
)
INTERPURCHASE = InterpurchaseTimes(shape=1.0, r=2.0, alpha_days=20.0)

CASES = {
    "first_time": ([10], 10),
    "repeat": ([40, 10], 10),
    "loyal": ([50, 40, 30, 20, 10, 2], 10),
    "dormant": ([70, 60], 25),  # their rhythm and that of all: dormant after 35 silent days
    "lost": ([400, 399, 398, 397, 300], 161),
    "won_back": ([400, 395, 390, 385, 30, 10], 30),
}


def placed(days_ago, as_of=AS_OF):
    """State, since and the rest of one customer who ordered so many days ago, by DuckDB."""
    days = pa.table({"customer_id": ["c1"] * len(days_ago), "days_ago": days_ago})
    return dict(
        zip(
            COLUMNS,
            lived([("c1", [as_of - timedelta(days=int(d)) for d in days["days_ago"].to_pylist()])], as_of)[0],
            strict=True,
        )
    )


COLUMNS = (
    "customer_id",
    "state",
    "since",
    "dwell_days",
    "reason",
    "usual_gap_days",
    "dormant_after_days",
    "lost_after_days",
    "loyal_order_days",
)


def lived(customers, as_of):
    """The table's rows of customers with these order days."""
    rows = [(name, day) for name, days in customers for day in days]
    order_table = pa.table(
        {
            "account_id": pa.array([n for n, _ in rows], pa.string()),
            "order_date": pa.array([d for _, d in rows], pa.date32()),
            **{
                c: pa.array([1] * len(rows), pa.int64())
                for c in ("order_count", "refund_count", "spend_cents", "refund_cents")
            },
        }
    )
    names = [name for name, _ in customers]
    owners = pa.table(
        {
            "account_id": names,
            "customer_id": names,
            "is_lead": [False] * len(names),
            "arrived_on": [date(2025, 1, 1)] * len(names),
        }
    )
    known = pa.table({"account_id": pa.array([], pa.string()), "registered_at": pa.array([], pa.timestamp("us"))})
    gap_rows = {
        "gaps": states.order_gaps_sql(as_of, SETTINGS.rhythm.longest_gap_days),
        **states.steps(INTERPURCHASE, SETTINGS),
    }
    return stepwise_duckdb_answer(
        states.life_cycle_sql(as_of, SETTINGS),
        gap_rows,
        order_days=order_table,
        customer_map=owners,
        customers=known,
        factors=states.factors(INTERPURCHASE, 400, SETTINGS),
    )


@pytest.mark.parametrize("state", CASES)
def test_order_days_and_silences_make_the_state_and_its_beginning(state):
    days_ago, since_days_ago = CASES[state]

    row = placed(days_ago)

    assert (row["state"], row["since"]) == (state, AS_OF - timedelta(days=since_days_ago))
    assert row["dwell_days"] == since_days_ago
    assert row["reason"].startswith(f"{len(days_ago)} order days, the last {days_ago[-1]} days ago; dormant after ")


def test_the_same_silence_is_dormant_for_a_daily_buyer_and_not_for_a_monthly_one():
    daily, monthly = placed(range(40, 20, -1)), placed(range(321, 20, -30))

    assert (daily["state"], monthly["state"]) == ("dormant", "loyal")
    assert daily["dormant_after_days"] < 21 < monthly["dormant_after_days"]
    assert daily["usual_gap_days"] < 2
    assert monthly["usual_gap_days"] > 15


def test_limits_hold_whatever_the_rhythm():
    hourly, yearly = placed(range(100, 0, -1)), placed([1000, 500, 100])

    assert (hourly["dormant_after_days"], hourly["lost_after_days"]) == (10, 30)
    assert (yearly["dormant_after_days"], yearly["lost_after_days"]) == (60, 180)


def test_a_state_begins_anew_after_a_silence():
    row = placed([40, 39, 38, 37, 36, 20, 10, 5])

    assert (row["state"], row["since"]) == ("loyal", AS_OF - timedelta(days=20))


def test_won_back_ends_with_enough_order_days():
    row = placed([400, 395, 390, 385, 30, 20, 10])

    assert (row["state"], row["since"]) == ("loyal", AS_OF - timedelta(days=10))


class Machine:
    """The state machine one day at a time, slowly: what the queries must agree with."""

    def __init__(self):
        self.state, self.since, self.days, self.back = "prospect", None, [], None

    def live(self, day, orders):
        if orders:
            if self.days and self.state == "lost":
                self.back = len(self.days)
            self.days.append(day)
            self.enter(self.buying(), day)
        elif self.days:
            silent = (day - self.days[-1]).days
            dormant, lost = limits(self.days)
            if silent >= lost:
                self.enter("lost", day)
            elif silent >= dormant:
                self.enter("dormant", day)

    def buying(self):
        if self.back is not None and len(self.days) - self.back < SETTINGS.won_back_order_days:
            return "won_back"
        if len(self.days) >= SETTINGS.loyal_order_days:
            return "loyal"
        return "repeat" if len(self.days) > 1 else "first_time"

    def enter(self, state, day):
        if state != self.state:
            self.state, self.since = state, day


def limits(days):
    gaps = [min((b - a).days, SETTINGS.rhythm.longest_gap_days) for a, b in itertools.pairwise(days)]
    factors = states.factors(INTERPURCHASE, 400, SETTINGS).to_pylist()[len(gaps)]
    found = []
    for name, inactivity in (("dormant", SETTINGS.dormant), ("lost", SETTINGS.lost)):
        at = int(np.ceil(factors[name] * (INTERPURCHASE.alpha_days + sum(gaps))))
        found.append(max(min(at, inactivity.at_most_days), inactivity.at_least_days))
    return found[0], max(found[1], found[0] + 1)


def random_lives(count, days, seed):
    """Customers with rhythms and pauses of all kinds."""
    random = np.random.default_rng(seed)
    first, found = date(2025, 1, 1), []
    for i in range(count):
        pace, at, mine = random.choice([1, 3, 10, 40]), int(random.integers(0, 60)), []
        while at < days:
            mine.append(first + timedelta(days=at))
            at += 1 + int(random.exponential(pace)) + (int(random.integers(20, 250)) if random.random() < 0.15 else 0)
        found.append((f"c{i:03}", mine))
    return [(name, days) for name, days in found if days]


def test_the_queries_agree_with_a_machine_that_lives_day_by_day_and_no_move_is_forbidden():
    first, days = date(2025, 1, 1), 500
    lives = random_lives(60, days, seed=3)
    machines = {name: Machine() for name, _ in lives}
    ordered = {name: set(mine) for name, mine in lives}
    allowed = moves.reachable(MOVES, 1)
    seen = set()
    for n in range(days):
        today = first + timedelta(days=n)
        for name, machine in machines.items():
            before = machine.state
            machine.live(today, today in ordered[name])
            seen.add((before, machine.state))
            assert allowed[STATES.index(before), STATES.index(machine.state)], (before, machine.state)
        if n % 50 == 49:
            wanted = {name: (m.state, m.since) for name, m in machines.items() if m.days}
            actual = {row[0]: (row[1], row[2]) for row in lived(lives, today) if row[1] != "prospect"}
            assert actual == wanted, today
    assert {to for _, to in seen} == set(STATES) - {"lead"}  # the lives were varied enough to tell


def test_moves_of_several_days_are_chains_of_moves_of_one():
    def reaches(a, b, days):
        return moves.reachable(MOVES, days)[STATES.index(a), STATES.index(b)]

    assert reaches("first_time", "loyal", 2)
    assert not reaches("first_time", "loyal", 1)
    assert reaches("loyal", "won_back", 2)
    assert not reaches("lost", "dormant", 1)
    assert reaches("lost", "dormant", 2)
    assert not reaches("repeat", "first_time", 30)
    assert not reaches("prospect", "lead", 30)


def test_the_matrix_has_every_cell_once_and_its_rows_add_up():
    counted = pa.table(
        {
            "from_state": ["loyal", "loyal", "lost"],
            "to_state": ["dormant", "loyal", "dormant"],
            "customer_count": [1, 3, 2],
            "mean_dwell_days": [12.0, 9.0, 5.0],
        }
    )

    found = moves.matrix(counted, AS_OF, 1, MOVES)

    cells = {(r["from_state"], r["to_state"]): r for r in found.to_pylist()}
    assert len(cells) == found.num_rows == 80
    assert (cells["loyal", "dormant"]["share"], cells["loyal", "dormant"]["mean_dwell_days"]) == (0.25, 12.0)
    assert cells["loyal", "loyal"]["mean_dwell_days"] is None
    assert cells["lead", "lead"]["share"] is None
    assert moves.faults(found) == 2  # from lost nobody becomes dormant in a day


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dormant: {longer_than_share_of_gaps: 1.5}", "must be less than 1"),
        ("dormant: {at_least_days: 9, at_most_days: 2}", "'at_least_days' must be at most 'at_most_days'"),
        ("dormant: {longer_than_share_of_gaps: 0.999}", "outlast a larger share of gaps"),
        ("dormant: {from_share_of_returns: 0.8}", "'from_share_of_returns' must be at most 'to_share_of_returns'"),
        ("lost: {from_share_of_returns: 0.4}", "'from_share_of_returns' of lost must be at least that of dormant"),
        ("rhythm: {intervals_days: []}", "must not be empty"),
        ("won_back_order_days: 1", "must be at least 2"),
        ("moves: {lead: [customer]}", "'customer' is none of lead, prospect"),
        ("moves: {customer: [lead]}", "'customer' is none of lead, prospect"),
    ],
)
def test_settings_that_no_customer_could_live_by_are_refused(tmp_path, text, words):
    (tmp_path / "life_cycle.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"life_cycle\.yaml:\d+: ") as error:
        Conf([tmp_path]).settings("life_cycle", Settings)
    assert words in error.value.paragraph()


def judged(spark, rows, owners):
    """What both engines say of accounts' order days, by customer."""
    tables = {
        "order_days": order_days(spark, *rows),
        "customer_map": owners,
        "customers": registrations(spark),
        "factors": states.factors(INTERPURCHASE, 50, SETTINGS),
    }
    steps = {
        "gaps": states.order_gaps_sql(AS_OF, SETTINGS.rhythm.longest_gap_days),
        **states.steps(INTERPURCHASE, SETTINGS),
    }
    found = stepwise_answers(spark, states.life_cycle_sql(AS_OF, SETTINGS), steps, **tables)
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in found}


def test_refunds_are_no_orders_later_facts_are_not_seen_and_people_without_orders_are_known(spark):
    def day(account, ago, orders=1, cents=100):
        return (account, AS_OF - timedelta(days=ago), orders, cents)

    rows = [
        day("web:1", 70),
        day("web:1", 3, 0, -50),
        day("web:1", -1),
        day("web:3", 5, 0, -50),
        day("web:4", 9, 1, 0),
        day("web:5", 30, 10_000),
        day("web:5", 1, 10_000),
    ]
    owners = customer_map(
        spark,
        silent="web:1",
        bought="list:1",
        signed_up="list:2 web:2",
        only_refunds="web:3",
        zero_spend="web:4",
        busy="web:5",
    )

    found = judged(spark, rows, owners)

    assert found["silent"]["state"] == "dormant"
    assert [found["bought"][c] for c in ("state", "since", "reason")] == ["lead", date(2026, 5, 1), "no order yet"]
    assert [found["signed_up"][c] for c in ("state", "since")] == ["prospect", date(2026, 4, 1)]
    assert (found["only_refunds"]["state"], found["zero_spend"]["state"]) == ("prospect", "first_time")
    assert found["busy"]["state"] == "repeat"  # a day counts once, however many orders it had
    assert found["only_refunds"]["dormant_after_days"] is None


def registrations(spark):
    """One account told when it registered; of the others only the night they came is known."""
    rows = [("web:2", datetime(2026, 4, 1)), ("list:1", None)]
    return spark.createDataFrame(rows, "account_id STRING, registered_at TIMESTAMP")


def test_nights_keep_what_changed_and_a_repeated_night_is_the_same(spark, lake):
    days = [("web:1", AS_OF - timedelta(days=ago), 1, 100) for ago in (40, 30, 20)]
    days += [("web:2", AS_OF, 1, 100), ("web:3", AS_OF - timedelta(days=2), 1, 100)]
    lake.publish("gold.customer_order_days", order_days(spark, *days), AS_OF)
    owners = customer_map(spark, **{f"c{i:024x}": f"web:{i}" for i in (1, 2, 3)}).selectExpr(
        "*",
        "'alone' AS match_rule",
        "NULL AS match_probability",
        "NULL AS record_hash",
        "NULL AS source_hash",
        "NULL AS fingerprint",
        "arrived_on AS _run_date",
    )
    lake.publish("identity.customer_map", owners, AS_OF)

    def night(day):
        view = lake.for_job("gold.life_cycle", "h")
        life_cycle.run(view, day, SETTINGS)
        rows = view.read("gold.life_cycle_history", view.version("gold.life_cycle_history")).collect()
        return view.notes, sorted(
            (r.customer_id[:1] + r.customer_id[-1], r.state, r.valid_from, r.valid_to) for r in rows
        )

    yesterday = AS_OF - timedelta(days=1)
    notes, first = night(yesterday)
    assert "a fit needs 3" in notes[0]
    assert [(c, state, end) for c, state, _, end in first] == [
        ("c1", "repeat", None),
        ("c2", "prospect", None),
        ("c3", "first_time", None),
    ]
    _, second = night(AS_OF)
    assert ("c2", "prospect", yesterday, AS_OF) in second
    assert ("c2", "first_time", AS_OF, None) in second
    assert len(second) == 4
    assert night(AS_OF)[1] == second
