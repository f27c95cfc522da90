"""The whole gold room on companies that no method was made for: every job ends, and every customer has a place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.company import FIRST, LAST, OURS, customer_id, gold_night, put
from tests.conftest import places

Bought = tuple[str, int, int, int, str]  # customer, days ago, orders, cents of each, product
PRODUCTS = {"p1": "BREAD", "p2": "MILK", "p3": "SOAP"}


def regulars(count: int = 60) -> list[Bought]:
    """Customers with a rhythm of their own, some of whom stop."""
    rng, bought = np.random.default_rng(1), []
    for n in range(count):
        ago, gap, stop = float(rng.integers(200, 560)), rng.gamma(2.0, 12.0) + 3, rng.choice([0, 150])
        while ago > stop:
            bought.append((f"regular {n}", int(ago), 1, int(rng.gamma(3, 800)) + 1, f"p{rng.integers(1, 4)}"))
            ago -= 1 + rng.exponential(gap)
    return bought


ODD: list[Bought] = [
    ("one order", 100, 1, 4000, "p1"),
    ("only refunds", 50, 1, -4000, "p2"),
    ("the future", -20, 1, 4000, "p1"),
    ("nothing paid", 200, 1, 100, "p1"),
    ("nothing paid", 100, 1, 0, "p1"),
    ("all taken back", 200, 1, 900, "p2"),
    ("all taken back", 110, 1, -2500, "p2"),
    *(("one product", ago, 1, 300, "p3") for ago in range(5, 300, 14)),
    ("thousands a day", 30, 2000, 500, "p1"),
    ("thousands a day", 29, 2000, 500, "p1"),
    ("years between", 3000, 1, 2000, "p1"),
    ("years between", 2, 1, 2000, "p1"),
    ("Ünï 客户 'x' {y} 🙂", 60, 1, 900, "p1"),
    ("Ünï 客户 'x' {y} 🙂", 30, 1, 900, "p1"),
]


@pytest.fixture
def room(spark: SparkSession, tmp_path: Path) -> Any:
    """A gold room run on what was bought: table's short name -> its rows, customers by their names."""

    def run(bought: list[Bought], without_orders: tuple[str, ...] = (), products: bool = True) -> Any:
        conf = Conf(overrides=places(tmp_path))
        lake = Lake(spark, conf, conf.profile.lake, Run("made-up", LAST), Contracts(conf))
        names = sorted({row[0] for row in bought} | set(without_orders))
        publish(lake.for_job("company", "hash"), bought, names, products)
        failed = {name: outcome.error for name, outcome in gold_night(lake).items() if outcome.error}
        assert failed == {}
        by_id = {customer_id(n): name for n, name in enumerate(names)}

        def rows(table: str) -> pd.DataFrame:
            frame = lake.for_job("look", "").read(f"gold.{table}").toPandas()
            return frame.assign(customer=frame.customer_id.map(by_id)).set_index("customer")

        return rows

    return run


def publish(lake: Lake, bought: list[Bought], names: list[str], products: bool) -> None:
    """Silver and identity tables of the company."""
    ids = {name: customer_id(n) for n, name in enumerate(names)}
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for name, ago, count, cents, product in bought:
        day = LAST - timedelta(days=ago)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        for _ in range(count):
            head = {
                "order_id": f"pos:{len(orders)}",
                "account_id": f"pos:{name}",
                "channel": "pos",
                "store_id": "s1",
                "order_date": day,
                **OURS,
            }
            orders.append(
                head
                | {
                    "ordered_at": noon,
                    "order_type": "refund" if cents < 0 else "sale",
                    "currency": "USD",
                    "total_original_cents": cents,
                    "total_cents": cents,
                    "line_count": 1,
                    "is_guest": False,
                }
            )
            lines.append(
                head
                | {
                    "line_number": 1,
                    "product_id": product,
                    "quantity": 1,
                    "sales_cents": cents,
                    "discount_cents": 0,
                    "coupon_cents": 0,
                }
            )
    people = [{"account_id": f"pos:{name}", "channel": "pos", "is_lead": False} for name in names]
    put(lake, "silver.customers", [{**row, "is_event_only": False, **OURS} for row in people])
    put(
        lake,
        "identity.customer_map",
        [
            {**row, "customer_id": ids[name], "match_rule": "alone", "arrived_on": FIRST, "_run_date": LAST}
            for row, name in zip(people, names, strict=True)
        ],
    )
    if products:
        put(
            lake,
            "silver.products",
            [
                {
                    "product_id": key,
                    "product_name": name.lower(),
                    "department": "FOOD",
                    "product_category": name,
                    "product_type": name,
                    **OURS,
                }
                for key, name in PRODUCTS.items()
            ],
        )
    if orders:
        put(lake, "silver.orders", orders)
        put(lake, "silver.order_lines", lines)


def test_odd_customers_have_a_state_a_value_and_a_profile(room):
    rows = room([*regulars(), *ODD], without_orders=("no order",))

    state, value, profile = (rows(table) for table in ("life_cycle", "customer_value", "customer_profile"))
    names = {row[0] for row in ODD} | {"no order"}
    assert names <= set(profile.index)
    never = {"only refunds", "the future", "no order"}
    assert state.state[sorted(never)].tolist() == ["prospect"] * 3
    assert state.state["one order"] == "dormant"  # a hundred days ago, where half were never away for fifty
    assert state.state["one product"] == "loyal"
    assert state.state["years between"] == "won_back"
    assert state.state["all taken back"] == "lost"
    assert not never & set(value.index)
    assert value.expected_spend_90d[sorted(names - never)].astype(float).ge(0).all()
    assert value.expected_orders_30d["thousands a day"] < 31  # days with an order, however many there are in one
    assert profile.order_count["thousands a day"] == 4000


def test_what_was_only_returned_is_nobodys_favourite_and_no_reason(room):
    rows = room([*regulars(3), *ODD])

    favourite = rows("customer_profile").favourite_category
    assert favourite[["only refunds", "all taken back"]].isna().all()
    assert favourite["one product"] == "SOAP"
    assert "only refunds" not in rows("customer_tags").index
    assert rows("recommendations").reason.notna().all()


def test_a_company_whose_customers_all_bought_once_on_one_day_has_segments_and_no_value(room):
    rows = room([(f"c{n}", 10, 1, 100 + n, "p1") for n in range(60)], products=False)

    assert len(rows("customer_rfm")) == len(rows("segments")) == 60
    assert set(rows("life_cycle").state) == {"first_time"}
    assert rows("customer_value").clv_365d.isna().all()


def test_a_company_without_orders_has_prospects_alone(room):
    rows = room([], without_orders=("a", "b", "c"))

    assert set(rows("life_cycle").state) == {"prospect"}
    assert rows("customer_value").empty
    assert set(rows("segments").segment) == {"prospects"}


def test_one_customer_alone_is_a_company(room):
    rows = room([("solo", ago, 1, 1000, "p1") for ago in (300, 250, 200, 20)])

    assert rows("customer_rfm").rfm_segment.notna().all()
    assert rows("life_cycle").state["solo"] == "repeat"
    assert rows("customer_value").p_alive.isna().all()
