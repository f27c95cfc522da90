"""The points ledger (jobs/gold/loyalty_ledger.py): every point is somewhere, whatever comes and in whatever order."""

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from jobs.gold import loyalty_ledger as job
from jobs.gold.loyalty import liability
from jobs.gold.settings.loyalty import Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from tests.activation.small_company import CONF, Nights, rows
from tests.conftest import RUN_DATE
from tests.gold.slow_points_ledger import Ledger

DAY = timedelta(days=1)
PACKAGED = CONF.settings("loyalty", Settings)
EARNING = {"earning": ({"points_per_unit": 1},), "expire_after_days": 30}


def settings(**changes: Any) -> Settings:
    return PACKAGED.replace(**{**EARNING, **changes})


def order(number: str, account: str | None, day: date, cents: int, **changes: Any) -> dict[str, Any]:
    kind = "sale" if cents >= 0 else "refund"
    made = {"order_id": number, "account_id": account, "order_date": day, "total_cents": cents, "order_type": kind}
    return made | changes


def company(owner: dict[str, str], orders: list[dict[str, Any]], **tables: pa.Table) -> dict[str, pa.Table]:
    owned = [{"account_id": account, "customer_id": customer} for account, customer in owner.items()]
    return {"customer_map": rows("identity.customer_map", owned), "orders": rows("silver.orders", orders), **tables}


def burns(*given: tuple[str, str, date]) -> dict[str, pa.Table]:
    """(number, account, day): interactions of type reward."""
    told = [
        {"interaction_id": n, "account_id": a, "interaction_type": "reward", "occurred_date": d} for n, a, d in given
    ]
    return {"interactions": rows("silver.interactions", told)}


def night(lake: Nights, run_date: date = RUN_DATE, known: Settings | None = None, **tables: pa.Table) -> dict[str, int]:
    """Balances after a night."""
    lake.tables |= tables
    job.run(lake, run_date, known or settings())  # type: ignore[arg-type]
    return balances(lake)


def balances(lake: Nights) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in lake.tables["loyalty_ledger"].to_pylist():
        found[row["customer_id"]] += row["points"]
    return {customer: points for customer, points in found.items() if points}


def entries(lake: Nights) -> list[tuple[str, int]]:
    return sorted((row["event"], row["points"]) for row in lake.tables["loyalty_ledger"].to_pylist())


def test_whole_units_earn_and_refunds_take_back():
    orders = [order("1", "a", RUN_DATE - DAY, 1099), order("2", "a", RUN_DATE, -350)]
    lake = Nights()
    assert night(lake, **company({"a": "A"}, orders)) == {"A": 7}
    assert entries(lake) == [("earn", 10), ("take_back", -3)]


def test_goods_earn_more_or_nothing_and_the_terms_are_those_of_the_day():
    terms = (
        {"points_per_unit": 1},
        {
            "from_date": RUN_DATE,
            "points_per_unit": 0.5,
            "multipliers": (
                {"column": "department", "values": ("DELI",), "factor": 3},
                {"column": "product_id", "values": ("card",), "factor": 0},
            ),
        },
    )
    lines = [
        {"order_id": n, "line_number": k, "product_id": p, "sales_cents": c}
        for n in "12"
        for k, (p, c) in enumerate([("ham", 1000), ("card", 400), ("bread", 600)])
    ]
    known = company({"a": "A"}, [order("1", "a", RUN_DATE - DAY, 2000), order("2", "a", RUN_DATE, 2000)])
    known["order_lines"] = rows("silver.order_lines", lines)
    known["products"] = rows(
        "silver.products",
        [{"product_id": p, "department": d} for p, d in (("ham", "DELI"), ("card", "DELI"), ("bread", "X"))],
    )
    assert night(Nights(), known=settings(earning=terms), **known) == {"A": 20 + 18}


def test_what_is_spent_is_taken_from_the_oldest_and_what_is_left_of_them_expires():
    known = settings(burning={"reward": 15})
    orders = [order("1", "a", RUN_DATE - 40 * DAY, 1000), order("2", "a", RUN_DATE - 20 * DAY, 1000)]
    spent = burns(("r", "a", RUN_DATE - 12 * DAY))
    assert night(Nights(), known=known, **company({"a": "A"}, orders), **spent) == {"A": 5}
    later = burns(("r", "a", RUN_DATE - 9 * DAY))
    assert night(Nights(), known=known, **company({"a": "A"}, orders), **later) == {"A": -5}


def test_who_owes_repays_with_the_next_points():
    known = settings(burning={"reward": 15})
    first = company({"a": "A"}, [order("1", "a", RUN_DATE - 40 * DAY, 1000)])
    lake = Nights()
    assert night(lake, RUN_DATE - DAY, known, **first, **burns(("r", "a", RUN_DATE - 39 * DAY))) == {"A": -5}
    both = company({"a": "A"}, [order("1", "a", RUN_DATE - 40 * DAY, 1000), order("2", "a", RUN_DATE, 800)])
    assert night(lake, RUN_DATE, known, **both) == {"A": 3}
    left = defaultdict(int)
    for row in lake.tables["loyalty_ledger"].to_pylist():
        left[row["lot_id"]] += row["points"]
    assert dict(left) == {"order:1": 0, "owed interaction:r": 0, "order:2": 3}
    burned = sum(row["points"] for row in lake.tables["loyalty_ledger"].to_pylist() if row["event"] == "burn")
    assert burned == -15


def test_a_corrected_order_posts_the_difference_and_one_of_another_account_goes_over():
    owner = {"a": "A", "b": "B"}
    lake = Nights()
    night(lake, RUN_DATE - 2 * DAY, **company(owner, [order("1", "a", RUN_DATE - 2 * DAY, 1000)]))
    assert night(lake, RUN_DATE - DAY, **company(owner, [order("1", "a", RUN_DATE - 2 * DAY, 700)])) == {"A": 7}
    assert night(lake, RUN_DATE, **company(owner, [order("1", "b", RUN_DATE - 2 * DAY, 700)])) == {"B": 7}
    assert night(lake, RUN_DATE + DAY, **company(owner, [order("1", "a", RUN_DATE - 2 * DAY, 700)])) == {"A": 7}


def test_an_order_that_is_cancelled_takes_back_what_it_earned_though_its_total_stays():
    sold, cancelled = ([order("1", "a", RUN_DATE, 1000, order_type=kind)] for kind in ("sale", "cancellation"))
    lake = Nights()
    assert night(lake, RUN_DATE, **company({"a": "A"}, sold)) == {"A": 10}
    assert night(lake, RUN_DATE + DAY, **company({"a": "A"}, cancelled)) == {}
    assert night(lake, RUN_DATE + 2 * DAY, **company({"a": "A"}, sold)) == {"A": 10}
    assert entries(lake) == [("adjust", -10), ("adjust", 10), ("earn", 10)]


@pytest.mark.parametrize("cents", [1000, 1050])  # as it was, and corrected by less than a point
def test_an_order_that_earned_nothing_is_reckoned_once_whatever_becomes_of_its_goods(cents):
    none = ({"column": "department", "values": ("FUEL",), "factor": 0},)
    known = settings(earning=({"points_per_unit": 1, "multipliers": none},))
    line = {"order_id": "1", "line_number": 1, "product_id": "p", "sales_cents": 1000}
    goods = {"order_lines": rows("silver.order_lines", [line])}
    fuel, deli = (
        {"products": rows("silver.products", [{"product_id": "p", "department": d}])} for d in ("FUEL", "DELI")
    )
    lake = Nights()
    first = company({"a": "A"}, [order("1", "a", RUN_DATE, 1000)])
    assert night(lake, RUN_DATE, known, **first, **goods, **fuel) == {}
    assert night(lake, RUN_DATE + DAY, known, **company({"a": "A"}, [order("1", "a", RUN_DATE, cents)])) == {}
    assert night(lake, RUN_DATE + 2 * DAY, known, **deli) == {}
    assert lake.tables["loyalty_ledger"].num_rows == 1 + (cents != 1000)


@pytest.mark.parametrize(
    ("terms", "cents", "points"),
    [
        ({"points_per_unit": 1, "unit": 10_000}, 1_999_999_00, 199),  # rupiah, dong
        ({"points_per_unit": 1, "unit": 3}, 20_99, 6),
        ({"points_per_unit": 0.005}, 1_000_00, 5),  # yen: one for each 200
        ({"points_per_unit": 10}, 1_24, 12),
        ({"points_per_unit": 1}, 10**15 + 99, 10**13),  # a very large order
        ({"points_per_unit": 1.5, "unit": 7}, 10**13 + 1, 21_428_571_428),
    ],
)
def test_points_are_for_so_many_units_of_any_currency(terms, cents, points):
    known = company({"a": "A"}, [order("1", "a", RUN_DATE, cents), order("2", "a", RUN_DATE, -cents)])
    lake = Nights()
    assert night(lake, known=settings(earning=(terms,)), **known) == {}
    assert entries(lake) == [("earn", points), ("take_back", -points)]


def test_months_end_where_the_calendar_has_no_such_day():
    for earned, at, last in (
        (date(2023, 2, 28), "day", date(2024, 2, 27)),
        (date(2024, 2, 29), "day", date(2025, 2, 27)),  # the 28th of February 2025 is the first day without them
        (date(2023, 3, 1), "month_end", date(2024, 3, 31)),  # 365 days later it is February still
        (date(2023, 8, 31), "month_end", date(2024, 8, 31)),
        (date(2024, 2, 29), "year_end", date(2025, 12, 31)),
    ):
        known = settings(expire_after_days=None, expire_after_months=12, expire_at=at)
        lake = Nights()
        assert night(lake, last, known, **company({"a": "A"}, [order("1", "a", earned, 1000)])) == {"A": 10}
        assert night(lake, last + DAY, known) == {}


def test_points_last_days_or_months_and_not_both(tmp_path):
    (tmp_path / "loyalty.yaml").write_text("expire_after_days: 30\nexpire_after_months: 12\n")
    with pytest.raises(ConfigError, match="so many days and so many months"):
        Conf([tmp_path]).settings("loyalty", Settings)


def test_new_terms_leave_alone_what_is_posted():
    known = company({"a": "A"}, [order("1", "a", RUN_DATE - DAY, 1000)])
    lake = Nights()
    night(lake, RUN_DATE - DAY, **known)
    assert night(lake, RUN_DATE, settings(earning=({"points_per_unit": 5},))) == {"A": 10}


def test_points_follow_their_account_through_a_merge_and_back():
    orders = [order("1", "a", RUN_DATE - 9 * DAY, 1000), order("2", "b", RUN_DATE - 8 * DAY, 500)]
    known = settings(burning={"reward": 12})
    lake = Nights()
    assert night(lake, RUN_DATE - 3 * DAY, known, **company({"a": "A", "b": "B"}, orders)) == {"A": 10, "B": 5}
    spent = burns(("r", "b", RUN_DATE - 2 * DAY))
    assert night(lake, RUN_DATE - 2 * DAY, known, **company({"a": "A", "b": "A"}, orders), **spent) == {"A": 3}
    assert night(lake, RUN_DATE - DAY, known, **company({"a": "A", "b": "B"}, orders)) == {"B": 3}
    assert {row["event"] for row in lake.tables["loyalty_ledger"].to_pylist()} == {"earn", "merge", "burn", "split"}


def test_the_companys_own_list_is_posted_as_it_is_and_never_twice():
    given = [
        {"movement_id": "1", "account_id": "a", "movement_type": "earn", "points": 50, "occurred_date": RUN_DATE - DAY},
        {"movement_id": "2", "account_id": "a", "movement_type": "burn", "points": 20, "occurred_date": RUN_DATE},
        {"movement_id": "3", "account_id": "a", "movement_type": "adjust", "points": -7, "occurred_date": RUN_DATE},
        {"movement_id": "4", "account_id": "a", "movement_type": "expire", "points": -3, "occurred_date": RUN_DATE},
        {"movement_id": "5", "account_id": "x", "movement_type": "earn", "points": 9, "occurred_date": RUN_DATE},
    ]
    known = settings(earning=(), given=("earn", "burn", "adjust", "expire"))
    lake = Nights()
    tables = company({"a": "A"}, []) | {"points_movements": rows("silver.points_movements", given)}
    assert night(lake, RUN_DATE, known, **tables) == {"A": 20}
    assert night(lake, RUN_DATE + DAY, known) == {"A": 20}


def test_a_month_or_year_is_waited_for():
    known = company({"a": "A"}, [order("1", "a", date(2026, 1, 10), 1000)])
    for at, last in (("day", date(2026, 2, 8)), ("month_end", date(2026, 2, 28)), ("year_end", date(2026, 12, 31))):
        lake = Nights()
        assert night(lake, last, settings(expire_at=at), **known) == {"A": 10}
        assert night(lake, last + DAY, settings(expire_at=at)) == {}


def test_a_company_without_a_programme_has_empty_tables_and_the_reason():
    lake = Nights()
    assert night(lake, known=PACKAGED) == {}
    assert lake.notes == [f"{table}: {job.NO_PROGRAMME}" for table in job.WRITES]


def test_the_liability_of_a_night_adds_up():
    orders = [order("1", "a", RUN_DATE - 40 * DAY, 10_050), order("2", "a", RUN_DATE, 5000)]
    lake = Nights()
    night(lake, known=settings(burning={"reward": 30}, point_value=0.005), **company({"a": "A"}, orders))
    (row,) = lake.tables["loyalty_liability"].to_pylist()
    assert (row["opening_points"], row["earn_points"], row["expire_points"], row["closing_points"]) == (
        0,
        150,
        -100,
        50,
    )
    assert str(row["liability"]) == "0.25"


def history(
    seed: int,
) -> tuple[Settings, list[dict[str, Any]], list[tuple[str, str, date, date]], list[dict[str, str]]]:
    """Settings, orders and rewards with the night that each becomes known, and the customers of each night."""
    chance = random.Random(seed)
    apart = chance.choice((1, 9))
    nights = [RUN_DATE + n * apart * DAY for n in range(5)]
    accounts, customers = "abcdefghijkl", "ABCDEF"
    owners = [{a: chance.choice(customers) for a in accounts}]
    for _ in nights[1:]:
        owners.append(owners[-1] | {a: chance.choice(customers) for a in accounts if chance.random() < 0.2})
    orders, spent = [], []
    for n in range(150):
        known_on = chance.choice(nights)
        day = known_on - chance.choice((0, 0, 1, 5, 20, 45)) * DAY
        cents = chance.choice((1, 1, 1, -1)) * chance.randint(0, 3000)
        orders.append(order(f"{n:03}", chance.choice(accounts), day, cents, known_on=known_on))
        if chance.random() < 0.2:  # a later version of the same order
            other = {
                "order_type": chance.choice((orders[-1]["order_type"], "cancellation")),
                "total_cents": cents // 2,
                "account_id": chance.choice(accounts),
                "known_on": chance.choice(nights),
            }
            orders.append({**orders[-1], **other})
        if chance.random() < 0.4:
            spent.append((f"{n:03}", chance.choice(accounts), day, known_on))
    known = settings(burning={"reward": 13}, expire_after_days=chance.choice((None, 10, 30)))
    return known, [{"nights": nights, **one} for one in orders], spent, owners


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 30))])
def test_random_histories_balance_to_the_point_like_the_obvious_ledger(seed):
    known, orders, spent, owners = history(seed)
    nights, slow, lake = orders[0]["nights"], Ledger(known.expire_after_days), Nights()
    posted: dict[str, tuple[str, int]] = {}
    for run_date, owner in zip(nights, owners, strict=True):
        seen = {o["order_id"]: o for o in orders if o["known_on"] <= run_date and o["order_date"] <= run_date}
        moves = changes(posted, seen, run_date)
        moves += [(f"interaction:{n}", a, d, -13) for n, a, d, known_on in spent if known_on == run_date]
        slow.night(run_date, moves, owner)
        visible = [{k: v for k, v in o.items() if k not in ("known_on", "nights")} for o in seen.values()]
        tables = company(owner, visible) | burns(*[(n, a, d) for n, a, d, known_on in spent if known_on <= run_date])
        assert night(lake, run_date, known, **tables) == slow.balances(owner)
        once = sorted(map(repr, lake.tables["loyalty_ledger"].to_pylist()))
        assert night(lake, run_date, known) == slow.balances(owner)
        assert sorted(map(repr, lake.tables["loyalty_ledger"].to_pylist())) == once
    keys = [
        tuple(row[k] for k in lake.contracts["gold.loyalty_ledger"].key)
        for row in lake.tables["loyalty_ledger"].to_pylist()
    ]
    assert len(keys) == len(set(keys))
    closing = 0
    for row in sorted(lake.tables["loyalty_liability"].to_pylist(), key=lambda r: r["run_date"]):
        assert row["opening_points"] == closing
        closing = row["closing_points"]
        assert closing == row["opening_points"] + sum(row[f"{event}_points"] for event in liability.EVENTS)


def changes(
    posted: dict[str, tuple[str, int]], seen: dict[str, dict[str, Any]], run_date: date
) -> list[tuple[str, str, date, int]]:
    """What orders move tonight: (movement, account, day, points), against what was posted for them."""
    moves = []
    for number, one in sorted(seen.items()):
        sold = one["order_type"] == "sale"
        worth = max(0, one["total_cents"]) // 100 if sold else -(max(0, -one["total_cents"]) // 100)
        account, before = posted.get(number, (one["account_id"], 0))
        if account != one["account_id"]:
            moves += [(f"order:{number}", account, run_date, -before)] if before else []
            before = 0
        if worth != before:
            moves.append((f"order:{number}", one["account_id"], one["order_date"], worth - before))
        posted[number] = (one["account_id"], worth)
    return moves
