"""A small made-up company with two years of habits, as silver and identity tables: what the gold room starts from.

Customers buy in a rhythm of their own, leave at some point, and have favourite departments; butter goes with
bread, and a pram is bought some weeks after the first nappies. Everything comes from a fixed seed.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.ops.history import History
from lakehouse.runs import graph, night

FIRST, LAST = date(2024, 9, 1), date(2026, 3, 31)
DEPARTMENTS = ("GROCERY", "DAIRY", "BAKERY", "PRODUCE", "BABY", "HOUSEHOLD")
CATEGORIES_EACH = 10
BREAD, BUTTER, NAPPIES, PRAM = "p20", "p10", "p40", "p49"
WITH_BREAD, AFTER_NAPPIES, PRAM_DAYS = 0.7, 0.6, 30
OURS = {"_export": "made_up", "_source_file": "made_up", "_source_line": 1, "_run_date": LAST, "quality_flags": []}


def publish_company(lake: Lake, customers: int = 400, seed: int = 7) -> None:
    """Write silver.customers, products, orders and order_lines, and identity.customer_map."""
    rng = np.random.default_rng(seed)
    orders, lines = _orders(customers, rng)
    ids = [customer_id(n) for n in range(customers)]
    put(lake, "silver.products", _products())
    put(
        lake,
        "silver.customers",
        [{"account_id": f"pos:{c}", "channel": "pos", "is_lead": False, "is_event_only": False, **OURS} for c in ids],
    )
    put(
        lake,
        "identity.customer_map",
        [
            {
                "account_id": f"pos:{c}",
                "channel": "pos",
                "customer_id": c,
                "match_rule": "alone",
                "is_lead": False,
                "arrived_on": FIRST,
                "_run_date": LAST,
            }
            for c in ids
        ],
    )
    put(lake, "silver.orders", orders)
    put(lake, "silver.order_lines", lines)


def gold_night(lake: Lake) -> dict[str, night.Outcome]:
    """Run the jobs of the gold room as a night does."""
    outcomes = night.Night(lake, History(lake.root)).run(graph.select(("gold",)))
    lake.flush()
    return {outcome.job.name: outcome for outcome in outcomes}


def customer_id(number: int) -> str:
    """An id of the form that the lake gives."""
    return f"c{number:024x}"


def put(lake: Lake, table: str, rows: list[dict[str, Any]]) -> None:
    """Publish rows; columns that a row does not have are NULL."""
    schema = arrow_schema(lake.contracts[table])
    columns = {field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema}
    lake.publish(table, pa.table(columns, schema=schema), LAST, mode="replace")


def _products() -> list[dict[str, Any]]:
    return [
        {
            "product_id": f"p{d}{c}",
            "product_name": f"product {d}{c}",
            "department": name,
            "brand": "own",
            "product_category": f"{name} {c}",
            "product_type": f"{name} {c}",
            **OURS,
        }
        for d, name in enumerate(DEPARTMENTS)
        for c in range(CATEGORIES_EACH)
    ]


def _orders(customers: int, rng: np.random.Generator) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for n in range(customers):
        taste = rng.dirichlet(np.full(len(DEPARTMENTS), 0.6))
        for day, basket in _baskets(taste, rng):
            order_id = f"pos:{len(orders)}"
            cents = [int(100 + rng.gamma(2.0, 150.0)) for _ in basket]
            head = {
                "order_id": order_id,
                "account_id": f"pos:{customer_id(n)}",
                "channel": "pos",
                "store_id": "s1",
                "order_date": day,
                **OURS,
            }
            orders.append(
                head
                | {
                    "ordered_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
                    "order_type": "sale",
                    "currency": "USD",
                    "total_original_cents": sum(cents),
                    "total_cents": sum(cents),
                    "line_count": len(basket),
                    "is_guest": False,
                }
            )
            lines += [
                head
                | {
                    "line_number": i,
                    "product_id": product,
                    "quantity": 1,
                    "sales_cents": paid,
                    "discount_cents": 20 if rng.random() < taste[0] else 0,
                    "coupon_cents": 0,
                }
                for i, (product, paid) in enumerate(zip(basket, cents, strict=True), start=1)
            ]
    return orders, lines


def _days(rng: np.random.Generator) -> list[date]:
    """Order days: a rhythm of one's own from some day on, until one leaves."""
    span = (LAST - FIRST).days
    day, gap = float(rng.integers(0, span * 2 // 3)), rng.gamma(2.0, 12.0) + 3.0
    leaves = day + rng.exponential(500.0)
    days = []
    while day < min(span, leaves):
        days.append(FIRST + timedelta(days=int(day)))
        day += 1 + rng.exponential(gap)
    return days


def _baskets(taste: np.ndarray, rng: np.random.Generator) -> list[tuple[date, list[str]]]:
    pram_from: date | None = None
    wants_pram, baskets = rng.random() < AFTER_NAPPIES, []
    for day in _days(rng):
        basket = {_product(taste, rng) for _ in range(1 + rng.poisson(2.5))} - {PRAM}
        basket |= {BUTTER} if BREAD in basket and rng.random() < WITH_BREAD else set()
        if wants_pram and pram_from and day >= pram_from:
            basket, wants_pram = basket | {PRAM}, False
        if NAPPIES in basket and pram_from is None:
            pram_from = day + timedelta(days=PRAM_DAYS)
        if basket:
            baskets.append((day, sorted(basket)))
    return baskets


def _product(taste: np.ndarray, rng: np.random.Generator) -> str:
    department = rng.choice(len(DEPARTMENTS), p=taste)
    return f"p{department}{min(int(rng.exponential(3.0)), CATEGORIES_EACH - 1)}"
