"""Sales shared out to touches (gold.attribution), each model against a slow, obvious version of it."""

import itertools
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from jobs.gold import attribution as job
from jobs.gold.attributing.costs import cost
from jobs.gold.attributing.credits import credits_of, whole_cents
from jobs.gold.attributing.markov import removal_effects
from jobs.gold.attributing.paths import Cut, Paths, paths_of
from jobs.gold.attributing.rules import credits_by_rule
from jobs.gold.attributing.shapley import shapley_values
from jobs.gold.settings.attribution import ChannelGroup, Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake
from tests.gold.small_rows import rows

DAY = timedelta(days=1)
SETTINGS = Conf().settings("attribution", Settings)
Told = list[tuple[list[tuple[int, int]], int | None]]  # touches as (channel, age), cents; None for no order


def paths(told: Told, channels: int = 4) -> Paths:
    lengths = [len(touches) for touches, _ in told]
    flat = [touch for touches, _ in told for touch in touches]
    cents = [money for _, money in told]
    starts = np.r_[0, np.cumsum(lengths)[:-1]].astype(int) if told else np.zeros(0, int)
    channel, age = (np.array([one[k] for one in flat], int) for k in (0, 1))
    is_order = np.array([money is not None for money in cents], bool)
    return Paths(channel, age, starts, np.array([money or 0 for money in cents], int), is_order, channels)


def random_paths(seed: int, count: int = 60, channels: int = 4) -> Told:
    chance = random.Random(seed)
    return [
        (
            [
                (chance.randrange(channels), age)
                for age in sorted(chance.choices(range(20), k=chance.randint(1, 6)))[::-1]
            ],
            chance.choice((None, None, chance.randint(0, 9999))),
        )
        for _ in range(count)
    ]


def test_rules_share_a_path_as_they_say():
    told: Told = [([(0, 14), (1, 7), (2, 7), (3, 0)], 700)]
    found = credits_by_rule(paths(told), 0.4, 7)
    assert found["first"].tolist() == [700, 0, 0, 0]
    assert found["last"].tolist() == [0, 0, 0, 700]
    assert found["linear"].tolist() == [175, 175, 175, 175]
    assert found["position"].tolist() == pytest.approx([280, 70, 70, 280])
    assert found["time_decay"].tolist() == pytest.approx([700 * w / 2.25 for w in (0.25, 0.5, 0.5, 1)])


@pytest.mark.parametrize(("length", "shares"), [(1, [1.0]), (2, [0.5, 0.5]), (3, [0.4, 0.2, 0.4])])
def test_position_of_short_paths(length, shares):
    told: Told = [([(n, 0) for n in range(length)], 100)]
    found = credits_by_rule(paths(told), 0.4, 7)["position"]
    assert found[:length].tolist() == pytest.approx([100 * s for s in shares])


def plain_removal(told: Told, order: int, channels: int) -> list[float]:
    """Probabilities by states in dictionaries, and the linear system by dense elimination."""
    moves: dict[tuple, dict] = defaultdict(lambda: defaultdict(int))
    for touches, money in told:
        state: tuple = ()
        for channel, _ in touches:
            moves[state][after := (*state, channel)[-order:]] += 1
            state = after
        moves[state]["order" if money is not None else "lost"] += 1

    def chance(without: int | None) -> float:
        states = [s for s in moves if not s or s[-1] != without]
        places = {s: n for n, s in enumerate(states)}
        matrix, right = np.eye(len(states)), np.zeros(len(states))
        for state, n in places.items():
            total = sum(moves[state].values())
            for after, count in moves[state].items():
                if after == "order":
                    right[n] += count / total
                elif after in places:
                    matrix[n, places[after]] -= count / total
        return float(np.linalg.solve(matrix, right)[places[()]])

    whole = chance(None)
    return [
        1 - chance(c) / whole if any((c, a) for t, _ in told for x, a in t if x == c) else 0.0 for c in range(channels)
    ]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_removal_effects_are_those_of_a_dense_chain(order, seed):
    told = random_paths(seed)
    assert removal_effects(paths(told), order).tolist() == pytest.approx(plain_removal(told, order, 4), abs=1e-12)


def test_a_removal_effect_by_hand():
    told: Told = [([(0, 0), (1, 0)], 1), ([(0, 0)], None), ([(1, 0)], 1)]
    # two thirds of the starts come to 0, half of these go on to 1, where all order: without 0 one in three does
    assert removal_effects(paths(told, 2), 1).tolist() == pytest.approx([0.5, 1.0])


def test_two_runs_of_the_chain_are_the_same_to_the_last_digit():
    told = random_paths(7, 500)
    assert removal_effects(paths(told), 3).tolist() == removal_effects(paths(told), 3).tolist()


def plain_shapley(told: Told, channels: int) -> list[float]:
    """The mean gain of a channel over every order of joining."""

    def worth(joined: frozenset) -> float:
        inside = [money or 0 for touches, money in told if {c for c, _ in touches} <= joined]
        return sum(inside) / len(inside) if inside else 0.0

    used = sorted({c for touches, _ in told for c, _ in touches})
    gains = dict.fromkeys(used, 0.0)
    orders = list(itertools.permutations(used))
    for order in orders:
        for place, channel in enumerate(order):
            gains[channel] += worth(frozenset(order[: place + 1])) - worth(frozenset(order[:place]))
    return [gains.get(c, 0.0) / len(orders) for c in range(channels)]


@pytest.mark.parametrize("seed", range(4))
def test_shapley_values_are_the_mean_over_all_orders_of_joining(seed):
    told = random_paths(seed, 40, 5)
    assert shapley_values(paths(told, 5), 12, 100).tolist() == pytest.approx(plain_shapley(told, 5))


def test_sampled_shapley_values_are_near_the_exact_ones_and_add_up():
    told = random_paths(3, 400, 6)
    exact, sampled = shapley_values(paths(told, 6), 12, 100), shapley_values(paths(told, 6), 3, 4000)
    assert sampled.sum() == pytest.approx(exact.sum())
    assert np.abs(sampled - exact).max() < 0.05 * np.abs(exact).max()


@pytest.mark.parametrize("seed", range(10))
def test_each_models_credits_add_up_to_the_sales_to_the_cent(seed):
    told = random_paths(seed, 5 * seed, 3 + seed % 3)
    found = credits_of(paths(told, 6), SETTINGS)
    assert len(found) == 9
    assert {int(cents.sum()) for cents in found.values()} == {sum(money or 0 for _, money in told)}


@pytest.mark.parametrize("channels", [1, 2, 12, 13, 20, 70])  # of 13 and more Shapley values are sampled
@pytest.mark.parametrize("amount", [0, 1, 10**13, -5])  # nothing, a cent, a large one, more taken back than sold
def test_credits_add_up_for_any_number_of_channels_and_any_amount(channels, amount):
    chance = random.Random(channels)
    told: Told = [
        (
            [(channel, 0) for channel in chance.choices(range(channels), k=chance.randint(1, 9))],
            chance.choice((None, amount)),
        )
        for _ in range(120)
    ]
    told += [([(channel, 1)], amount) for channel in range(channels)]
    found = credits_of(paths(told, channels), SETTINGS.replace(shapley_samples=100))
    assert {int(cents.sum()) for cents in found.values()} == {sum(money or 0 for _, money in told)}


def test_what_one_order_brings_is_credited_though_another_takes_as_much_back():
    told: Told = [([(0, 0)], 1000), ([(1, 0)], -1000), ([(2, 0)], 0)]
    found = credits_of(paths(told, 3), SETTINGS)
    for model in ("first", "last", "linear", "position", "time_decay"):
        assert found[model].tolist() == [1000, -1000, 0]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(
    "told",
    [
        [([(0, 0)], 5)],  # the one channel always sells
        [([(0, 0)], 5), ([(1, 0)], None)],  # and one never does
        [([(0, 0), (0, 0), (0, 0)], 5), ([(0, 0), (0, 0)], None)],  # a channel after itself
        [([(0, 0), (1, 0)] * 5, 5), ([(1, 0), (0, 0)] * 4, None), ([(1, 0)], 0)],  # round and round
        [([(0, 0)], None)],
        [([(0, 0)], 0), ([(1, 0)], -7)],  # an order without an amount is an order
    ],
)
def test_removal_effects_of_extreme_channels_are_those_of_a_dense_chain(told, order):
    found = removal_effects(paths(told), order).tolist()
    sells = any(money is not None for _, money in told)
    assert found == pytest.approx(plain_removal(told, order, 4) if sells else [0.0] * 4, abs=1e-12)


@pytest.mark.parametrize("channels", [5, 70])
def test_sampled_values_of_many_channels_are_those_of_the_orders_drawn(channels):
    told: Told = [([(channel % channels, 0), (channel * 7 % channels, 0)], channel) for channel in range(200)]
    found = shapley_values(paths(told, channels), 1, 100, seed=3)
    chance, gains = np.random.default_rng(3), np.zeros(channels)
    for _ in range(50):
        one = chance.permutation(channels)
        for order in (one, one[::-1]):
            before = 0.0
            for place, channel in enumerate(order):
                joined = set(order[: place + 1].tolist())
                inside = [money for touches, money in told if {c for c, _ in touches} <= joined]
                worth = sum(inside) / len(inside) if inside else 0.0
                gains[channel] += worth - before
                before = worth
    assert found.tolist() == pytest.approx((gains / 100).tolist())


def test_cents_go_to_the_largest_remainders_and_nothing_is_made_of_nothing():
    assert whole_cents(np.array([1.0, 1.0, 1.0]), 100).tolist() == [34, 33, 33]
    assert whole_cents(np.array([2.0, -1.0]), 10).tolist() == [20, -10]
    assert whole_cents(np.zeros(2), 5).tolist() == [3, 2]
    assert whole_cents(np.zeros(0), 0).tolist() == []


def plain_paths(touches: list[tuple[int, int, int]], orders: dict[tuple[int, int], int], cut: Cut) -> list[tuple]:
    """Path by path in loops over customers and days, touches in the order of their times: channels, cents or None."""
    found = []
    for customer in sorted({c for c, _, _ in touches}):
        days = sorted(d for c, d in orders if c == customer)
        by_end: dict[tuple, list] = defaultdict(list)
        for _, day, channel in (t for t in touches if t[0] == customer):
            end = next((d for d in days if d >= day), -1)
            if end == -1 or end >= cut.first_day:
                by_end[end, end >= 0 and end - day <= cut.window_days].append(channel)
        for (end, converts), channels in by_end.items():
            found.append((tuple(channels[-cut.path_length :]), orders[customer, end] if converts else None))
    return sorted(found, key=str)


@pytest.mark.parametrize("far", [1, 2**28])  # numbers that fit into one sorted word with the days, and do not
@pytest.mark.parametrize("seed", range(8))
def test_paths_are_cut_as_by_loops_over_customers_and_days(seed, far):
    chance, first = random.Random(seed), 20_000
    days = range(first + 100, first + 160)
    orders = {(c * far, chance.choice(days)): chance.randint(1, 999) for c in range(6) for _ in range(4)}
    touched = range(first + 95, first + 160)
    minutes = chance.sample(range(1440), 80)  # no two touches in one minute
    drawn = [(chance.randrange(6) * far, chance.choice(touched), chance.randrange(3)) for _ in range(80)]
    timed = sorted((who, day * 1440 + at, day, channel) for (who, day, channel), at in zip(drawn, minutes, strict=True))
    given = [(who, day, channel) for who, _, day, channel in timed]
    cut = Cut(window_days=10, path_length=3, first_day=first + 110, channels=3)
    ends = [next((d for c, d in sorted(orders) if c == who and d >= day), -1) for who, day, _ in given]
    columns = dict(zip(("number", "at", "day", "channel"), map(np.array, zip(*timed, strict=True)), strict=True))
    mixed = np.random.default_rng(seed).permutation(len(timed))
    keys = sorted(orders)
    told = {"number": [c for c, _ in keys], "day": [d for _, d in keys], "cents": [orders[k] for k in keys]}
    arrays = {k: np.array(v) for k, v in told.items()}
    shuffled = {name: values[mixed] for name, values in {**columns, "segment": np.array(ends)}.items()}
    made = paths_of(shuffled, arrays, cut)
    parts = np.split(made.channel, made.starts[1:])
    flat = [
        (tuple(int(c) for c in part), int(cents) if is_order else None)
        for part, cents, is_order in zip(parts, made.cents, made.is_order, strict=True)
    ]
    assert sorted(flat, key=str) == plain_paths(given, orders, cut)


def test_a_night_credits_all_sales_and_keeps_those_that_nothing_touched():
    given = (("x1", 0, 1000, 0), ("x2", 5, 2000, -33), ("guest", 1, 500, 0), ("x1", 95, 9999, 0))
    base = {"channel": "shop", "order_count": 1}
    days = [
        {**base, "account_id": a, "order_date": RUN_DATE - n * DAY, "spend_cents": c, "refund_cents": r}
        for a, n, c, r in given
    ]
    sent = [
        {"interaction_id": str(n), "account_id": a, "interaction_type": kind, "occurred_date": RUN_DATE - n * DAY}
        for n, (a, kind) in enumerate((("x1", "email_sent"), ("x1", "coupon_redeemed"), ("x3", "email_sent")))
    ]
    result = {"experiment": "audience:m", "metric": "spend", "segment": "all", "state": "read"}
    results = [{**result, "difference": 0.5, "unit_count": 8}]
    decided = [{"kind": "audience", "name": "m", "channel": "email", "outcome": "chosen"}]
    lake = MemoryLake(
        Conf(),
        customer_order_days=rows("gold.customer_order_days", days),
        customer_map=rows(
            "identity.customer_map", [{"account_id": f"x{n}", "customer_id": f"c{n}"} for n in (1, 2, 3)]
        ),
        interactions=rows("silver.interactions", sent),
        experiment_results=rows("gold.experiment_results", results),
        decisions=rows("activation.decisions", decided),
    )
    job.run(lake, RUN_DATE, SETTINGS)
    found = {(r["model"], r["channel_group"]): r for r in lake.published[job.WRITES].to_pylist()}
    assert found["last", "email"]["revenue"] == Decimal("10.00")
    assert found["first", "coupon"]["revenue"] == Decimal("10.00")
    assert found["linear", "none"]["revenue"] == Decimal("25.33")
    sums = defaultdict(Decimal)
    for (model, _), row in found.items():
        sums[model] += row["revenue"]
    assert set(sums.values()) == {Decimal("35.33")}
    email = found["last", "email"]
    assert (email["touch_count"], email["reached_customer_count"], email["incremental_revenue"]) == (2, 2, 4.0)
    assert email["incremental_share"] == pytest.approx(0.4)
    assert found["last", "coupon"]["incremental_revenue"] is None


def test_touches_are_told_by_any_words_and_on_the_day_of_an_order_come_before_it():
    words = ('l\'été: "promo"', "邮件\\", None, "EMAIL_SENT")
    groups = {"summer": {"interaction_types": words[:1]}, "mail": {"interaction_types": (words[1],)}}
    known = SETTINGS.replace(channel_groups={name: ChannelGroup(**group) for name, group in groups.items()})
    touched = [
        {"interaction_id": f"{n}", "account_id": "x", "interaction_type": word, "occurred_date": RUN_DATE - DAY}
        for n, word in enumerate(words)
    ]
    touched.append(touched[1] | {"interaction_id": "same day", "occurred_date": RUN_DATE})
    day = {"account_id": "x", "channel": "shop", "refund_cents": 0, "spend_cents": 0, "order_count": 1}
    days = [
        day | {"order_date": RUN_DATE, "spend_cents": 1001},
        day | {"order_date": RUN_DATE + DAY, "spend_cents": -1001, "refund_cents": -1001, "order_count": 0},
    ]
    lake = MemoryLake(
        Conf(),
        customer_order_days=rows("gold.customer_order_days", days),
        customer_map=rows("identity.customer_map", [{"account_id": "x", "customer_id": "c"}]),
        interactions=rows("silver.interactions", touched),
    )
    for run_date in (RUN_DATE, RUN_DATE + DAY):  # the day after all of it is given back: sales are what was sold
        job.run(lake, run_date, known)
        found = {(r["model"], r["channel_group"]): r for r in lake.published[job.WRITES].to_pylist()}
        assert (found["last", "mail"]["revenue"], found["first", "summer"]["revenue"]) == (Decimal("10.01"),) * 2
        assert (found["linear", "summer"]["revenue"], found["linear", "none"]["revenue"]) == (Decimal("3.34"), 0)
        assert (found["last", "mail"]["touch_count"], found["last", "summer"]["touch_count"]) == (2, 1)


ZONED = SETTINGS.replace(
    channel_groups={
        "mail": ChannelGroup(interaction_types=("mail",)),
        "advert": ChannelGroup(interaction_types=("advert",)),
        "letter": ChannelGroup(sources=("campaign_contacts",)),
        "coupon": ChannelGroup(sources=("coupon_redemptions",)),
    }
)


def shop(zone: str, touched: list[tuple[str, datetime]], sold: list[datetime], **more: pa.Table) -> MemoryLake:
    """One customer of a company in a zone: touches and sales of 10.00 at moments of its clock."""

    def utc(moment: datetime) -> datetime:
        return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    sent = [
        {"interaction_id": f"{n}", "account_id": "x", "interaction_type": kind}
        | {"occurred_at": utc(moment), "occurred_date": moment.date()}
        for n, (kind, moment) in enumerate(touched)
    ]
    base = {"account_id": "x", "channel": "shop", "order_count": 1, "spend_cents": 1000, "refund_cents": 0}
    orders = [
        {"order_id": f"{n}", "account_id": "x", "order_type": "sale", "ordered_at": utc(m), "order_date": m.date()}
        for n, m in enumerate(sold)
    ]
    per_day = Counter(m.date() for m in sold)
    days = [base | {"order_date": day, "order_count": n, "spend_cents": 1000 * n} for day, n in per_day.items()]
    return MemoryLake(
        Conf(overrides={"business_time_zone": zone}),
        customer_order_days=rows("gold.customer_order_days", days),
        customer_map=rows("identity.customer_map", [{"account_id": "x", "customer_id": "c"}]),
        interactions=rows("silver.interactions", sent),
        orders=rows("silver.orders", orders),
        **more,
    )


def credited(lake: MemoryLake, model: str) -> dict[str, Decimal]:
    """What each channel group earned by a model."""
    job.run(lake, RUN_DATE, ZONED)
    return {r["channel_group"]: r["revenue"] for r in lake.published[job.WRITES].to_pylist() if r["model"] == model}


def at(hour: int, minute: int = 0, days_ago: int = 1) -> datetime:
    return datetime.combine(RUN_DATE - days_ago * DAY, time(hour, minute))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
def test_touches_of_one_day_come_in_their_order_and_those_after_its_last_order_count_for_the_next(zone):
    told = [("advert", at(9)), ("mail", at(11)), ("advert", at(20))]

    assert credited(shop(zone, told, [at(12)]), "last") == {
        "mail": 10,
        "advert": 0,
        "letter": 0,
        "coupon": 0,
        "none": 0,
    }
    assert credited(shop(zone, told, [at(12)]), "first")["advert"] == 10
    assert credited(shop(zone, told, [at(12), at(13, days_ago=0)]), "last")["advert"] == 10
    assert credited(shop(zone, told, [at(8)]), "last")["none"] == 10
    assert credited(shop(zone, told, [at(8), at(21)]), "last")["advert"] == 20  # orders of a day are one


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_where_only_the_day_is_known_a_touch_comes_first_and_an_order_last(zone):
    told = [("mail", at(0)), ("advert", at(23, 30))]

    assert credited(shop(zone, told, [at(0)]), "last")["advert"] == 10
    assert credited(shop(zone, told, [at(0)]), "first")["mail"] == 10
    assert credited(shop(zone, [("mail", at(0))], [at(0, 1)]), "last")["mail"] == 10


def test_a_coupon_that_is_paid_with_is_of_the_order_that_it_is_paid_with():
    zone = "Europe/Madrid"
    redeemed = {"redemption_id": "r", "account_id": "x", "coupon_id": "k", "redeemed_date": RUN_DATE - DAY}
    later = at(12, 4).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    coupons = rows("silver.coupon_redemptions", [redeemed | {"redeemed_at": later}])

    lake = shop(zone, [("mail", at(11))], [at(12)], coupon_redemptions=coupons)

    assert Counter(credited(lake, "last")) == Counter(coupon=10)


@pytest.mark.parametrize("zone", ["Europe/London", "America/Sao_Paulo", "Australia/Adelaide"])
@pytest.mark.parametrize("seed", range(2))
def test_over_days_with_a_clock_change_each_touch_goes_to_the_next_order_by_the_clock(seed, zone):
    draw = random.Random(seed)
    moments = [at(draw.randrange(1, 24), draw.randrange(60), draw.randrange(25)) for _ in range(30)]
    told = [(draw.choice(("mail", "advert")), moment) for moment in sorted(set(moments))]
    sold = sorted({at(draw.randrange(1, 24), draw.randrange(60), draw.randrange(25)) for _ in range(4)})
    right: Counter[str] = Counter()
    ends = {moment.date(): moment for moment in sold}  # the last of each day
    for end in ends.values():
        before = [other for other in ends.values() if other < end]
        since = max(before) if before else datetime.min
        path = [kind for kind, moment in told if since < moment <= end and (end.date() - moment.date()).days <= 28]
        right[path[-1] if path else "none"] += 10 * sum(m.date() == end.date() for m in sold)

    assert Counter(credited(shop(zone, told, sold), "last")) == right


def test_a_company_without_touches_credits_all_to_none():
    day = {"account_id": "guest", "channel": "shop", "order_date": RUN_DATE, "order_count": 1, "spend_cents": 500}
    days = rows("gold.customer_order_days", [{**day, "refund_cents": 0}])
    lake = MemoryLake(Conf(), customer_order_days=days)
    job.run(lake, RUN_DATE, SETTINGS)
    credited = {
        r["channel_group"]: r["revenue"] for r in lake.published[job.WRITES].to_pylist() if r["model"] == "last"
    }
    assert credited == {"email": 0, "coupon": 0, "none": Decimal("5.00")}
    assert any("nothing touched a customer" in note for note in lake.notes)


def test_what_is_paid_for_days_counts_by_the_days_of_the_period_to_the_cent():
    first, last = date(2024, 2, 1), date(2024, 3, 31)
    spent = [
        {"from_date": date(2024, 1, 1), "until_date": date(2024, 2, 29), "amount": 600.0},  # 29 of 60 days
        {"from_date": last, "until_date": last, "amount": 0.01},
        {"from_date": date(2024, 4, 1), "until_date": date(2024, 4, 30), "amount": 999.0},
    ]
    group = ChannelGroup(interaction_types=("click",), cost_per_touch=0.1, spending=spent)
    assert cost(group, 3, first, last) == Decimal("290.31")
    assert cost(ChannelGroup(interaction_types=("x",), cost_per_touch=0.005), 1, first, last) == Decimal("0.01")


@pytest.mark.parametrize("seed", range(20))
def test_days_paid_for_are_each_in_one_period_and_add_up(seed):
    chance, begin = random.Random(seed), date(2023, 12, 1)
    days = chance.randint(1, 400)
    spent = {
        "from_date": begin,
        "until_date": begin + (days - 1) * DAY,
        "amount": float(days * chance.randint(1, 99)),
    }
    group = ChannelGroup(interaction_types=("x",), spending=[spent])
    cuts = sorted({-3, days + 5, *chance.choices(range(days + 1), k=4)})
    parts = [cost(group, 0, begin + a * DAY, begin + (b - 1) * DAY) for a, b in itertools.pairwise(cuts)]
    assert sum(parts) == spent["amount"]


def test_a_touch_of_two_groups_is_refused(tmp_path):
    (tmp_path / "attribution.yaml").write_text("channel_groups: {newsletter: {interaction_types: [email_sent]}}\n")
    with pytest.raises(ConfigError, match="'email_sent' is a touch of two groups, email and newsletter"):
        Conf([tmp_path]).settings("attribution", Settings)


def test_a_group_of_no_touch_is_refused():
    with pytest.raises(ValueError, match="no touch is of this group"):
        ChannelGroup()
