"""Expected against actual over the holdout: by frequency, by tenth of expected spend, and week by week."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from jobs.gold.customer_figures.customer_days import TABLES, customer_days_sql
from jobs.gold.value.choice import Choice
from jobs.gold.value.figures import Figure
from jobs.gold.value.learned import Backtest, by_cohort, cut_fit
from lakehouse.sql.query import Query, Table

MOST_FREQUENT = 7  # customers with as many repeat orders or more are one row
TENTHS = 10
WEEK = 7


def by_frequency(seen: Backtest) -> pd.DataFrame:
    """frequency, customers, mean orders expected and actual; the last row is of that frequency and more."""
    frame = pd.DataFrame(
        {
            "frequency": np.minimum(seen.holdout.frequency, MOST_FREQUENT).astype(int),
            "expected_orders": seen.expected_orders,
            "actual_orders": seen.holdout.next_orders,
        }
    )
    means = frame.groupby("frequency").mean()
    return means.assign(customers=frame.groupby("frequency").size()).reset_index()


def by_decile(seen: Backtest) -> pd.DataFrame:
    """Decile (10 expects most), customers, mean spend expected and actual; equal expectations keep their order."""
    place = np.argsort(np.argsort(seen.expected_spend, kind="stable"), kind="stable")
    frame = pd.DataFrame(
        {
            "decile": place * TENTHS // max(len(place), 1) + 1,
            "expected_spend": seen.expected_spend,
            "actual_spend": seen.holdout.next_spend,
        }
    )
    means = frame.groupby("decile").mean()
    return means.assign(customers=frame.groupby("decile").size()).reset_index()


def weekly_orders_query(cut: date, until: date, holdout: Table) -> Query:
    """The answer of `weekly_orders_sql`.

    Args:
        holdout: the customers as of the cut, by value_facts_query.
    """
    return Query(weekly_orders_sql(cut, until), {**TABLES, "past": holdout}, answers="week INT, orders BIGINT")


def weekly_orders_sql(cut: date, until: date) -> str:
    """Week (1 is the first after the cut) and order days of {past} customers, as a query for both engines."""
    return f"""
        SELECT CAST((datediff(d.order_date, DATE '{cut}') - 1) DIV {WEEK} + 1 AS INT) AS week, count(*) AS orders
        FROM ({customer_days_sql(until, cut + timedelta(days=1))}) d
        JOIN {{past}} p ON d.customer_id = p.customer_id WHERE d.order_count > 0 GROUP BY 1 ORDER BY 1"""


def cumulative(seen: Backtest, chosen: Mapping[str, Choice], weekly: pd.DataFrame, scale: float) -> pd.DataFrame:
    """week, orders up to its end as expected by the plain models and as they came; whole weeks alone.

    Args:
        weekly: week, orders; of all customers.
        scale: customers to each one of the backtest, which may be a sample.
    """
    weeks = np.arange(1, seen.holdout.holdout_days // WEEK + 1)
    figures = tuple(Figure(str(week), seen.holdout.time.ahead(float(WEEK * week))) for week in weeks)
    fits = {name: cut_fit(choice) for name, choice in chosen.items()}
    ahead = by_cohort(seen.holdout.each(), seen.holdout.cohort, fits, figures)
    expected = np.zeros(len(weeks)) if ahead is None else ahead.alive @ ahead.mean
    actual = weekly.set_index("week")["orders"].reindex(weeks, fill_value=0).cumsum()
    return pd.DataFrame({"week": weeks, "expected_orders": expected * scale, "actual_orders": actual.to_numpy(float)})


def errors(seen: Backtest) -> dict[str, float]:
    """Figures of the holdout: totals, mean absolute error and rank correlation, corrected and by the plain models."""
    actual = pd.Series(seen.holdout.next_spend)
    figures = {}
    for name, predicted in (("", seen.expected_spend), ("plain_", seen.plain_spend)):
        expected = pd.Series(predicted)
        figures[f"{name}spend_error"] = float((expected - actual).abs().mean())
        figures[f"{name}spend_rank_correlation"] = float(expected.corr(actual, method="spearman"))
        figures[f"{name}spend_total_ratio"] = float(expected.sum() / actual.sum()) if actual.sum() else float("nan")
    orders = float(seen.holdout.next_orders.sum())
    figures["order_total_ratio"] = float(seen.expected_orders.sum()) / orders if orders else float("nan")
    held = ("order_cover", "order_claim", "spend_cover", "spend_claim")
    figures |= {name: getattr(seen.learned, name) for name in held}
    return {name: value for name, value in figures.items() if np.isfinite(value)}
