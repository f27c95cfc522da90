"""Customers and companies that no model was made for: each has a defined value."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.gold import customer_value
from jobs.gold.settings.customer_value import Settings
from lakehouse.config.layers import Conf
from tests.gold.memory_lake import MemoryLake

AS_OF = date(2026, 6, 30)
SETTINGS = Conf().settings("customer_value", Settings)
FIGURES = ["p_alive", "expected_orders_30d", "expected_orders_365d", "expected_spend_90d", "clv_365d", "residual_value"]


def night(rows: list[tuple[str, int, int, int]], as_of: date = AS_OF) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """A night on rows of customer, days ago, orders and cents; the values by customer, the models, the notes."""
    frame = pd.DataFrame(rows, columns=["account_id", "ago", "order_count", "spend_cents"])
    days = [as_of - timedelta(days=int(n)) for n in frame.pop("ago")]
    refunds = (frame.order_count == 0).astype(int)
    frame = frame.assign(order_date=days, channel="pos", line_count=1, refund_count=refunds, refund_cents=0)
    owners = pd.DataFrame({"account_id": sorted(set(frame.account_id))}).assign(customer_id=lambda d: d.account_id)
    tables = {"customer_order_days": frame, "customer_map": owners}
    lake = MemoryLake(**{name: pa.Table.from_pandas(table, preserve_index=False) for name, table in tables.items()})
    customer_value.run(lake, as_of, SETTINGS)
    value, models = (lake.published[table].to_pandas() for table in customer_value.WRITES)
    return value.set_index("customer_id"), models, lake.notes


def regulars(count: int = 200, days: int = 360) -> list[tuple[str, int, int, int]]:
    """Customers who buy at their own rate until they stop."""
    rng = np.random.default_rng(8)
    rows = []
    for n in range(count):
        gap, ago, stop = rng.gamma(3, 8), days - rng.integers(0, 60), rng.choice([0, 150])
        while ago > stop:
            rows.append((f"c{n}", int(ago), 1, int(rng.gamma(3, 800)) + 1))
            ago -= 1 + rng.exponential(gap)
    return rows


@pytest.fixture(scope="module")
def odd() -> pd.DataFrame:
    rows = [
        ("one order", 100, 1, 4000),
        ("today", 0, 1, 4000),
        ("only refunds", 50, 0, -4000),
        ("the future", -20, 1, 4000),
        ("nothing paid", 200, 1, 100),
        ("nothing paid", 100, 1, 0),
        ("nothing paid", 90, 1, 0),
        ("all taken back", 200, 1, 900),
        ("all taken back", 120, 1, 900),
        ("all taken back", 110, 0, -2500),
        *(("every day", ago, 10_000, 50_000_000) for ago in range(360)),
    ]
    return night([*regulars(), *rows])[0]


@pytest.mark.parametrize("customer", ["one order", "today", "nothing paid", "all taken back", "every day"])
def test_every_buyer_has_a_value_whose_ranges_are_in_order(odd, customer):
    row = odd.loc[customer]

    assert np.isfinite(row[FIGURES].astype(float)).all()
    assert (row[FIGURES].astype(float) >= 0).all()
    for figure in [name.removesuffix("_low") for name in odd if name.endswith("_low")]:
        assert row[f"{figure}_low"] <= row[f"{figure}_high"], figure


def test_who_only_returned_or_orders_in_the_future_is_no_buyer(odd):
    assert not {"only refunds", "the future"} & set(odd.index)


def test_who_took_everything_back_or_paid_nothing_is_expected_to_spend_less_per_order_than_a_newcomer(odd):
    newcomer = odd.loc["one order"].expected_order_spend

    assert odd.loc["all taken back"].expected_order_spend < newcomer
    assert odd.loc["nothing paid"].expected_order_spend < newcomer
    assert odd.loc["all taken back"].mean_spend < 0


def test_no_more_order_days_are_expected_than_there_are_days(odd):
    row = odd.loc["every day"]

    assert row.frequency == 359
    assert row.expected_orders_30d <= 31
    assert row.expected_orders_365d <= 366


def test_a_young_company_has_models_without_a_holdout_and_is_told_so():
    value, models, notes = night(regulars(days=70))

    assert value.expected_spend_90d.notna().all()
    assert models.chosen_on.isna().all()
    assert any("no holdout to learn from" in note for note in notes)


def test_a_small_cohort_has_everybodys_model():
    value, models, _ = night([*regulars(), *((f"new{n}", 10 + n, 1, 3000) for n in range(20))])

    assert value.cohort.nunique() > 1
    assert set(models.cohort) == {"all"}
    assert value.p_alive.notna().all()


def test_too_few_who_came_back_leave_the_value_empty_and_the_note_says_how_many_are_needed():
    value, models, notes = night(regulars(count=20))

    assert value[FIGURES].isna().all(axis=None)
    assert value.frequency.gt(0).any()
    assert not models.is_converged.any()
    assert any("a fit needs at least 30" in note for note in notes)
